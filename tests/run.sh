#!/usr/bin/env bash
# Every test, in order of how soon it tells (some beside the others, told last); called by ./yagura test, which has set up before.
#
#   tests/run.sh            all of them
#   tests/run.sh NAME...    only those
#   tests/run.sh --list     their names
#
# A check is a function check_NAME: 0 passed, 77 skipped (its last line says why), anything else failed.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
logs=$root/build/log/tests
mkdir -p "$logs"
jobs=$(nproc)
export CCACHE_DIR=${CCACHE_DIR:-$HOME/.cache/ccache}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0} UBSAN_OPTIONS=print_stacktrace=1
export YAGURA_SHARED=${YAGURA_SHARED:-$root/../shared}

sources() { git ls-files -co --exclude-standard '*.cpp' '*.h'; }
configured() { [[ -f build/$1/build.ninja ]] || cmake --preset "$1"; }
# The shipped programs that a check runs. One build at a time: checks run beside each other.
release_has() { mkdir -p build && flock build/release.lock bash -c "$(declare -f configured)"' && configured release && cmake --build --preset release -j "$0" --target "$@"' "$jobs" "$@"; }

# --- seconds ---------------------------------------------------------------------------------------
check_format() { sources | xargs -r clang-format-19 --dry-run --Werror; }
check_layers() { python3 tools/check_layers.py && python3 tools/check_layers_test.py; }
check_words() { python3 tools/check_words.py; }
check_commits() { python3 tools/check_commits.py; }

# --- builds ----------------------------------------------------------------------------------------
check_build_release() { configured release && cmake --build --preset release -j "$jobs"; }
check_build_asan() { configured asan && cmake --build --preset asan -j "$jobs"; }
check_build_console() {
    [[ -f console/package.json ]] || { echo "there is no console yet"; return 77; }
    (cd console && npm run build)
}

# --- tests -----------------------------------------------------------------------------------------
# One worker beside four on every capture is a question of threads: below.
check_unit_asan() { GTEST_FILTER=-Captures.OneWorkerAndFourSayTheSame ctest --preset asan -j "$jobs"; }
check_threads_tsan() {
    local targets name
    configured tsan || return 1
    # What has threads: readers of one stream, the ring and the pipe, the pipeline's file run, the store, the server.
    # The longest first: as many run at a time as there are processors. The other tests of the store and of the
    # pipeline have one thread; they are built with the other sanitizers alone (THREADED in their CMakeLists.txt).
    targets=(spine_worker_test spine_store_test spine_capture_test spine_journal_test spine_api_test)
    cmake --build --preset tsan -j "$jobs" --target "${targets[@]}" || return 1
    # TheShortWay... has one.
    for name in "${targets[@]}"; do find build/tsan -name "$name" -type f -perm -u+x -print0; done |
        GTEST_FILTER=-Captures.TheShortWayToAHostPairAgreesWithTheLongOne \
        xargs -0 -P "$jobs" -n 1 sh -c '"$1" --gtest_brief=1 >"$1.log" 2>&1; code=$?; cat "$1.log"; exit $code' sh
}

