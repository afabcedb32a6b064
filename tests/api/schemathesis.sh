#!/usr/bin/env bash
# Requests made from the contract, as an administrator's token sends them, against a running center.
#
# usage: schemathesis.sh https://HOST:PORT TOKEN [EXAMPLES]
#
# Needs schemathesis (pip, in the testbed's environment). Left out: what ends the session or the token that asks, the
# stream that never ends, and the upload, which is a file and not JSON (tests/end_to_end sends those).
set -euo pipefail
url=${1:?usage: schemathesis.sh https://HOST:PORT TOKEN [EXAMPLES]} token=${2:?the token} examples=${3:-25}
schemathesis run "$url/api/v1/openapi.json" --url "$url/api/v1" --tls-verify=false \
    --header "Authorization: Bearer $token" --max-examples "$examples" --seed 1 --workers 1 \
    --request-timeout 10 --phases examples,coverage,fuzzing --suppress-health-check all \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection \
    --exclude-operation-id events --exclude-operation-id logout --exclude-operation-id uploadCapture \
    --exclude-operation-id deleteToken --exclude-operation-id openapi --exclude-operation-id readSample
