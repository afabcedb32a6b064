#!/usr/bin/env python3
"""How quick the center answers about a large plant: 5,000 devices and 50 million operations in its store, while a pipe
brings 1,000 records a second. Fills a data folder (bench/scale), starts the real center on it, asks what the console asks:
200 generated filters for each list, and all that a device's page needs.

usage: scale.py --data FOLDER [--operations 50000000] [--devices 5000] [--days 14] [--filters 200] [--real-time] [--update]
  --data     a folder with room (12 GB for the whole); filled when it is empty, used as it is when it is not
  --only     names of lists, with a comma between: only these
  --update   writes the section into docs/performance.md
  --real-time  SCHED_FIFO for the center, whoever tells it records and whoever asks (as root): nothing else takes time
  --serve    only starts the center with the records coming, and says where it is; for a browser
"""

import argparse
import datetime
import http.client
import json
import os
import pathlib
import random
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("YAGURA_BUILD", ROOT / "build/release"))
PLANT = BUILD / "bench/scale_plant"
MARK = "## Five thousand devices"
PASSWORD = "a password for the bench"


class Center:
    """The center as it is shipped, and whoever tells it records."""

    def __init__(self, data, port, wanted, rate):
        self.data, self.port = pathlib.Path(data), port
        read, write = os.pipe()
        words = [BUILD / "yagura-center", "--data", data, "--records-fd", read, "--listen", f"127.0.0.1:{port}",
                 "--time-zone", "Asia/Tokyo", "--plant-name", "みなも部品 第2工場"]
        if (ROOT / "console/dist/index.html").exists():
            words += ["--console", ROOT / "console/dist"]
        begun = time.monotonic()
        self.log = open(self.data / "center.log", "w")
        self.center = subprocess.Popen([str(word) for word in words], pass_fds=[read], stderr=self.log)
        os.close(read)
        while True:
            try:
                if self.raw("GET", "/about")[0] == 200:
                    break
            except OSError:
                pass
            if self.center.poll() is not None:
                sys.exit(f"error: the center ended: {(self.data / 'center.log').read_text()}")
            time.sleep(0.2)
        self.started = time.monotonic() - begun
        self.feeder = None
        if rate:
            self.feeder = subprocess.Popen([str(PLANT), "feed", "--pipe", str(write), "--a-second", str(rate), "--seconds", "36000",
                                            *wanted.words()], pass_fds=[write], stdout=subprocess.DEVNULL)
        os.close(write)
        self.sign_in()
        self.connection = None

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=ssl._create_unverified_context(), timeout=60)
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json"} | (headers or {}))
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}, answer.getheader("Set-Cookie")

    def sign_in(self):
        kept = self.data / "bench-token"
        if kept.exists():
            self.token = kept.read_text()
            return
        first = (self.data / "first-password").read_text().strip()
        _, session, cookie = self.raw("POST", "/session", {"name": "admin", "password": first})
        headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": session["csrf_token"]}
        status, session, cookie = self.raw("PUT", "/session/password", {"current": first, "new": PASSWORD}, headers)
        headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": session["csrf_token"]}
        _, made, _ = self.raw("POST", "/tokens", {"name": "bench", "rights": session["rights"], "days": 30}, headers)
        self.token = made["secret"]
        kept.write_text(self.token)

    def get(self, path, query=()):
        """Milliseconds until the whole answer was there, and the answer."""
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=ssl._create_unverified_context(), timeout=300)
            self.connection.connect()
        target = "/api/v1" + path + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")
        begun = time.perf_counter()
        self.connection.request("GET", target, headers={"Authorization": "Bearer " + self.token})
        answer = self.connection.getresponse()
        text = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if took > 3000:
            print(f"      {took / 1000:.1f} s: {target}", flush=True)
        if answer.status != 200:
            sys.exit(f"error: {target}: {answer.status} {text.decode()[:300]}")
        return took, json.loads(text)

    def records(self):
        """The journal's count of what came."""
        return self.get("/health/limits")[1]["limits"][0]["used"]

    def end(self):
        if self.feeder:
            self.feeder.terminate()
            self.feeder.wait()
        self.center.terminate()
        self.center.wait(60)
        self.log.close()


