# clang-tidy over the sources that the last commits touched: all of them would take half an hour of two cores
# (./yagura tidy). YAGURA_TIDY_BASE names another base; a checkout without history is skipped in words.
check_tidy() {
    local base=${YAGURA_TIDY_BASE:-} files
    [[ -n $base ]] || base=$(git rev-parse --verify -q HEAD~3) || { echo "this checkout has no history to compare with"; return 77; }
    mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- 'spine/*.cpp' 'see/*.cpp' 'apps/*.cpp' 'fuzz/*.cpp' ':!*_test.cpp')
    ((${#files[@]})) || { echo "no source was touched since $base"; return 0; }
    ((${#files[@]} <= 8)) || { echo "${#files[@]} files were touched; the first 8 are looked at here, the rest by ./yagura tidy"; files=("${files[@]:0:8}"); }
    tidy "${files[@]}"
}
tidy() {
    # clang reads g++'s command lines, without the warnings that only g++ knows, and without its precompiled headers: what
    # forgets an include is told here.
    configured release && cmake --build --preset release -j "$jobs" --target spine_api >/dev/null || return 1
    tools/tidy_commands.sh
    printf '%s\n' "$@" | xargs -P "$jobs" -n 1 clang-tidy-19 --quiet -p build/tidy --extra-arg=-Wno-unknown-warning-option
}
checks+=(tidy)
