# Eight stacks of other people are asked who they are, in network namespaces; tshark names every frame that left.
check_ask() {
    local folder=build/ask wanted=tests/ask/requirements.txt index
    release_has yagura yagura-center yagura-sensor yagura-ask || return 1
    if ! { cmp -s "$wanted" "$folder/done" || { /usr/bin/python3 -m venv --clear "$folder" &&
        "$folder/bin/pip" install --progress-bar off -r "$wanted" && cp "$wanted" "$folder/done"; }; }; then
        index=$("$folder/bin/pip" config get global.index-url 2>/dev/null || echo https://pypi.org/simple)
        if curl -sS -o /dev/null --max-time 20 "$index/pip/"; then return 1; fi
        echo "PyPI cannot be reached, so there is nobody to ask"
        return 77
    fi
    python3 tests/end_to_end/ask.py build/release/yagura "$folder"
}
checks+=(ask)
