# The public set of advisories against a plant that says what it is: true matches with frames, and nobody wrongly affected.
check_weaknesses() {
    [[ -d $YAGURA_SHARED/refdata/csaf ]] || { echo "no advisories beside the checkout (../shared/refdata)"; return 77; }
    release_has yagura yagura-center yagura-sensor || return 1
    python3 tests/end_to_end/weaknesses.py build/release/yagura
}
checks+=(weaknesses)
