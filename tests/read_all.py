#!/usr/bin/env python3
"""Runs `yagura read` over every file of some folders and checks that it ends as docs/command-line.md says.

usage: read_all.py [--program PATH] FOLDER...

0, or 0 with `damaged:` on standard error, or 1 with a complaint that has a code. Anything else, a sanitizer's report or
more than 60 s is a failure. --what assets (the whole way) and --what operations (each message as JSON) are asked.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

CAPTURE = (".pcap", ".pcapng", ".cap", ".gz", ".zst")


def ask(program, file, what):
    words = [program, "read", file, "--what", what, "--format", "ndjson" if what == "operations" else "json"]
    try:
        done = subprocess.run(words, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "took more than 60 s"
    error = done.stderr.decode("utf-8", "replace")
    if re.search(r"Sanitizer|runtime error", error):
        return error[-3000:]
    if done.returncode == 1:
        return None if "code:" in error else f"ended with 1 and no complaint: {error[-500:]}"
    if done.returncode != 0:
        return f"ended with {done.returncode}: {error[-2000:]}"
    if error and "damaged:" not in error:
        return f"said on standard error: {error[-500:]}"
    try:
        text = done.stdout.decode("utf-8")
        for line in text.splitlines() if what == "operations" else [text]:
            json.loads(line)
    except ValueError as bad:
        return f"did not print JSON: {bad}"
    return None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", required=True)
    options.add_argument("folder", nargs="+")
    wanted = options.parse_args()
    files = [p for folder in wanted.folder for p in sorted(pathlib.Path(folder).rglob("*")) if p.suffix in CAPTURE]
    files.sort(key=lambda file: -file.stat().st_size)  # Or a processor waits while the other reads the last large one.
    jobs = [(file, what) for file in files for what in ("assets", "operations")]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (file, what), wrong in zip(jobs, pool.map(lambda job: ask(wanted.program, *job), jobs)):
            if wrong:
                bad += 1
                print(f"{file} --what {what}: {wrong}")
    print(f"{len(files)} captures read twice, {bad} wrong ends")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
