# Communication needs and what stops if, of the recorded plant, beside what plant.toml says that everybody does.
check_needs() {
    release_has yagura yagura-center yagura-sensor || return 1
    cp tests/captures/plant/day.truth.json "$logs/day.truth.json" && python3 testbed/needs.py "$logs/day.truth.json" &&
        cmp "$logs/day.truth.json" tests/captures/plant/day.truth.json || return 1
    python3 tests/end_to_end/needs.py build/release/yagura
}
checks+=(needs)
