#!/usr/bin/env python3
"""Side by side in one run: `yagura read --what stats` beside ndpiReader, tshark and tcpdump on the same captures,
each pinned to one core, in turn. Ratios are what counts: the machine is what it is. Called by ./yagura bench.

usage: compare.py [--runs 5] [--repeat 100] [--quick] [--update]    --update writes docs/performance.md and its plot

Captures: the project's own, and those of ../shared/captures when they are there, all merged by time; then
repeated, each repetition with its own times and addresses, so that flows are new ones and tables really grow.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/bench"
YAGURA = ROOT / "build/release/yagura"
SHARED = ROOT.parent / "shared/captures"
HOUR = 3600 * 10**9


# --- captures ----------------------------------------------------------------------------------------

def ethernet_captures():
    """Files that mergecap can put into one Ethernet capture: others' link types would need a file each."""
    files = sorted((ROOT / "tests/captures").rglob("*.pcap*"))
    if SHARED.is_dir():
        files += [p for p in sorted(SHARED.rglob("*")) if p.suffix in (".pcap", ".pcapng", ".cap")]
    for file in files:
        plain = WORK / "plain" / (file.name.removesuffix(".zst"))
        if file.suffix == ".zst":
            plain.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["zstd", "-dqf", file, "-o", plain], check=True)
            file = plain
        kind = subprocess.run(["capinfos", "-TrE", file], capture_output=True, text=True).stdout.split("\t")[-1].strip()
        if kind == "ether":
            yield file


def merged():
    """All of them one after the other in one pcap with nanoseconds. Not by time: their clocks are decades apart."""
    goal = WORK / "merged.pcap"
    files = list(ethernet_captures())
    subprocess.run(["mergecap", "-a", "-F", "nsecpcap", "-w", goal, *files], check=True, stderr=subprocess.DEVNULL)
    return goal, len(files)


def records(path):
    data = memoryview(path.read_bytes())
    assert struct.unpack_from("<I", data)[0] == 0xA1B23C4D, "not a little-endian pcap with nanoseconds"
    at = 24
    while at + 16 <= len(data):
        seconds, nanoseconds, captured, original = struct.unpack_from("<IIII", data, at)
        yield seconds, nanoseconds, original, data[at + 16:at + 16 + captured]
        at += 16 + captured


