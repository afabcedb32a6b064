# The confined sensor over a flood of connections, with one worker and with two.
check_flood() {
    release_has yagura-sensor || return 1
    python3 tests/end_to_end/flood.py build/release/yagura-sensor
}
checks+=(flood)
