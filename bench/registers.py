#!/usr/bin/env python3
"""How quick the register ledger answers: 20,000 devices and 1,000,000 registers in the store, while a pipe brings 1,000 records a
second. Fills a data folder (scale_plant), starts the real center on it, asks 200 generated filters, single registers, their values and
what one was at a time.

usage: registers.py --data FOLDER [--registers 1000000] [--devices 20000] [--filters 200] [--update]
  --data     a folder with room (3 GB for the whole); filled when it is empty, used as it is when it is not
  --update   writes the section into docs/performance.md
  --real-time  SCHED_FIFO for the center, whoever tells it records and whoever asks (as root): nothing else takes time
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import time

from scale import PLANT, ROOT, Center, Wanted, iso, megabytes, row, say

MARK = "## A million registers"
NEXT = "## How smooth it is"


class Plant(Wanted):
    def fill(self):
        if self.kept.exists():
            return
        pathlib.Path(self.o.data).mkdir(parents=True, exist_ok=True)
        subprocess.run([str(PLANT), "fill", "--data", self.o.data, "--registers", str(self.o.registers), *self.words()], check=True)
        self.kept.write_text(json.dumps({name: getattr(self.o, name) for name in ("seed", "devices", "operations", "days", "until_minute", "registers")}))


class Filters:
    """Of everything that the ledger has and of some that it has not, single and together."""

    def __init__(self, center, seed):
        self.dice = random.Random(seed)
        self.devices, cursor = [], None
        while True:
            page = center.get("/devices", {"limit": 1000} | ({"cursor": cursor} if cursor else {}))[1]
            self.devices += page["devices"]
            cursor = page.get("next_cursor")
            if not cursor:
                break
        self.lines = [one["id"] for one in center.get("/lines")[1]["lines"]]
        self.now = int(time.time())
        with sqlite3.connect(f"file:{center.data}/state.sqlite?mode=ro", uri=True) as store:
            self.names = [one for one, in store.execute("SELECT object FROM register_name ORDER BY random() LIMIT 2000")]
            self.registers = ["r0-%d" % one for one, in store.execute("SELECT id FROM register ORDER BY random() LIMIT 400")]
            self.users = ["d0-%d" % one for one, in store.execute("SELECT DISTINCT l.device FROM register_user u JOIN link l ON l.node = u.who AND l.ends IS NULL ORDER BY random() LIMIT 400")]

    def device(self):
        return self.dice.choice(self.devices)

    def words(self):
        pick = self.dice.randrange(9)
        name = self.dice.choice(self.names)
        digits = "".join(c for c in name if c.isdigit())
        return [name, name.rstrip("0123456789") + str(int(digits or 1) + self.dice.randrange(4)), digits, digits[:3], name[:2], self.device()["name"],
                self.device().get("address") or "10.", "nobody has this", f"{self.device()['name'].split()[0]} {digits[:2]}"][pick]

    def one(self):
        dice = self.dice
        out = {"limit": dice.choice([50, 100, 200])}
        if dice.random() < 0.5:
            out["q"] = self.words()
        if dice.random() < 0.15:
            out["device"] = self.device()["id"] if dice.random() < 0.95 else "d0-999999"
        if dice.random() < 0.2:
            out["line"] = dice.choice(self.lines)
        if dice.random() < 0.15:
            out["writer"] = dice.choice(self.users)
        if dice.random() < 0.15:
            out["reader"] = dice.choice(self.users)
        if dice.random() < 0.2:
            out["protocol"] = dice.choice(["modbus", "s7comm", "slmp", "fins", "cip", "bacnet"])
        if dice.random() < 0.4:
            out["written"] = dice.choice(["never", "written", "several"])
        if dice.random() < 0.25:
            out["changed_since"] = iso(self.now - dice.choice([60, 3600, 36000, 864000]))
        if dice.random() < 0.2:
            out["sort"] = "written"
        elif "device" in out and dice.random() < 0.3:
            out["sort"] = "object"
        return out


def ask(center, options):
    filters = Filters(center, options.seed + 10)
    for _ in range(40):  # So that most of what is looked at is in the page cache.
        center.get("/registers", filters.one())
    filters.dice.seed(f"{options.seed} registers")
    found, again, full = [], [], 0
    for _ in range(options.filters):
        query = filters.one()
        took, answer = center.get("/registers", query)
        found.append((took, query))
        full += not answer.get("cut")
        if answer.get("next_cursor") and filters.dice.random() < 0.3:
            again.append((center.get("/registers", query | {"cursor": answer["next_cursor"]})[0], query | {"page": 2}))
    rows = [row("any filter", [took for took, _ in found], 100), row("its next page", [took for took, _ in again], 100)]
    for name, call in {"one register": lambda one: (f"/registers/{one}", {}), "its values": lambda one: (f"/registers/{one}/values", {"limit": 100}),
                       "what it was at a time": lambda one: (f"/registers/{one}/at", {"time": iso(filters.now - filters.dice.randrange(36000))})}.items():
        rows.append(row(name, [center.get(*call(filters.dice.choice(filters.registers)))[0] for _ in range(options.filters)], 100))
    for one in rows:
        say(one)
    for took, query in sorted(found, key=lambda one: -one[0])[:options.slowest]:
        print(f"      {took:7.1f} ms  {json.dumps(query, ensure_ascii=False)}", flush=True)
    return rows, full


def section(found):
    lines = ["| asked for | times | half of them | 95 % | slowest | wanted | met |", "|---|---:|---:|---:|---:|---:|---|"]
    for one in found["rows"]:
        lines.append(f"| {one['name']} | {one['many']} | {one['p50']:.0f} ms | {one['p95']:.0f} ms | {one['most']:.0f} ms | ≤ {one['wanted']} ms | {'yes' if one['p95'] <= one['wanted'] else '**no**'} |")
    table = "\n".join(lines)
    return f"""{MARK}

