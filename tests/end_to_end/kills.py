#!/usr/bin/env python3
"""kill -9 of any program at any moment, under load: nothing older than a second is lost, nothing that the API has
answered is lost, nothing is corrupt, and a restart is seconds.

In a network namespace of its own, started as users start it: `yagura run` with a sensor on a cable, the center and
its API over TLS. A controller is written to hundreds of times a second, each write another register or value;
clients name devices, make, rename and remove lines and accounts, upload captures and read. Then, again and again,
one of the programs that run is killed (the sensor, the center, the sensor that reads an upload, the supervisor),
and after each fall:

* how long until it does its work again;
* every write that was sent a second or more before the fall stands in the history, once; of a fallen sensor those
  until it listens again may be missing, of a fallen center none may;
* every answered change is there: lines, names, accounts, uploads;
* every record of the journal has its checksum; only a file's end may be half a record;
* SQLite finds nothing wrong with any file, and a day's sums are what its rows come to; the API reads the history.

At the end the uploads, however often they were interrupted, say what one says that was read in peace.

usage: kills.py YAGURA [--kills N] [--seed N] [--rate WRITES] [--keep]     exit: 0 passed, 1 failed, 77 skipped
"""

import argparse
import collections
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

from cable import Sender, in_a_namespace
from data_folder import History, Journal, told_of
from programs import Client, Yagura, read_in_peace, sign_in

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORT = 18443
RESTART_MOST = 8.0  # seconds until the API answers, or the sensor listens, again
OLD = 1.0  # what is younger may be lost with a sensor
NAMES = ("sensor", "center", "supervisor", "reader")


# --- people ------------------------------------------------------------------------------------------------------

class Person(threading.Thread):
    def __init__(self, token, seed):
        super().__init__(daemon=True)
        self.client = Client(PORT, token)
        self.dice = random.Random(seed)
        self.stop, self.wrong, self.answered, self.unanswered = False, [], 0, 0
        self.lock = threading.Lock()  # held while something is asked: what is known is settled outside of it

    def run(self):
        while not self.stop:
            try:
                with self.lock:
                    self.step()
            except Exception as error:  # noqa: BLE001: a broken test must say so
                self.wrong.append(f"{type(self).__name__}: {error!r}")
                return
            time.sleep(self.dice.uniform(0.01, 0.08))

    def change(self, method, path, body=None):
        """True: answered yes. None: nobody knows. An answer that is neither is wrong."""
        status, answer = self.client.ask(method, path, body)
        if status in (200, 201, 204):
            self.answered += 1
            return answer if answer is not None else True
        if status in (0, 503):
            self.unanswered += 1
            time.sleep(0.2)
            return None
        self.wrong.append(f"{method} {path} {body}: {status} {answer}")
        return None


class Liner(Person):
    """Makes, renames and removes lines."""

    def __init__(self, *words):
        super().__init__(*words)
        self.lines, self.unsure, self.count = {}, set(), 0

    def step(self):
        self.count += 1
        name = f"line {self.count}"
        sure = [line for line in self.lines if line not in self.unsure]
        what = self.dice.random()
        if len(self.lines) < 20 or not sure:
            made = self.change("POST", "/lines", {"name": name, "subnets": [f"10.{self.count % 200 + 20}.0.0/16"]})
            if made:
                self.lines[made["id"]] = name
        elif what < 0.7:
            line = self.dice.choice(sure)
            if self.change("PATCH", f"/lines/{line}", {"name": name}):
                self.lines[line] = name
            else:
                self.unsure.add(line)
        else:
            line = self.dice.choice(sure)
            if self.change("DELETE", f"/lines/{line}"):
                del self.lines[line]
            else:
                self.unsure.add(line)

    def look(self, client):
        status, answer = client.ask("GET", "/lines")
        if status != 200:
            return [f"the lines cannot be read: {status} {answer}"]
        there = {line["id"]: line["name"] for line in answer["lines"]}
        wrong = [f"line {line} was answered as {name!r} and is {there.get(line)!r}" for line, name in self.lines.items()
                 if line not in self.unsure and there.get(line) != name]
        for line in self.unsure & set(self.lines):  # What was not answered may be either; now it is known.
            if line in there:
                self.lines[line] = there[line]
            else:
                del self.lines[line]
        self.unsure.clear()
        return wrong


