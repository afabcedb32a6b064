# Every operation of the contract, asked by schemathesis as an administrator and as a viewer, on the real programs and
# the recorded plant. The seed is fixed: two runs ask the same.

# In an environment of its own: what it needs may not agree with what the testbed's stacks need.
schemathesis_modules() {
    local folder=build/schemathesis wanted=tests/api/requirements.txt
    cmp -s "$wanted" "$folder/done" && return 0
    /usr/bin/python3 -m venv --clear "$folder" && "$folder/bin/pip" install --progress-bar off -r "$wanted" && cp "$wanted" "$folder/done"
}

check_api_contract() {
    local data port pid code=0 role index asking=() phases
    release_has yagura yagura-center yagura-sensor || return 1
    if ! schemathesis_modules; then
        index=$(build/schemathesis/bin/pip config get global.index-url 2>/dev/null || echo https://pypi.org/simple)
        if curl -sS -o /dev/null --max-time 20 "$index/pip/"; then return 1; fi
        echo "PyPI cannot be reached, so there is no schemathesis"
        return 77
    fi
    data=$(mktemp -d)
    port=$((20000 + RANDOM % 20000))
    build/release/yagura run --demo tests/captures/plant --data "$data/data" --listen "127.0.0.1:$port" >"$data/log" 2>&1 &
    pid=$!
    for _ in $(seq 150); do
        if [[ -s $data/data/first-password ]] && curl -sk -o /dev/null "https://127.0.0.1:$port/"; then break; fi
        sleep 0.2
    done
    if python3 tests/api/sign_in.py "$port" "$data/data" "$data"; then
        for role in admin viewer; do # Side by side: each is one process of Python that waits for one answer.
            # What an operation takes and answers is the same for both; a viewer is refused more of it.
            phases=coverage,fuzzing
            if [[ $role == viewer ]]; then phases=fuzzing\ --max-examples\ 3; fi
            # shellcheck disable=SC2086 # Several words.
            (cd "$data" && mkdir "$role" && cd "$role" && SCHEMATHESIS_HOOKS=$root/tests/api/sensible.py YAGURA_KNOWN=$data/known.json \
                YAGURA_TOKEN=$(cat "$data/$role.token") PYTHONDONTWRITEBYTECODE=1 \
                "$root/build/schemathesis/bin/schemathesis" --config-file "$root/tests/api/schemathesis.toml" \
                run "https://127.0.0.1:$port/api/v1/openapi.json" --url "https://127.0.0.1:$port/api/v1" --checks all --phases $phases) >"$data/$role.log" 2>&1 &
            asking+=($!)
        done
        for role in "${asking[@]}"; do wait "$role" || code=1; done
        tail -n +1 "$data"/{admin,viewer}.log
    else
        code=1
    fi
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    if ((code)) || grep -q '^error' "$data/log"; then
        cat "$data/log"
        return 1
    fi
    rm -rf "$data"
}
checks+=(api_contract)
