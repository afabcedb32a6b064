# Who may be on the network, and merges and splits taken back, against a center that runs.
check_approvals() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/approvals.py build/release/yagura
}
checks+=(approvals)
