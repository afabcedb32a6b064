# Traffic that only an enemy sends, at full size, in the settings that are shipped: inside the limits, every loss
# counted, and a well-behaved conversation beside it read whole.
check_hostile() {
    configured release && cmake --build --preset release -j "$jobs" --target yagura-hostile || return 1
    build/release/yagura-hostile "$root"
}
checks+=(hostile)
