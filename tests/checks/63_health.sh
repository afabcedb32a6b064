# Trouble that was put into a capture is found by the real programs, all of it and nothing else, and kill -9 keeps it.
check_health() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/health.py build/release/yagura
}
checks+=(health)

# What is found in every capture was looked at by a person: nothing false, and nothing lost.
check_health_reviewed() {
    python3 tests/health/reviewed.py build/release/yagura "$YAGURA_SHARED"
}
checks+=(health_reviewed)
