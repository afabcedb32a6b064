# The risk of every device of the recorded plant, computed again from what is shown, and actions that do what they foretell.
check_risk() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/risk.py build/release/yagura
}
checks+=(risk)
