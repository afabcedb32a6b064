# Documents that programs write are what the programs write today.
check_docs_made() {
    build/release/yagura explain-config | diff -u docs/settings/yagura.md - ||
        { echo "next: build/release/yagura explain-config >docs/settings/yagura.md"; return 1; }
}
checks+=(docs_made)

# Every problem of the API has its page, and every page a problem.
check_complaints() { python3 tools/complaints.py; }
checks+=(complaints)
