# Lists of device comments of six tools beside the recorded plant: whose they are is found, and their words stand everywhere.
check_comments() {
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/comments.py build/release/yagura
}
checks+=(comments)
