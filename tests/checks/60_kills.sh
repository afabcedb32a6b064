# kill -9 of any program at any moment, under load. YAGURA_KILLS=50 for all of them.
check_kills() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/kills.py build/release/yagura --kills "${YAGURA_KILLS:-12}"
}
checks+=(kills)
