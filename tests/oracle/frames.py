#!/usr/bin/env python3
"""Compares the frames that we read with those that tshark reads, file by file: number, time to the
nanosecond, both lengths, interface, link type, and whether the file is damaged.

usage: frames.py YAGURA_FRAME_LINES [FILE...]     without files: all of ../shared/captures
exit: 0 equal, 1 different, 77 skipped (no captures, or no sharkd, tshark and capinfos here)
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

import sharkd

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIELDS = ("frame.number", "frame.time_epoch", "frame.cap_len", "frame.len", "frame.interface_id")
# capinfos' short names of wiretap's encapsulations, as LINKTYPE_ numbers.
LINKS = {"ether": 1, "null": 0, "rawip": 101, "linux-sll": 113, "linux-sll2": 276, "user0": 147, "user7": 154,
         "user15": 162, "rtac-serial": 250, "socketcan": 227, "can": 190, "ieee-802-11-radiotap": 127,
         "ieee-802-11": 105, "usb-linux-mmap": 220, "usb-linux": 189, "usb-usbpcap": 249, "ppp": 9,
         "nflog": 239, "wpan-tap": 283, "wpan": 195, "wpan-nofcs": 230, "wpan-nonask-phy": 215,
         "bacnet-ms-tp": 165, "rawip4": 228, "rawip6": 229, "loop": 108, "ieee802_16_mac_cps": 188,
         "lontalk": 229, "docsis": 143, "dbus": 231, "rtac": 250, "mpeg-2-ts": 243, "atm-rfc1483": 100,
         "per-packet": None, "unknown": None}

# Frames that differ, and why that is right.
KNOWN = {
    ("dhcp/malcolm_DHCP.pcap", 72): "its microseconds are -268432: ours are taken off the second, tshark prints "
                                    "-1614582000.268432000",
}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def ours(program, path):
    done = run(program, path)
    lines = done.stdout.splitlines()
    damaged = lines.pop() if lines and lines[-1].startswith("damaged") else None
    return done.returncode, [line.split("\t") for line in lines], damaged


def theirs(path, whole):
    """Exit code, rows of FIELDS, what stood on standard error."""
    if whole:
        return 0, sharkd.rows(path, FIELDS), ""
    # sharkd waits for ever behind the end of a file that was cut.
    done = run("tshark", "-n", "-r", path, "--disable-protocol", "eth", "-T", "fields",
               *(word for field in FIELDS for word in ("-e", field)))
    return done.returncode, [line.split("\t") for line in done.stdout.splitlines()], done.stderr


def nanoseconds(text):
    whole, _, part = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    # A fraction of a second or more is printed as it stands: with ten digits.
    return int(whole or 0) * 1_000_000_000 + sign * int(part.ljust(9, "0") or 0)


def link_types(path):
    """By capinfos: the name, and whether the file is whole."""
    done = run("capinfos", "-E", "-c", "-M", "-T", "-r", path)
    table = done.stdout.strip().split("\t")
    return table[1] if len(table) > 1 else "unknown", done.returncode == 0


def compare(program, path):
    code, mine, damaged = ours(program, path)
    name, whole = link_types(path)
    their_code, other, errors = theirs(path, whole)
    wrong = []
    if (code != 0) != (their_code != 0 and not other and "cut short" not in errors and "damaged" not in errors):
        wrong.append(f"we exit {code}, tshark {their_code}")
    if bool(damaged) != (their_code != 0) and code == 0:
        wrong.append(f"we say {damaged}, tshark exits {their_code}: {errors.splitlines()[-1:]}")
    if len(mine) != len(other):
        wrong.append(f"{len(mine)} frames, tshark {len(other)}")
    for row, theirs_row in zip(mine, other):
        number, time, kept, wire, _, interface = (int(cell) for cell in row)
        expected = (int(theirs_row[0]), nanoseconds(theirs_row[1]) if theirs_row[1] else time,
                    int(theirs_row[2]), max(int(theirs_row[3]), int(theirs_row[2])), int(theirs_row[4] or 0))
        known = next((why for (name, at), why in KNOWN.items() if path.endswith(name) and at == number), None)
        if (number, time, kept, wire, interface) != expected and not known:
            wrong.append(f"frame {row}, tshark {theirs_row}")
            break
    mine_links = {int(row[4]) for row in mine}
    if name not in LINKS:
        wrong.append(f"capinfos says link type {name!r}, which this script does not know; we say {mine_links}")
    elif LINKS[name] is not None and mine_links - {LINKS[name]}:
        wrong.append(f"capinfos says link type {name} ({LINKS[name]}), we say {mine_links}")
    return len(mine), bool(damaged), wrong


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    captures = pathlib.Path(os.environ.get("YAGURA_SHARED", ROOT.parent / "shared")) / "captures"
    files = sys.argv[2:] or sorted(str(p) for p in captures.rglob("*") if re.search(r"\.(pcap|pcapng)$", p.name))
    if not files or not all(shutil.which(name) for name in ("sharkd", "tshark", "capinfos")):
        print("SKIPPED: no sharkd, tshark and capinfos, or no captures in", captures)
        return 77
    frames = damaged = different = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, (count, is_damaged, wrong) in zip(files, pool.map(lambda p: compare(sys.argv[1], p), files)):
            frames += count
            damaged += is_damaged
            different += bool(wrong)
            for line in wrong:
                print(f"{path}: {line}")
    print(f"{len(files)} files, {frames} frames, {damaged} damaged, {different} different from tshark")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
