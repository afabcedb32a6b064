# What is seen and what is not, of a plant of which some was taken out of the recording.
check_sight() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/sight.py build/release/yagura
}
checks+=(sight)
