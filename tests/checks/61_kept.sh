# Captures that people bring, the first password, backup and restore.
check_kept() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/kept.py build/release/yagura
}
checks+=(kept)