def shift_addresses(frame, by):
    """Adds `by` to the second byte of both IPv4 addresses, with the checksums set right (RFC 1624): other hosts, same
    conversations. Frames without IPv4 stay as they are."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if by == 0 or frame[at:at + 2] != b"\x08\x00" or len(frame) < at + 22:
        return frame
    ip, out, delta = at + 2, bytearray(frame), 0
    for field in (ip + 12, ip + 16):
        if out[field] >= 224 or out[field] == 127:
            continue
        old = out[field + 1]
        out[field + 1] = (old + by) & 0xFF
        delta += (out[field + 1] - old)
    header = (out[ip] & 15) * 4
    places = [ip + 10]
    fragment = struct.unpack_from(">H", out, ip + 6)[0] & 0x1FFF
    if not fragment:
        places += {6: [ip + header + 16], 17: [ip + header + 6]}.get(out[ip + 9], [])
    for place in places:
        if place + 2 <= len(out):
            old, = struct.unpack_from(">H", out, place)
            if place != ip + 10 and out[ip + 9] == 17 and old == 0:
                continue
            value = (~old & 0xFFFF) + (delta % 0xFFFF)
            value = (value & 0xFFFF) + (value >> 16)
            struct.pack_into(">H", out, place, ~value & 0xFFFF)
    return bytes(out)


def repeated(path, times, goal):
    """`times` copies, each an hour after the one before and with its own addresses."""
    rows = [(s * 10**9 + n, original, bytes(frame)) for s, n, original, frame in records(path)]
    clock, last = [], 0
    for at, _, _ in rows:  # One clock for all files: jumps of more than a second become one of a second.
        step = at - last if clock else 0
        clock.append((clock[-1] if clock else 0) + (step if 0 <= step <= 10**9 else 1000))
        last = at
    start, span = 1_700_000_000 * 10**9, clock[-1] + HOUR
    with open(goal, "wb", buffering=1 << 22) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for turn in range(times):
            for (_, original, frame), at in zip(rows, clock):
                now, frame = start + turn * span + at, shift_addresses(frame, turn)
                out.write(struct.pack("<IIII", now // 10**9, now % 10**9, len(frame), original) + frame)
    return len(rows) * times


# --- measuring ---------------------------------------------------------------------------------------

Run = collections.namedtuple("Run", "wall cpu megabytes out")


def measure(words, core):
    """One run, pinned; memory is the largest resident set, mapped files included where a program maps them."""
    read, write = os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, {core} if isinstance(core, int) else core)
        os.dup2(write, 1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 2)
        os.dup2(null, 0)
        os.execvp(words[0], [str(w) for w in words])
    os.close(write)
    out = b""
    while piece := os.read(read, 1 << 16):
        out += piece
    os.close(read)
    _, status, used = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"error: {' '.join(map(str, words))} ended with {os.waitstatus_to_exitcode(status)}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out)


def contest(peers, runs, core):
    """All of them in turn, `runs` times after a warm-up: a machine that slows down slows all."""
    results = {name: [] for name in peers}
    for turn in range(runs + 1):
        for name, words in peers.items():
            run = measure(words, core)
            if turn:
                results[name].append(run)
    return results


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


# --- the page ----------------------------------------------------------------------------------------

def plot(rates, path):
    """Bars of packets a second; grey for the peers. Drawn here, so that nothing has to be installed for it."""
    names, most = list(rates), max(rates.values())
    rows = []
    for i, name in enumerate(names):
        y, width = 20 + i * 40, 460 * rates[name] / most
        rows.append(f'<text x="170" y="{y + 18}" text-anchor="end">{name}</text>'
                    f'<rect x="180" y="{y}" width="{max(width, 1):.0f}" height="26" fill="{"#24598F" if "yagura" in name else "#B4C0CC"}"/>'
                    f'<text x="{188 + width:.0f}" y="{y + 18}">{rates[name] / 1e6:.2f}</text>')
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{40 + 40 * len(names)}" font-family="sans-serif" font-size="13">'
                    f'<rect width="100%" height="100%" fill="#fff"/>{"".join(rows)}'
                    f'<text x="180" y="{32 + 40 * len(names)}" fill="#636C75">million packets a second, one core</text></svg>\n')


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--repeat", type=int, default=100)
    options.add_argument("--quick", action="store_true", help="10 repetitions, 2 runs")
    options.add_argument("--update", action="store_true")
    wanted = options.parse_args()
    if wanted.quick:
        wanted.runs, wanted.repeat = 2, 10
    WORK.mkdir(parents=True, exist_ok=True)
    once, files = merged()
    small, large = WORK / "times-1.pcap", WORK / f"times-{wanted.repeat}.pcap"
    packets_small = repeated(once, 1, small)
    packets = repeated(once, wanted.repeat, large)
    core = os.cpu_count() - 1

    stats = lambda file, workers=1: [YAGURA, "read", file, "--what", "stats", "--format", "json", "--workers", workers]
    peers = {"yagura": stats(large), "ndpiReader": ["ndpiReader", "-q", "-i", large], "tcpdump": ["tcpdump", "-r", large, "-w", os.devnull]}
    print(f"{packets} packets of {files} captures, {wanted.repeat} times; core {core}, {wanted.runs} runs", flush=True)
    results = contest(peers, wanted.runs, core)
    # tshark needs minutes for what the others need seconds for: it is measured on one repetition.
    slow = contest({"yagura": stats(small), "tshark": ["tshark", "-r", small, "-q", "-z", "io,phs"]}, max(1, wanted.runs // 2), core)
    two = contest({"1": stats(large, 1), "2": stats(large, 2)}, wanted.runs, set(range(os.cpu_count())))

    rate = {name: packets / median(runs, "wall") for name, runs in results.items()}
    rate["tshark"] = packets_small / median(slow["tshark"], "wall")
    small_rate = packets_small / median(slow["yagura"], "wall")
    own = json.loads(results["yagura"][0].out)
    lines = ["| program | million packets/s | yagura is | memory MB |", "|---|---:|---:|---:|"]
    for name in peers:
        lines.append(f"| {name} | {rate[name] / 1e6:.2f} | {rate['yagura'] / rate[name]:.2f}× | {median(results[name], 'megabytes'):.0f} |")
    lines.append(f"| tshark (one repetition) | {rate['tshark'] / 1e6:.3f} | {small_rate / rate['tshark']:.1f}× | {median(slow['tshark'], 'megabytes'):.0f} |")
    table = "\n".join(lines)
    speedup = median(two["1"], "wall") / median(two["2"], "wall")
    growth = (1 / rate["yagura"]) / (1 / small_rate)
    print(table)
    print(f"two workers: {speedup:.2f} times one; a packet at {wanted.repeat} repetitions costs {growth:.2f} times one at 1")
    if wanted.update:
        plot({**rate}, ROOT / "docs/performance.svg")
        (ROOT / "docs/performance.md").write_text(f"""# Performance

Made by `./yagura bench --update` on {datetime.date.today()}; do not edit. Look at the ratios: all programs ran in turn on
the same core of the same machine ({os.cpu_count()} cores), {wanted.runs} runs each, medians.

{packets:,} packets: {files} captures one after the other, {wanted.repeat} times, each repetition with its own times and addresses.
`yagura read --what stats --workers 1` runs the whole pipeline, every dissector and the fold included, to a counting sink:
{own['flows']:,} flows, {own['messages']:,} messages. `ndpiReader -q` stops looking at a flow after its first packets;
`tshark -q -z io,phs` dissects all; `tcpdump -w /dev/null` only copies. nDPI is no part of Yagura's numbers.

{table}

![Packets a second](performance.svg)

* Two workers on two cores: **{speedup:.2f}** times one.
* A packet at {wanted.repeat} repetitions costs **{growth:.2f}** times what it costs at one.
* Memory counts mapped pages of the file, too: the kernel takes them back when it needs them.
""")


if __name__ == "__main__":
    main()
