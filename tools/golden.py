#!/usr/bin/env python3
"""Compares what `yagura read` says of the project's captures with what somebody has looked at and checked in.

usage: golden.py [--program PATH] [--update] [NAME...]

For each tests/captures/plant/NAME.pcap[ng][.zst] the files NAME.protocols.json, NAME.assets.json, NAME.stats.json and, for
small captures, NAME.operations.ndjson beside it. --update writes them; a person reads the diff. With one worker and with
four: the answers have to be the same.
"""

import argparse
import difflib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMALL = 600_000  # bytes: past it, a line per message is not for reading


def captures(names):
    for file in sorted((ROOT / "tests/captures/plant").rglob("*.pcap*")):
        stem = file.name.split(".pcap")[0]
        if not names or stem in names:
            yield file, stem


def read(program, file, what, workers):
    words = [program, "read", file, "--what", what, "--format", "ndjson" if what == "operations" else "json", "--workers", str(workers)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr}")
    if what == "operations":
        return done.stdout
    content = json.loads(done.stdout)
    if what == "stats":
        content.pop("workers")
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", default=ROOT / "build/release/yagura")
    options.add_argument("--update", action="store_true")
    options.add_argument("name", nargs="*")
    wanted = options.parse_args()
    wrong = compared = 0
    for file, stem in captures(wanted.name):
        small = file.stat().st_size < SMALL and (file.suffix != ".zst" or file.stat().st_size < SMALL / 6)
        for what in ["protocols", "assets", "stats"] + (["operations"] if small else []):
            goal = file.parent / f"{stem}.{what}.{'ndjson' if what == 'operations' else 'json'}"
            said = read(wanted.program, file, what, 1)
            if wanted.update:
                goal.write_text(said)
                continue
            compared += 1
            for workers, answer in ((1, said), (4, read(wanted.program, file, what, 4))):
                known = goal.read_text() if goal.exists() else ""
                if answer != known:
                    wrong += 1
                    print(f"{goal.relative_to(ROOT)} with {workers} workers:")
                    print(*list(difflib.unified_diff(known.splitlines(), answer.splitlines(), "checked in", "now", lineterm="", n=1))[:40], sep="\n")
    if not wanted.update:
        print(f"golden: {compared} files compared, {wrong} answers differ")
    return 1 if wrong or (compared == 0 and not wanted.update) else 0


if __name__ == "__main__":
    sys.exit(main())
