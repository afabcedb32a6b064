# The console: its units, and every page in Chromium against the real programs on the recorded plant.

check_console_units() {
    [[ -d console/node_modules ]] || { echo "the console's packages are not installed"; return 77; }
    (cd console && node dev/check_node.mjs && npm test)
}

# What `./yagura demo` starts, on a port and in a folder of its own; "$1" of tests/browser looks at it. Several with a comma
# between look at the same one after the other, by the password that the first of them chose. Pictures are taken where
# YAGURA_SHOTS names a folder for them.
browse_demo() {
    command -v chromium >/dev/null || { echo "there is no chromium"; return 77; }
    release_has yagura yagura-center yagura-sensor || return 1
    [[ -d console/dist ]] || (cd console && npm run build) || return 1
    local scripts=$1 script password data port pid code=0
    shift
    data=$(mktemp -d)
    port=$((20000 + RANDOM % 20000))
    build/release/yagura run --demo tests/captures/plant --data "$data" --listen "127.0.0.1:$port" >"$data.log" 2>&1 &
    pid=$!
    for _ in $(seq 150); do
        if [[ -s $data/first-password ]] && curl -sk -o /dev/null "https://127.0.0.1:$port/"; then break; fi
        sleep 0.2
    done
    sleep 8 # The captures are read: pages are looked at full.
    password=$(cat "$data/first-password")
    for script in ${scripts//,/ }; do
        node "tests/browser/$script" --url "https://127.0.0.1:$port" --password "$password" \
            ${YAGURA_SHOTS:+--shots "$YAGURA_SHOTS"} "$@" || code=$?
        password="tower over the rice field 7" # As browser.mjs's begin() says.
    done
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null || true
    if ((code)) || grep -q '^error' "$data.log"; then
        cat "$data.log"
        return 1
    fi
    rm -rf "$data" "$data.log"
}
check_browser() { browse_demo run.mjs --capture tests/captures/plant/incident.pcap.zst; }
check_browser_ledger() { browse_demo ledger.mjs; }
check_browser_weaknesses() { browse_demo weaknesses.mjs; }
check_browser_approvals() { browse_demo approvals.mjs; }
check_browser_words() { browse_demo words.mjs,registers.mjs; }
check_browser_health() {
    local capture code=0
    capture=$(mktemp --suffix .pcap)
    (cd tests/end_to_end && python3 -c "import health, sys; sys.stdout.buffer.write(health.plant().pcap())") >"$capture"
    browse_demo health.mjs --capture "$capture" || code=$?
    rm -f "$capture"
    return $code
}
checks+=(console_units browser browser_ledger browser_weaknesses browser_approvals browser_words browser_health)
