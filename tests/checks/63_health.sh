# What is found in every capture was looked at by a person: nothing false, and nothing lost.
check_health_reviewed() {
    python3 tests/health/reviewed.py build/release/yagura "$YAGURA_SHARED"
}
checks+=(health_reviewed)
