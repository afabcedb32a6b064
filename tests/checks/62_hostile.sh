# Traffic that only an enemy sends, at full size, in the settings that are shipped: inside the limits, every loss
# counted, and a well-behaved conversation beside it read whole.
check_hostile() {
    release_has yagura-hostile || return 1
    build/release/yagura-hostile "$root"
}
checks+=(hostile)
