# The files that the ledger's tests read are what others' programs write today from tests/ledger/make.py, byte for byte.
check_ledger_files() {
    local folder=build/ledger wanted=tests/ledger/requirements.txt made index
    if ! { cmp -s "$wanted" "$folder/done" || { /usr/bin/python3 -m venv --clear "$folder" &&
        "$folder/bin/pip" install --progress-bar off -r "$wanted" && cp "$wanted" "$folder/done"; }; }; then
        index=$("$folder/bin/pip" config get global.index-url 2>/dev/null || echo https://pypi.org/simple)
        if curl -sS -o /dev/null --max-time 20 "$index/pip/"; then return 1; fi
        echo "PyPI cannot be reached, so there is no openpyxl"
        return 77
    fi
    made=$(mktemp -d)
    "$folder/bin/python" tests/ledger/make.py "$made" && diff -r -x '*.py' -x '*.txt' -x '__pycache__' tests/ledger "$made" && rm -rf "$made"
}
checks+=(ledger_files)
