#!/usr/bin/env python3
"""Complains about commit subjects that do not have the form of ARCHITECTURE's part on commits.

usage: check_commits.py [RANGE]     default: the last 200 commits of HEAD
"""

import re
import subprocess
import sys

FORM = re.compile(r"^[a-z][a-z0-9_.-]*(/[a-z0-9_.-]+)*: [A-Z].*[^.]$")
WEASEL = re.compile(r": (Fix|Refactor|Update|Misc|WIP|Cleanup)\b")


def main():
    chosen = [sys.argv[1]] if len(sys.argv) > 1 else ["-200"]
    log = subprocess.run(["git", "log", "--no-merges", "--format=%h %s", *chosen], capture_output=True, text=True)
    if log.returncode != 0:
        print(f"commits: git log did not work: {log.stderr.strip()}")
        return 77  # A checkout without history (a tarball) has nothing to check.
    wrong = []
    for line in log.stdout.splitlines():
        short, subject = line.split(" ", 1)
        if len(subject) > 72:
            wrong.append(f"{short}: {len(subject)} characters, more than 72: {subject}")
        elif not FORM.match(subject):
            wrong.append(f"{short}: not 'area: Imperative sentence without a full stop': {subject}")
        elif WEASEL.search(subject):
            wrong.append(f"{short}: say what changes, not fix, refactor or update: {subject}")
    print("\n".join(wrong) if wrong else "commits: ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
