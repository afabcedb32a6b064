# Documents that programs write are what the programs write today.
check_docs_made() {
    build/release/yagura explain-config | diff -u docs/settings/yagura.md - ||
        { echo "next: build/release/yagura explain-config >docs/settings/yagura.md"; return 1; }
}
checks+=(docs_made)

# Every problem of the API has its page, and every page a problem.
check_complaints() { python3 tools/complaints.py; }
checks+=(complaints)

# What tools/new writes compiles without a warning and is formatted as everything else.
check_new_protocol() {
    local made
    made=$(mktemp -d)
    tools/new protocol example_bus --over udp:4321 --title "Example Bus" --root "$made" &&
        clang-format-19 --style=file:.clang-format --dry-run --Werror "$made/spine/dissect/protocols/example_bus.cpp" &&
        g++ -std=c++23 -fsyntax-only -Wall -Wextra -Wconversion -Wshadow -Werror -Wno-missing-field-initializers -I. \
            "$made/spine/dissect/protocols/example_bus.cpp"
    local code=$?
    rm -rf "$made"
    return $code
}
checks+=(new_protocol)

# The table of protocols says what the program's registry says.
check_protocol_index() { python3 tools/protocol_index.py --check; }
checks+=(protocol_index)