checks=(format layers words commits build_release build_console build_asan unit_asan threads_tsan)
for extra in "$root"/tests/checks/*.sh; do # In the order of their numbers.
    [[ -e $extra ]] || continue
    # shellcheck source=/dev/null
    source "$extra"
done

if [[ ${1:-} == --list ]]; then
    printf '%s\n' "${checks[@]}"
    exit 0
fi
wanted=("${@:-${checks[@]}}")
if (($# == 0)); then wanted=("${checks[@]}"); fi

# Runs one, with its output in its log, and leaves its code, its seconds and those of a processor beside it. In a shell of its
# own, which counts nobody else's.
run_check() (
    log=$logs/$1.log start=$SECONDS TIMEFORMAT='%0U %0S'
    rm -f "$logs/$1.result"
    { time { (set -e; "check_$1") >"$log" 2>&1 </dev/null; }; } 2>"$logs/$1.time"
    code=$?
    # The last line: a shell that was killed says so before it.
    read -r user system < <(tail -n 1 "$logs/$1.time")
    [[ $user$system =~ ^[0-9]+$ ]] || user=0 system=0
    echo "$code $((SECONDS - start)) $((user + system))" >"$logs/$1.result.new" && mv "$logs/$1.result.new" "$logs/$1.result"
)

# These wait for a browser, for programs that start, for one processor, more than they use both: where more than they are
# asked for, they run beside the others, two at a time, once what they look at is built.
declare -A waits=([browser]=1 [browser_ledger]=1 [browser_health]=1 [browser_weaknesses]=1 [browser_words]=1 [browser_approvals]=1 [kills]=1 [kept]=1 [api_contract]=1 [hostile]=1 [ledger]=1 [health]=1 [comments]=1 [registers]=1 [needs]=1 [sight]=1 [approvals]=1 [risk]=1 [ask]=1 [weaknesses]=1 [package]=1)
# These count what a busy machine drops: nothing runs beside them.
declare -A alone=([flood]=1 [sensor_live]=1)
beside=() others=() last=()
for name in "${wanted[@]}"; do
    if ! declare -F "check_$name" >/dev/null; then
        echo "error: there is no test '$name'; ./yagura test --list names them" >&2
        exit 2
    fi
    rm -f "$logs/$name.result"
    if [[ -n ${waits[$name]:-} ]]; then beside+=("$name"); elif [[ -n ${alone[$name]:-} ]]; then last+=("$name"); else others+=("$name"); fi
done
others+=("${last[@]}")
lane=
# Takes what nobody has taken yet.
take_beside() {
    local name
    for name in "${beside[@]}"; do if mkdir "$logs/$name.taken" 2>/dev/null; then run_check "$name"; fi; done
}
start_beside() {
    ((${#beside[@]})) || return 0
    rm -rf "$logs"/*.taken
    set -m # A process group of its own, so that whoever stops the tests stops its programs too.
    (set +m; take_beside & take_beside; wait) </dev/null &
    lane=$!
    set +m
}
beside_runs() { [[ -n $lane ]] && kill -0 "$lane" 2>/dev/null; }
trap 'if beside_runs; then kill -- -"$lane"; fi' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 skipped=0 failures=()
begun=$SECONDS
tell() { # name, code, seconds, seconds of a processor
    local log=$logs/$1.log
    case $2 in
        0) printf '  ✓ %-40s %4d s %6d s of a processor\n' "$1" "$3" "$4"; passed=$((passed + 1)) ;;
        77) printf '  - %-40s skipped: %s\n' "$1" "$(tail -n 1 "$log")"; skipped=$((skipped + 1)) ;;
        *)
            printf '  ✗ %-40s %4d s   %s\n' "$1" "$3" "${log#"$root"/}"
            tail -n 60 "$log" | sed 's/^/      /'
            failed=$((failed + 1))
            failures+=("$1")
            ;;
    esac
}

echo "Testing"
last_build=
for name in "${others[@]}"; do if [[ $name == build_release || $name == build_console ]]; then last_build=$name; fi; done
if [[ -z $last_build ]]; then start_beside; fi
for name in "${others[@]}"; do
    if [[ -n ${alone[$name]:-} ]]; then while beside_runs; do sleep 0.2; done; fi
    run_check "$name"
    if [[ ! -s $logs/$name.result ]]; then echo "1 0 0" >"$logs/$name.result"; fi
    tell "$name" $(<"$logs/$name.result")
    if [[ $name == "$last_build" ]]; then start_beside; fi
done
for name in "${beside[@]}"; do
    while [[ ! -s $logs/$name.result ]] && beside_runs; do sleep 0.2; done
    if [[ ! -s $logs/$name.result ]]; then echo "1 0 0" >"$logs/$name.result"; fi
    tell "$name" $(<"$logs/$name.result")
done
printf 'tests took %d s\n' $((SECONDS - begun))
if ((failed)); then printf 'failed: %s\n' "${failures[*]}"; fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
