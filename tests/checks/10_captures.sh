# What `yagura read` says of captures: the project's own, and others' where they are.

# Every capture that there is, under the sanitizers: it ends as the exit rules say.
check_captures_asan() {
    [[ -d $YAGURA_SHARED/captures ]] || { echo "no captures beside the checkout (../shared/captures)"; return 77; }
    python3 tests/read_all.py --program build/asan/yagura "$YAGURA_SHARED/captures" tests/captures
}
check_golden() { python3 tools/golden.py; }
check_dialogues() { python3 tests/dialogues.py; }
check_ground_truth() { python3 tests/ground_truth.py; }
check_oracle() {
    [[ -d $YAGURA_SHARED/captures ]] || { echo "no captures beside the checkout (../shared/captures)"; return 77; }
    [[ -f tools/oracle.py ]] || { echo "no oracle yet"; return 77; }
    YAGURA_SHARED="$YAGURA_SHARED" python3 tools/oracle.py --fields
}
# What devices say about themselves, by tshark, is among what we show of them.
check_identity() {
    [[ -d $YAGURA_SHARED/captures ]] || { echo "no captures beside the checkout (../shared/captures)"; return 77; }
    python3 tests/oracle/identity.py --captures "$YAGURA_SHARED/captures"
}
# No address that is nobody's becomes a device, and each capture has as many as somebody has looked at.
check_ghosts() {
    [[ -d $YAGURA_SHARED/captures ]] || { echo "no captures beside the checkout (../shared/captures)"; return 77; }
    python3 tests/oracle/ghosts.py --captures "$YAGURA_SHARED/captures"
}
checks+=(captures_asan golden dialogues ground_truth oracle identity ghosts)
# The main conversations of every capture have the name that tshark or a person gives them.
check_recognition() {
    [[ -d $YAGURA_SHARED/captures ]] || { echo "no captures beside the checkout (../shared/captures)"; return 77; }
    python3 tests/oracle/recognition.py --captures "$YAGURA_SHARED/captures"
}
checks+=(recognition)
