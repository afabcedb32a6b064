# The register ledger against the testbed's own files: who wrote what, when, and what it was before.
check_registers() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/registers.py build/release/yagura
}
checks+=(registers)
