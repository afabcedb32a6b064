#!/usr/bin/env python3
"""Independent stacks have talked on a cable (testbed/dialogue.py) and wrote down what they would say: is it what we read?

usage: dialogues.py [--program build/release/yagura] [FOLDER]

Each line of NAME.truth.ndjson has to be found in the capture: an operation with all of its members, or an identity among the
evidence of the device with that address.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def read(program, capture, what, form):
    done = subprocess.run([program, "read", str(capture), "--what", what, "--format", form], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()] if form == "ndjson" else json.loads(done.stdout)


def same(have, want):
    if isinstance(want, float) and isinstance(have, (int, float)):
        return math.isclose(have, want, rel_tol=1e-6)
    return have == want


def found(truth, operations, assets):
    if "attribute" in truth:
        return any(one["attribute"] == truth["attribute"] and one["value"] == truth["value"]
                   for asset in assets if truth["ip"] in asset.get("ips", []) for one in asset.get("evidence", []))
    return any(all(same(one.get(name), want) for name, want in truth.items()) for one in operations)


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--program", default=str(ROOT / "build/release/yagura"))
    options.add_argument("folder", nargs="?", default=str(ROOT / "tests/captures/dialogues"))
    wanted = options.parse_args()
    captures = sorted(pathlib.Path(wanted.folder).glob("*.pcap.zst"))
    if not captures:
        sys.exit(f"error: there are no dialogues in {wanted.folder}")
    told = wrong = 0
    for capture in captures:
        name = capture.name.removesuffix(".pcap.zst")
        truths = [json.loads(line) for line in capture.with_name(f"{name}.truth.ndjson").read_text().splitlines()]
        operations, assets = read(wanted.program, capture, "operations", "ndjson"), read(wanted.program, capture, "assets", "json")
        missing = [truth for truth in truths if not found(truth, operations, assets)]
        told, wrong = told + len(truths), wrong + len(missing)
        for truth in missing:
            print(f"{name}: not read: {json.dumps(truth, ensure_ascii=False)}")
    print(f"dialogues: {len(captures)} between independent stacks, {told} things said, {wrong} not read")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