class Namer(Person):
    """Gives names to devices and takes them back."""

    def __init__(self, *words):
        super().__init__(*words)
        self.names, self.devices, self.unsure, self.count = {}, [], set(), 0

    def step(self):
        if not self.devices or self.count % 200 == 199:
            status, answer = self.client.ask("GET", "/devices?limit=200")
            if status == 200:
                self.devices = [device["id"] for device in answer["devices"]]
            if not self.devices:
                return
        self.count += 1
        device, name = self.dice.choice(self.devices), f"press {self.count}"
        if device in self.unsure:
            return
        if self.change("PATCH", f"/devices/{device}", {"name": name}):
            self.names[device] = name
        else:
            self.unsure.add(device)

    def look(self, client):
        wrong = []
        for device, name in self.names.items():
            status, answer = client.ask("GET", f"/devices/{device}")
            shown = answer["summary"]["name"] if status == 200 else f"{status} {answer}"
            if device in self.unsure and status == 200:
                self.names[device] = shown
            elif shown != name:
                wrong.append(f"device {device} was answered as {name!r} and is {shown!r}")
        self.unsure.clear()
        return wrong


class Accountant(Person):
    """Makes accounts: what does not go through the journal."""

    def __init__(self, *words):
        super().__init__(*words)
        self.names, self.count = set(), 0

    def step(self):
        self.count += 1
        name = f"worker{self.count}"
        if self.change("POST", "/accounts", {"name": name, "shown_name": name, "role": "viewer",
                                             "password": "Minamo press line 7, west"}):
            self.names.add(name)
        time.sleep(1)

    def look(self, client):
        there, cursor = set(), ""
        while True:
            status, answer = client.ask("GET", "/accounts?limit=200" + cursor)
            if status != 200:
                return [f"the accounts cannot be read: {status} {answer}"]
            there |= {account["name"] for account in answer["accounts"]}
            if "next_cursor" not in answer:
                break
            cursor = "&cursor=" + answer["next_cursor"]
        return [f"account {name} was answered and is not there" for name in sorted(self.names - there)]


class Uploader(Person):
    """Brings the same capture again and again."""

    def __init__(self, token, seed, capture, every):
        super().__init__(token, seed)
        self.capture, self.every, self.ids = capture, every, []

    def step(self):
        made = self.change("POST", f"/captures?name={self.capture.name}", self.capture.read_bytes())
        if made:
            self.ids.append(made["id"])
        time.sleep(self.every)

    def look(self, client):
        wrong = []
        for one in self.ids:
            status, answer = client.ask("GET", f"/captures/{one}")
            if status != 200:
                wrong.append(f"upload {one} was answered and is not there: {status} {answer}")
            elif answer["state"] not in ("waiting", "reading", "read"):
                wrong.append(f"upload {one} is {answer['state']}: {answer}")
        return wrong


class Looker(Person):
    """Reads what people look at."""

    def step(self):
        path = self.dice.choice(["/operations?limit=50", "/overview", "/devices?limit=50", "/map", "/captures", "/sensors",
                                 "/blind-spots", "/conversations?limit=50"])
        status, answer = self.client.ask("GET", path)
        if status not in (0, 200, 503):
            self.wrong.append(f"GET {path}: {status} {answer}")
        self.answered += status == 200


# --- what has to be there ----------------------------------------------------------------------------------------

