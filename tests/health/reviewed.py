#!/usr/bin/env python3
"""Every finding of network health in every capture stands in reviewed.tsv, where a person who looked at the packets wrote
why it is true; and every finding that stands there is found.

usage: reviewed.py YAGURA SHARED [--write]     SHARED: others' captures, skipped where they are not there
"""

import csv
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TABLE = pathlib.Path(__file__).with_name("reviewed.tsv")
ENDINGS = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".pcap.zst", ".pcapng.zst")
LARGEST = 400 << 20


def found(yagura, folder, name):
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or not file.name.endswith(ENDINGS) or file.stat().st_size > LARGEST:
            continue
        told = subprocess.run([yagura, "read", "--what", "health", "--format", "ndjson", "--labels", "none", str(file)], capture_output=True, text=True)
        for line in told.stdout.splitlines():
            one = json.loads(line)
            who = " ".join(f"{party['role']}:{party.get('mac') or party.get('ip')}" for party in one["parties"][:3])
            yield (f"{name}/{file.relative_to(folder)}", one["kind"], one["severity"], one["subject"] or who, who)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    yagura, shared = sys.argv[1], pathlib.Path(sys.argv[2]) / "captures"
    places = [(ROOT / "tests/captures", "tests")] + ([(shared, "shared")] if shared.is_dir() else [])
    rows = [row for folder, name in places for row in found(yagura, folder, name)]
    known = {}
    if TABLE.exists():
        with open(TABLE, newline="") as file:
            known = {tuple(row[:4]): row[4] for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")}
    if "--write" in sys.argv:
        with open(TABLE, "w", newline="") as file:
            out = csv.writer(file, delimiter="\t", lineterminator="\n")
            out.writerow(["# capture", "kind", "severity", "about", "what the packets show"])
            for row in sorted(set(row[:4] for row in rows)):
                out.writerow([*row, known.get(row, "?")])
    wrong = 0
    for row in rows:
        if known.get(row[:4], "?") in ("", "?"):
            wrong += 1
            print("not reviewed:", *row, sep="\t")
    names = {name for _, name in places}
    for row in known.keys() - {row[:4] for row in rows}:
        if row[0].split("/")[0] in names:
            wrong += 1
            print("not found any more:", *row, sep="\t")
    print(f"{len(rows)} findings, {wrong} of them not as reviewed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
