# A ledger of 3,000 rows beside a plant of 3,000 devices: every planted difference is found, and nothing else.
check_ledger() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/ledger.py build/release/yagura
}
checks+=(ledger)
