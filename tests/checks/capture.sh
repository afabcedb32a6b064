# Checks of spine/capture besides its unit tests; sourced by tests/run.sh.

# Every frame of every capture we have, beside tshark.
check_oracle_frames() {
    release_has yagura-frame-lines || return 1
    python3 tests/oracle/frames.py build/release/yagura-frame-lines
}
checks+=(oracle_frames)

# On a cable in a network namespace: nothing can be sent, live is offline, losses are counted exactly.
check_sensor_live() {
    release_has yagura-sensor || return 1
    python3 tests/end_to_end/live.py build/release/yagura-sensor
}
checks+=(sensor_live)