Made by `bench/registers.py --update` on {found['date']}, on a virtual machine with {os.cpu_count()} cores and {found['memory']:.0f} GB of memory that others use, too.
{found['devices']:,} devices, {found['registers']:,} registers in the ledger ({found['state']:,.0f} MB of state, {found['history']:,.0f} MB of days), and while it was asked {found['rate']:,.0f} records a
second came through the pipe. Times are from the request to the whole answer over HTTPS, one after the other.{found['how']}

{table}

Filters are generated from a seed: words, addresses in the middle of what is read at once, devices, lines, who reads, who writes,
protocol, changed since, never written, written by several, in either order, single and together. {found['full']} of {found['filters']} pages were full or the
whole answer; the others stopped looking after {found['patience']} ms and said where to go on. A list is asked by the way that the fewest rows
may fit, or down its order until the page is full.

"""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", required=True)
    options.add_argument("--seed", type=int, default=20261201)
    options.add_argument("--devices", type=int, default=20_000)
    options.add_argument("--registers", type=int, default=1_000_000)
    options.add_argument("--operations", type=int, default=200_000)
    options.add_argument("--days", type=int, default=1)
    options.add_argument("--filters", type=int, default=200)
    options.add_argument("--rate", type=int, default=1000)
    options.add_argument("--slowest", type=int, default=6)
    options.add_argument("--port", type=int, default=18460)
    options.add_argument("--real-time", action="store_true")
    options.add_argument("--update", action="store_true")
    options = options.parse_args()
    wanted = Plant(options)
    wanted.fill()
    if options.real_time:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))  # What it starts has it, too.
    center = Center(options.data, options.port, wanted, options.rate)
    try:
        time.sleep(5)
        before, begun = center.records(), time.monotonic()
        all_of_them = center.get("/registers", {"limit": 1})[1]["all"]
        print(f"{all_of_them:,} registers", flush=True)
        rows, full = ask(center, options)
        found = {"how": " Center, feeder and whoever asks ran under SCHED_FIFO, so that nothing else on the machine took time from them." if options.real_time else "",
                 "rows": rows, "full": full, "filters": options.filters, "date": datetime.date.today().isoformat(), "devices": options.devices,
                 "rate": (center.records() - before) / (time.monotonic() - begun), "registers": all_of_them, "patience": 60,
                 "state": megabytes(options.data, "state.sqlite"), "history": megabytes(pathlib.Path(options.data) / "history", ".sqlite"),
                 "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9}
        print(f"{found['rate']:.0f} records a second meanwhile, {full} of {options.filters} pages full", flush=True)
        if options.update:
            page = ROOT / "docs/performance.md"
            text = page.read_text()
            if MARK in text:
                text = text[:text.index(MARK)] + text[text.index(NEXT):]
            page.write_text(text.replace(NEXT, section(found) + NEXT))
    finally:
        center.end()


if __name__ == "__main__":
    main()