class Watch:
    def __init__(self, yagura, sender, people, token, journal, history):
        self.yagura, self.sender, self.people = yagura, sender, people
        self.client = Client(PORT, token)
        self.journal, self.history = journal, history
        self.excused = []  # (from, until): stretches in which no sensor listened, and a second before
        self.restarts, self.gaps = collections.defaultdict(list), 0
        self.checked = 1  # all writes below are there or excused

    def back(self, name, killed):
        """Seconds until what fell works again."""
        until = time.monotonic() + 40
        while time.monotonic() < until:
            listens = True if name in ("center", "reader") else self.yagura.said("listening on", killed) is not None
            if listens and self.client.ask("GET", "/devices?limit=1", timeout=5)[0] == 200:
                return time.time() - killed
            time.sleep(0.02)
        return None

    def missing(self, before):
        """Writes that were sent until then and are neither there nor excused."""
        self.history.read()
        sent, out = self.sender.sent, []
        for number in range(self.checked, len(sent)):
            if sent[number] >= before:
                break
            if number not in self.history.seen and not any(a <= sent[number] <= b for a, b in self.excused):
                out.append(number)
        return out

    def writes(self, before):
        until = time.monotonic() + 15
        while (missing := self.missing(before)) and time.monotonic() < until:
            time.sleep(0.1)
        if not missing:
            self.checked = next((n for n in range(self.checked, len(self.sender.sent)) if self.sender.sent[n] >= before),
                                len(self.sender.sent))
        wrong = [f"write {n}, sent at {self.sender.sent[n]:.3f}, is not in the history" for n in missing[:3]]
        if len(missing) > 3:
            wrong.append(f"… {len(missing)} writes in all, until {self.sender.sent[missing[-1]]:.3f}")
        double = [n for n, count in self.history.seen.items() if count > 1]
        if double:
            wrong.append(f"{len(double)} writes stand there twice, e.g. {double[:3]}")
        return wrong

    def fall(self, name):
        killed = self.yagura.kill(name)
        if killed is None:
            return None
        took = self.back(name, killed)
        wrong = []
        if took is None:
            return [f"the {name} did not come back"], killed, 0.0
        self.restarts[name].append(took)
        if took > RESTART_MOST:
            wrong.append(f"it took {took:.1f} s until the {name} was back")
        if name in ("sensor", "supervisor"):
            self.excused.append((killed - OLD, self.yagura.said("listening on", killed) + 0.1))
        for person in self.people:
            person.lock.acquire()
        try:
            for person in self.people:
                if hasattr(person, "look"):
                    wrong += person.look(self.client)
                wrong += person.wrong
                person.wrong = []
        finally:
            for person in self.people:
                person.lock.release()
        wrong += self.writes(killed - OLD)
        wrong += self.journal.look()
        wrong += self.history.integrity()
        status, answer = self.client.ask("GET", "/operations?limit=20")
        if status != 200 or len(answer["operations"]) == 0:
            wrong.append(f"the history cannot be read: {status} {answer}")
        return wrong, killed, took


def uploads(watch, folder, reference, ids):
    until = time.monotonic() + 120
    wrong = []
    while time.monotonic() < until:
        states = [watch.client.ask("GET", f"/captures/{one}")[1]["state"] for one in ids]
        if all(state not in ("waiting", "reading") for state in states):
            break
        time.sleep(0.5)
    time.sleep(1)
    expected = told_of(folder, reference)
    for one, state in zip(ids, states):
        if state != "read":
            wrong.append(f"upload {one} is {state}")
            continue
        got = told_of(folder, one)
        for key in sorted(expected.keys() | got.keys()):
            if expected.get(key) != got.get(key):
                want, have = expected.get(key), got.get(key)
                if isinstance(want, tuple) and isinstance(have, tuple) and key.endswith(".sqlite"):
                    want, have = [[*(a - b).items()][:2] for a, b in zip(want, have)], [[*(b - a).items()][:2] for a, b in zip(want, have)]
                wrong.append(f"upload {one} says another {key} than {reference}: {have} for {want}")
    return wrong


