# Checks of spine/capture besides its unit tests; sourced by tests/run.sh.

# Every frame of every capture we have, beside tshark.
check_oracle_frames() {
    configured release && cmake --build --preset release -j "$jobs" --target yagura-frame-lines || return 1
    python3 tests/oracle/frames.py build/release/yagura-frame-lines
}
checks+=(oracle_frames)
