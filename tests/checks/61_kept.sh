# Captures that people bring, the first password, backup and restore.
check_kept() {
    configured release && cmake --build --preset release -j "$jobs" --target yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/kept.py build/release/yagura
}
checks+=(kept)