def interrupted(watch, folder, reference, capture, dice):
    """A long capture, whose reading falls with the center and with its sensor again and again."""
    status, answer = watch.client.ask("POST", f"/captures?name={capture.name}", capture.read_bytes())
    if status != 201:
        return [f"the long capture is not taken: {status} {answer}"]
    falls = 0
    for name in ("center", "reader", "center", "reader", "center"):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            state = watch.client.ask("GET", f"/captures/{answer['id']}")[1]
            if not isinstance(state, dict) or state.get("state") in ("waiting", "reading"):
                break
            if state.get("state") == "read":
                until = 0
        time.sleep(dice.uniform(0.02, 0.2))
        killed = watch.yagura.kill(name)
        if killed is None:
            continue
        falls += 1
        if watch.back(name, killed) is None:
            return [f"the {name} did not come back"]
    wrong = uploads(watch, folder, reference, [answer["id"]])
    print(f"a capture of {capture.stat().st_size} bytes, interrupted {falls} times: " + ("WRONG" if wrong else "as in peace"))
    return wrong


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("program")
    words.add_argument("--kills", type=int, default=int(os.environ.get("YAGURA_KILLS", 12)))
    words.add_argument("--seed", type=int, default=int(os.environ.get("YAGURA_SEED", time.time_ns() % 1_000_000)))
    words.add_argument("--rate", type=int, default=300)
    words.add_argument("--keep", action="store_true", help="leave the data folder behind")
    given = words.parse_args()
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("zstd") or not in_a_namespace():
        print("SKIPPED: needs root, to make a network namespace, and ip and zstd")
        return 77
    print(f"{given.kills} kills, seed {given.seed} (--seed {given.seed} makes the same choices)", flush=True)
    dice = random.Random(given.seed)
    random.seed(given.seed)
    above = pathlib.Path(tempfile.mkdtemp(prefix="yagura-kills-"))
    folder = above / "data"
    yagura = Yagura(os.path.abspath(given.program), folder, PORT, "--interface", "near")
    wrong = []
    try:
        begun = time.time()
        yagura.start()
        yagura.wait()
        token = sign_in(folder, PORT)
        client = Client(PORT, token)
        while yagura.said("listening on", begun) is None and time.time() < begun + 60:
            time.sleep(0.05)
        time.sleep(0.2)
        capture, long = ROOT / "tests/captures/plant/smoke.pcap.zst", ROOT / "tests/captures/plant/day.pcap.zst"
        reference, long_reference = read_in_peace(client, capture), read_in_peace(client, long)
        sender = Sender(given.rate)
        uploader = Uploader(token, given.seed + 4, capture, 1.5 if given.kills < 30 else 4)
        people = [Liner(token, given.seed), Namer(token, given.seed + 1), Accountant(token, given.seed + 2),
                  Looker(token, given.seed + 3), uploader]
        sender.start()
        for person in people:
            person.start()
        time.sleep(2)
        journal, history = Journal(folder / "journal"), History(folder)
        watch = Watch(yagura, sender, people, token, journal, history)
        done = 0
        while done < given.kills:
            time.sleep(dice.uniform(0.2, 2.0))
            name = dice.choices(NAMES, (3, 4, 2, 1))[0]
            what = watch.fall(name)
            if what is None:
                continue  # A reader, and none is at work.
            done += 1
            more, killed, took = what
            print(f"  {done:3} {name:10} back after {took:4.1f} s, {len(sender.sent) - 1} writes sent, "
                  f"{len(history.seen)} there" + (f"; {len(more)} WRONG" if more else ""), flush=True)
            for line in more:
                print("      ", line, flush=True)
            wrong += more
            if len(wrong) > 40:
                break
        for person in people:
            person.stop = True
        for person in people:
            person.join(30)
        sender.stop = True
        sender.join()
        last = time.time()
        wrong += watch.writes(last)
        more = uploads(watch, folder, reference, uploader.ids)
        more += interrupted(watch, folder, long_reference, long, dice)
        for person in people:
            if hasattr(person, "look"):
                more += person.look(watch.client)
        ending = time.monotonic()
        code = yagura.end()
        ending = time.monotonic() - ending
        if code != 0 or ending > 10:
            more.append(f"yagura run ends with {code} after {ending:.1f} s")
        more += journal.look() + history.integrity()
        for line in more:
            print("      ", line)
        wrong += more
        unheard = sum(1 for n in range(1, len(sender.sent)) if n not in history.seen)
        print(f"{done} kills: " + ", ".join(f"{len(times)} {name} (back after {sorted(times)[len(times) // 2]:.1f} s, {max(times):.1f} s at most)"
                                            for name, times in sorted(watch.restarts.items())))
        print(f"{len(sender.sent) - 1} writes sent, {len(history.seen)} in the history, {unheard} while no sensor listened "
              f"(or in the second before), {sum(c - 1 for c in history.seen.values())} doubled")
        print(f"{sum(p.answered for p in people)} answers, {sum(p.unanswered for p in people)} changes unanswered; "
              f"{len(uploader.ids)} uploads; journal of {sum(p.stat().st_size for p in (folder / 'journal').glob('*/*')) / 1e6:.1f} MB "
              f"in {len(list((folder / 'journal').glob('*/*')))} segments, {len(journal.torn)} seen with half a record at the end")
    finally:
        if yagura.process and yagura.process.poll() is None:
            yagura.process.terminate()
            yagura.process.wait(60)
        if given.keep or wrong:
            print("kept:", above)
        else:
            shutil.rmtree(above)
    print("FAILED" if wrong else "passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
