# A protocol that nobody knows, from its packets by its shape and its description to named acts.
check_unknown() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/unknown.py build/release/yagura
}
checks+=(unknown)
