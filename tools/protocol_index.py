#!/usr/bin/env python3
"""Makes docs/protocols/README.md: each protocol as the program's registry says it, and what captures have exercised of it.

usage: protocol_index.py [--program build/release/yagura] [--check]

Functions and messages are counted over the project's captures and, where they are, those of ../shared/captures. --check
compares what the registry says only: which captures there are depends on the machine.
"""

import argparse
import collections
import concurrent.futures
import functools
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/protocols/README.md"
HEAD = """# Protocols

Made by `tools/protocol_index.py`; do not edit. `yagura protocols` lists the same. Depth: *recognised*, the structure of both sides is
checked; *acts*, functions are named and mapped, identity is read; *deep*, objects and values too. Posture: *fresh* until its page says
which fuzzing, captures and review made it *hardened*. Ports are hints. *Seen* is what captures of real devices and stacks have
exercised: functions by their codes, messages, files.

| protocol | what it is | depth | posture | over | longest message | specification | seen | fuzzed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def registry(program):
    return json.loads(subprocess.run([program, "protocols", "--format", "json"], capture_output=True, text=True, check=True).stdout)


def read(program, file):
    done = subprocess.run([program, "read", str(file), "--what", "protocols", "--format", "json"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else []


def seen(program):
    files = [file for folder in (ROOT / "tests/captures", ROOT.parent / "shared/captures") if folder.is_dir()
             for file in folder.rglob("*") if ".pcap" in file.name]
    functions, messages, captures = collections.defaultdict(set), collections.Counter(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for rows in pool.map(functools.partial(read, program), files):
            for row in rows:
                functions[row["protocol"]] |= {one["code"] for one in row["functions"]}
                messages[row["protocol"]] += row["messages"]
                captures[row["protocol"]] += 1
    return functions, messages, captures


def said(row):
    """The cells that the registry alone decides."""
    page = f"[{row['protocol']}]({row['protocol']}.md)" if (PAGE.parent / f"{row['protocol']}.md").exists() else row["protocol"]
    return [page, row["title"], row["depth"], row["posture"], row["over"], f"{row['message_most']:,}", row["specification"]]


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--program", default=str(ROOT / "build/release/yagura"))
    options.add_argument("--check", action="store_true")
    wanted = options.parse_args()
    rows = registry(wanted.program)
    if wanted.check:
        lines = PAGE.read_text().splitlines() if PAGE.exists() else []
        there = [[cell.strip() for cell in line.strip("| ").split(" | ")][:7] for line in lines if line.startswith("| ")][2:]
        if there != [said(row) for row in rows]:
            sys.exit("docs/protocols/README.md is not what the program says\n  next:  tools/protocol_index.py")
        return
    functions, messages, captures = seen(wanted.program)
    fuzzed = dict(line.split("\t")[:2] for line in (ROOT / "docs/fuzzing.tsv").read_text().splitlines()[1:])
    out = HEAD
    for row in rows:
        name = row["protocol"]
        counts = ((len(functions[name]), "function"), (messages[name], "message"), (captures[name], "file"))
        exercised = ", ".join(f"{count:,} {word}{'s' * (count != 1)}" for count, word in counts) if messages[name] else "nothing"
        out += "| " + " | ".join([*said(row), exercised, f"{fuzzed.get(name, 0)} s"]) + " |\n"
    PAGE.write_text(out)


if __name__ == "__main__":
    main()
