#!/usr/bin/env python3
"""Side by side in one run: `yagura read --what stats` beside ndpiReader, tshark and tcpdump on the same captures,
each pinned to one core, in turn; then two workers beside one, and what memory traffic can make it take. Ratios are
what counts: the machine is what it is. Called by ./yagura bench.

usage: compare.py [--runs 5] [--repeat 100] [--quick] [--real-time] [--update]
  --real-time  SCHED_FIFO for whatever is measured (as root): what else the machine does takes nothing from it
  --update     writes docs/performance.md and its plot
"""

import argparse
import datetime
import json
import os

import captures
import scale
from measure import Bench, anonymous, bounds
from page import page, plot

ROOT = captures.ROOT
YAGURA = ROOT / "build/release/yagura"
PLANTS = 64


def stats(file, workers=1):
    return [YAGURA, "read", file, "--what", "stats", "--format", "json", "--workers", workers]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--repeat", type=int, default=100)
    options.add_argument("--quick", action="store_true", help="10 repetitions, 2 runs")
    options.add_argument("--real-time", action="store_true")
    options.add_argument("--update", action="store_true")
    wanted = options.parse_args()
    if wanted.quick:
        wanted.runs, wanted.repeat = 2, 10
    work = captures.WORK
    work.mkdir(parents=True, exist_ok=True)
    print("building captures ...", flush=True)
    once, files = captures.merged()
    small, large, plants = work / "times-1.pcap", work / f"times-{wanted.repeat}.pcap", work / f"plants-{PLANTS}.pcap"
    packets_small = captures.repeated(once, 1, small)
    packets = captures.repeated(once, wanted.repeat, large)
    few_times = work / "times-10.pcap"
    captures.repeated(once, 10, few_times)
    packets_plants, pairs = captures.plants(PLANTS, plants)
    few, many = (captures.modbus_flows(n, work / f"flows-{n}.pcap") for n in (10_000, 100_000))
    scan = captures.half_open(1_000_000, work / "half-open.pcap")
    hoarder = captures.hoarder(work / "hoarder.pcap")

    bench = Bench(wanted.real_time)
    core, both = os.cpu_count() - 1, set(range(os.cpu_count()))
    print(f"{packets} packets of {files} captures, {wanted.repeat} times; core {core}, {wanted.runs} runs", flush=True)
    peers = bench.contest({"yagura": stats(large), "yagura, nDPI asked": [*stats(large), "--labels", "ndpi"],
                           "ndpiReader": ["ndpiReader", "-q", "-i", large],
                           "tcpdump": ["tcpdump", "-r", large, "-w", os.devnull]}, wanted.runs, core)
    # tshark needs minutes for what the others need seconds for: it is measured on one repetition.
    slow = bench.contest({"yagura": stats(small), "ndpiReader": ["ndpiReader", "-q", "-i", small],
                          "tshark": ["tshark", "-r", small, "-q", "-z", "io,phs"]}, wanted.runs, core)
    two = bench.contest({workers: stats(plants, workers) for workers in (1, 2)}, wanted.runs, both)

    mixed = bench.contest({workers: stats(few_times, workers) for workers in (1, 2)}, wanted.runs, both)

    rate = {name: packets / bounds(runs, "wall").median for name, runs in peers.items()}
    rate["tshark"] = packets_small / bounds(slow["tshark"], "wall").median
    rate_small = packets_small / bounds(slow["yagura"], "wall").median
    memory = {
        (name, workers): anonymous(stats(file, workers))
        for name, file in {"all captures, once": small, "all captures, repeated": large, "100,000 Modbus connections": many,
                           "1,000,000 half-open": scan, "150,000 hosts that fill every table": hoarder}.items()
        for workers in (1, 2)
    }
    slope = (memory["100,000 Modbus connections", 1] - anonymous(stats(few))) * 1e6 / 90_000
    found = {
        "date": datetime.date.today(),
        "cores": os.cpu_count(),
        "runs": wanted.runs,
        "repeat": wanted.repeat,
        "real_time": bench.real_time,
        "files": files,
        "packets": packets,
        "own": json.loads(peers["yagura"][0].out),
        "rate": rate,
        "rate_small": rate_small,
        "ratio_tshark": rate_small / rate["tshark"],
        "ratio_labels": rate["yagura, nDPI asked"] / rate["yagura"],
        "ratio_ndpi": rate["yagura"] / rate["ndpiReader"],
        "ratio_ndpi_once": bounds(slow["ndpiReader"], "wall").median / bounds(slow["yagura"], "wall").median,
        "megabytes": {name: bounds(runs, "megabytes").median for name, runs in (peers | {"tshark": slow["tshark"]}).items()},
        "spread": {name: bounds(runs, "wall").spread for name, runs in (peers | {"tshark": slow["tshark"]}).items()},
        "plants": PLANTS,
        "plants_packets": packets_plants,
        "pairs": pairs,
        "speedup": bounds(two[1], "wall").median / bounds(two[2], "wall").median,
        "speedup_mixed": bounds(mixed[1], "wall").median / bounds(mixed[2], "wall").median,
        "speedups": sorted(one.wall / other.wall for one, other in zip(two[1], two[2])),
        "processor": bounds(two[2], "cpu").median / bounds(two[1], "cpu").median,
        "growth": rate_small / rate["yagura"],
        "memory": memory,
        "slope": slope,
    }
    text = page(found)
    print(text)
    if wanted.update:
        plot(rate, ROOT / "docs/performance.svg")
        kept = (ROOT / "docs/performance.md").read_text().partition(scale.MARK)  # scale.py measures that by itself.
        (ROOT / "docs/performance.md").write_text(text + "".join(("\n", *kept[1:]) if kept[1] else ()))


if __name__ == "__main__":
    main()