class Wanted:
    def __init__(self, options):
        self.options = options
        self.kept = pathlib.Path(options.data) / "plant.json"
        if self.kept.exists():
            for name, value in json.loads(self.kept.read_text()).items():
                setattr(options, name, value)
        else:
            options.until_minute = int(time.time() // 60)
        self.o = options

    def words(self):
        return [str(word) for name in ("seed", "devices", "operations", "days", "until_minute")
                for word in ("--" + name.replace("_", "-"), getattr(self.o, name))]

    def fill(self):
        if self.kept.exists():
            return
        begun = time.monotonic()
        pathlib.Path(self.o.data).mkdir(parents=True, exist_ok=True)
        subprocess.run([str(PLANT), "fill", "--data", self.o.data, *self.words()], check=True)
        self.kept.write_text(json.dumps({name: getattr(self.o, name) for name in ("seed", "devices", "operations", "days", "until_minute")}
                                        | {"filled_in": round(time.monotonic() - begun)}))
        self.o.filled_in = round(time.monotonic() - begun)


def stored(data):
    """How many operations stand in how many days that are full, and when the last of them ended."""
    days = []
    for path in sorted((pathlib.Path(data) / "history").glob("*.sqlite")):
        day = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        rows, last = day.execute("SELECT (SELECT total(rows) FROM minute_sum), (SELECT max(at) FROM operation)").fetchone()
        day.close()
        days.append((rows, last))
    full = [day for day in days if day[0] * 4 > max(rows for rows, _ in days)]
    return int(sum(rows for rows, _ in days)), len(full), full[-1][1] / 1e9


def iso(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Filters:
    """Filters as people choose them: from what the plant has, some of them nonsense."""

    def __init__(self, center, seed):
        self.dice = random.Random(seed)
        self.now = stored(center.data)[2]
        self.lines = [one["id"] for one in center.get("/lines")[1]["lines"]]
        facets = center.get("/devices/facets")[1]
        self.roles = [one["value"] for one in facets["role"]]
        self.vendors = [one["value"] for one in facets["vendor"]]
        self.protocols = [one["value"] for one in facets["protocol"]]
        self.levels = [one["value"] for one in facets["level"]]
        self.devices, cursor = [], None
        while True:
            page = center.get("/devices", {"limit": 1000} | ({"cursor": cursor} if cursor else {}))[1]
            self.devices += page["devices"]
            cursor = page.get("next_cursor")
            if not cursor:
                break
        self.busy = sorted(self.devices, key=lambda one: -one.get("peers", 0))
        self.words = ["溶接", "組立2号", "plc", "drive-3", "10.20.7.", "10.20.", "siemens", "register 1", "DB1", "D10", "motor12", "speed",
                      "V2.1", "S3-", "read", "nothing like this", "historian", "1756", "station-4", "[17"]
        self.acts = ["read", "write", "cyclic_io", "stop", "start", "program_download", "mode_change", "identify", "alarm", "authenticate", "file_read", "configure"]

    def some(self, chance, name, values):
        if self.dice.random() >= chance:
            return {}
        return {name: values() if callable(values) else self.dice.choice(values)}

    def several(self, chance, name, values):
        if self.dice.random() >= chance:
            return {}
        return {name: self.dice.sample(values, min(len(values), self.dice.randint(1, 3)))}

    def device(self):
        return (self.dice.choice(self.busy[:40]) if self.dice.random() < 0.3 else self.dice.choice(self.devices))["id"]

    def range(self):
        """As the console's: whole hours, a day most of the time."""
        hour = int(self.now // 3600 + 1) * 3600
        days = self.dice.choice([1, 1, 1, 1, 7, 30])
        if self.dice.random() < 0.2:
            until = hour - 3600 * self.dice.randint(1, 300)
            return {"since": iso(until - 3600 * self.dice.choice([1, 6])), "until": iso(until)}
        return {"since": iso(hour - 86400 * days), "until": iso(hour)}

    def devices_filter(self):
        return (self.some(0.35, "q", self.words) | self.some(0.2, "view", ["new", "quiet", "no_line", "corrected"]) | self.some(0.25, "line", self.lines)
                | self.several(0.25, "role", self.roles) | self.several(0.15, "level", self.levels)
                | self.several(0.15, "state", ["usual", "new", "quiet", "unknown"]) | self.some(0.15, "vendor", self.vendors)
                | self.some(0.2, "protocol", self.protocols))

    def devices_list(self):
        return self.devices_filter() | {"limit": 200} | self.some(0.6, "sort", ["line", "name", "address", "role", "product", "vendor", "level", "last_seen", "first_seen", "state"]) \
            | self.some(0.5, "order", ["asc", "desc"])

    def talks_filter(self):
        return (self.some(0.3, "q", self.words) | self.some(0.2, "device", self.device) | self.some(0.05, "peer", self.device) | self.some(0.25, "line", self.lines)
                | self.some(0.3, "protocol", self.protocols) | self.some(0.15, "direction", ["one_sided", "both"]) | (self.range() if self.dice.random() < 0.3 else {}))

    def talks_list(self):
        return self.talks_filter() | {"limit": 200} | self.some(0.5, "sort", ["last", "first", "bytes", "packets", "client", "server", "protocol"]) | self.some(0.5, "order", ["asc", "desc"])

    def talks_groups(self):
        return self.talks_filter() | {"limit": 200, "by": self.dice.choice(["pair", "protocol", "lines"])}

    def acts_filter(self):
        return (self.some(0.25, "q", self.words) | self.some(0.25, "device", self.device) | self.some(0.08, "peer", self.device) | self.some(0.25, "line", self.lines)
                | self.some(0.25, "protocol", self.protocols) | self.several(0.3, "act", self.acts)
                | self.several(0.15, "effect", ["observes", "changes_value", "changes_program", "changes_setting", "stops"])
                | self.several(0.2, "outcome", ["refused", "unanswered", "pending", "done"]))

    def acts_list(self):
        return self.acts_filter() | (self.range() if self.dice.random() < 0.85 else {}) | {"limit": 200} | self.some(0.08, "first", ["true"])

    def activity(self):
        hour = int(self.now // 3600 + 1) * 3600
        days, buckets = self.dice.choice([(1, 48), (1, 48), (1, 48), (7, 84), (30, 90)])
        return self.acts_filter() | {"since": iso(hour - 86400 * days), "until": iso(hour), "buckets": buckets}

    def registers(self):
        return (self.some(0.4, "q", ["1", "register 1", "DB", "speed", "motor12", "[17"]) | self.some(0.3, "written", ["true"])
                | self.some(0.3, "protocol", self.protocols) | self.some(0.15, "peer", self.device) | (self.range() if self.dice.random() < 0.5 else {}) | {"limit": 200})

    def evidence(self):
        return self.some(0.6, "attribute", ["vendor", "product", "firmware", "serial", "name", "role", "mac", "ip", "os"])

    def changes(self):
        return (self.some(0.4, "line", self.lines) | self.some(0.4, "kind", ["new_device", "first_act", "firmware", "address"]) | self.some(0.2, "device", self.device)
                | (self.range() if self.dice.random() < 0.4 else {}) | {"limit": 200})

    def map(self):
        return (self.some(0.4, "line", self.lines) | self.some(0.3, "protocol", self.protocols) | self.some(0.2, "act", self.acts) | self.some(0.2, "around", self.device)
                | (self.range() if self.dice.random() < 0.5 else {}) | {"nodes": 5000})


def lists(filters):
    """Name → (path, filter): what stands in the console's tables and charts."""
    registers = [one["id"] for one in filters.devices if one["role"] in ("plc", "drive", "remote_io", "gateway")] or [one["id"] for one in filters.devices]
    return {
        "devices": (lambda: "/devices", filters.devices_list),
        "devices, facets": (lambda: "/devices/facets", filters.devices_filter),
        "conversations": (lambda: "/conversations", filters.talks_list),
        "conversations, facets": (lambda: "/conversations/facets", filters.talks_filter),
        "conversations, groups": (lambda: "/conversations/groups", filters.talks_groups),
        "operations": (lambda: "/operations", filters.acts_list),
        "operations, chart": (lambda: "/activity", filters.activity),
        "registers": (lambda: f"/devices/{filters.dice.choice(registers)}/objects", filters.registers),
        "evidence": (lambda: f"/devices/{filters.device()}/evidence", filters.evidence),
        "changes": (lambda: "/changes", filters.changes),
        "search": (lambda: "/search", lambda: {"q": filters.dice.choice(filters.words)}),
    }


def share(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def row(name, values, wanted):
    return {"name": name, "many": len(values), "p50": share(values, 0.5), "p95": share(values, 0.95), "most": max(values), "wanted": wanted}


def warm(center, filters, options):
    """Other filters first, uncounted: what is asked for every day is in the page cache."""
    for name, (path, make) in lists(filters).items():
        filters.dice.seed(f"{options.seed} before {name}")
        for _ in range(options.filters // 2):
            center.get(path(), make())


def ask(center, options):
    """A row for each list and page; the slowest filters are said as they come."""
    filters = Filters(center, options.seed + 10)
    warm(center, filters, options)
    only = options.only.split(",") if options.only else None
    rows = []
    for name, (path, make) in lists(filters).items():
        filters.dice.seed(f"{options.seed} {name}")
        if only and name not in only:
            continue
        found = []
        for _ in range(options.filters):
            where, query = path(), make()
            took, answer = center.get(where, query)
            found.append((took, where, query))
            if answer.get("next_cursor") and filters.dice.random() < 0.2:
                found.append((center.get(where, query | {"cursor": answer["next_cursor"]})[0], where, query | {"page": 2}))
        rows.append(row(name, [took for took, _, _ in found], 100))
        say(rows[-1])
        for took, where, query in sorted(found, key=lambda one: -one[0])[:options.slowest]:
            print(f"      {took:7.1f} ms  {where} {json.dumps(query, ensure_ascii=False)}", flush=True)
    if not only or "device page" in only:
        rows += pages(center, filters, options)
    if not only or "map" in only:
        filters.dice.seed(f"{options.seed} map")
        whole = [center.get("/map", {"nodes": 5000})[0] for _ in range(5)]
        rows += [row("map, whole", whole, None), row("map", [center.get("/map", filters.map())[0] for _ in range(min(60, options.filters))], None)]
        say(rows[-2])
        say(rows[-1])
    if not only or "overview" in only:
        rows.append(row("overview", [center.get("/overview")[0] for _ in range(10)], None))
        say(rows[-1])
    return rows


def pages(center, filters, options):
    """All that a device's page asks for, one after the other, as it stands open and with each of its tabs."""
    filters.dice.seed(f"{options.seed} pages")
    chosen = [one["id"] for one in filters.busy[:30]] + [filters.device() for _ in range(max(10, options.filters - 30))]
    hour = int(filters.now // 3600 + 1) * 3600
    calls = {
        "head and facts": lambda d: (f"/devices/{d}", {}),
        "matrix": lambda d: (f"/devices/{d}/peers", {"limit": 12}),
        "24 hours": lambda d: ("/activity", {"device": d, "since": iso(hour - 86400), "until": iso(hour), "buckets": 288}),
        "tab conversations": lambda d: ("/conversations", {"device": d, "limit": 100}),
        "tab operations": lambda d: ("/operations", {"device": d, "limit": 100}),
        "tab registers": lambda d: (f"/devices/{d}/objects", {"limit": 200}),
        "tab history": lambda d: (f"/devices/{d}/history", {"limit": 100}),
    }
    took = {name: [] for name in calls}
    sums = []
    for device in chosen:
        for name, call in calls.items():
            took[name].append(center.get(*call(device))[0])
        sums.append(sum(took[name][-1] for name in ("head and facts", "matrix", "24 hours", "tab conversations")))
    rows = [row("device page", sums, 200)] + [row("· " + name, values, None) for name, values in took.items()]
    for one in rows:
        say(one)
    worst = sorted(zip(sums, chosen))[-3:]
    print("      slowest:", ", ".join(f"{ms:.0f} ms {device}" for ms, device in reversed(worst)), flush=True)
    return rows


def say(one):
    print(f"  {one['name']:<24} {one['many']:>4}  50 % {one['p50']:8.1f} ms   95 % {one['p95']:8.1f} ms   most {one['most']:8.1f} ms", flush=True)


def megabytes(folder, end=""):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*" + end) if path.is_file()) / 1e6


def section(found):
    lines = ["| asked for | times | half of them | 95 % | slowest | wanted | met |", "|---|---:|---:|---:|---:|---:|---|"]
    for one in found["rows"]:
        wanted = f"≤ {one['wanted']} ms" if one["wanted"] else ""
        met = ("yes" if one["p95"] <= one["wanted"] else "**no**") if one["wanted"] else ""
        lines.append(f"| {one['name']} | {one['many']} | {one['p50']:.0f} ms | {one['p95']:.0f} ms | {one['most']:.0f} ms | {wanted} | {met} |")
    table = "\n".join(lines)
    return f"""{MARK}

Made by `bench/scale.py --update` on {found['date']}. {found['devices']:,} devices, {found['operations']:,} operations over {found['days']} days in the store
({found['megabytes']:,.0f} MB in {found['files']} day files, {found['bytes']:.0f} bytes an operation; {found['state']:.0f} MB of state), and while it was asked
{found['rate']:,.0f} records a second came through the pipe. Times are from the request to the whole answer over HTTPS, one after the other.

{table}

{found['how']}Other filters are asked before, uncounted, so that most of what is looked at is in the page cache; what is not comes from
the disk, and that is what the slowest of operations and charts wait for. The machine has {found['memory']:.0f} GB of memory and others use it, too.

Filters are generated from a seed, of everything that the plant has and of some that it has not, single and together. A device's
page is what the console asks for when it is opened, added up as if one came after the other; below it each part and each further
tab. The center was at work {found['started']:.1f} s after its start.

The store is made by `scale_plant fill`: observations go through the model, the portraits and the writer as in the center, but not
through the pipe and the journal, which are no part of what is asked. The records that come meanwhile are real ones, through the
real pipe. {found['short']}
"""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", required=True)
    options.add_argument("--seed", type=int, default=20261130)
    options.add_argument("--devices", type=int, default=5000)
    options.add_argument("--operations", type=int, default=50_000_000)
    options.add_argument("--days", type=int, default=14)
    options.add_argument("--filters", type=int, default=200)
    options.add_argument("--rate", type=int, default=1000)
    options.add_argument("--slowest", type=int, default=2)
    options.add_argument("--port", type=int, default=18643)
    options.add_argument("--only", default="")
    options.add_argument("--serve", action="store_true")
    options.add_argument("--real-time", action="store_true")
    options.add_argument("--update", action="store_true")
    options = options.parse_args()
    wanted = Wanted(options)
    wanted.fill()
    if options.real_time:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))  # What it starts has it, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # What was started is ended.
    center = Center(options.data, options.port, wanted, options.rate)
    try:
        print(f"at work after {center.started:.1f} s: https://127.0.0.1:{options.port}/", flush=True)
        if options.serve:
            center.center.wait()
            return
        time.sleep(5)
        begun, before = time.monotonic(), center.records()
        rows = ask(center, options)
        rate = (center.records() - before) / (time.monotonic() - begun)
        print(f"  {rate:.0f} records a second came meanwhile", flush=True)
        history = pathlib.Path(options.data) / "history"
        found = {"date": datetime.date.today(), "rows": rows, "rate": rate, "devices": options.devices, "operations": stored(options.data)[0], "days": stored(options.data)[1],
                 "megabytes": megabytes(history, ".sqlite"), "files": len(list(history.glob("*.sqlite"))), "state": megabytes(options.data, "state.sqlite"),
                 "started": center.started, "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
                 "how": "Center, feeder and whoever asks ran under SCHED_FIFO, so that nothing else on the machine took time from them. " if options.real_time else ""}
        short = options.operations - found["operations"]
        found["short"] = f"{options.operations:,} operations were wanted: the filling was ended before." if short > 0 else ""
        found["bytes"] = found["megabytes"] * 1e6 / found["operations"]
        if options.update:
            page = ROOT / "docs/performance.md"
            page.write_text(page.read_text().split(MARK)[0].rstrip() + "\n\n" + section(found))
    finally:
        center.end()


if __name__ == "__main__":
    main()
