# Fuzzing of what was touched: a target whose sources are not those that docs/fuzzing.tsv was written for. The
# corpora are replayed by every build of the tests (fuzz_corpus).
check_fuzz_touched() {
    local touched
    touched=$(python3 tools/fuzz.py --touched --list) || return 1
    [[ -n $touched ]] || { echo "no target was touched since docs/fuzzing.tsv was written"; return 0; }
    echo "touched: $touched"
    configured fuzz && cmake --build --preset fuzz -j "$jobs" --target yagura-fuzz && python3 tools/fuzz.py --touched
}
checks+=(fuzz_touched)
