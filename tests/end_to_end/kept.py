#!/usr/bin/env python3
"""What is kept: captures that people bring, the first password, backups.

Captures: one that is cut short is read up to there and says where and why; what is none is refused; one is taken out
again with all that came from it, and the audit log says by whom. The first password's file goes when its owner has
another one. Backups: taken while captures are read and lines are made, restored elsewhere, every answered change is
there; taken in peace, the restored API answers the same. What is wrong with a backup or its place is told, and
nothing is changed.

usage: kept.py YAGURA      exit: 0 passed, 1 failed
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

from programs import PASSWORD, Client, Yagura, read_in_peace, running, sign_in

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLANT = ROOT / "tests/captures/plant"
SAME = ["/devices?limit=1000", "/lines", "/captures", "/conversations?limit=1000", "/operations?limit=1000", "/map", "/overview",
        "/accounts", "/sensors", "/devices/facets"]
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def yagura_word(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def wait_for(client, capture, *states):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        answer = client.ask("GET", f"/captures/{capture}")[1]
        if answer.get("state") in states:
            return answer
        time.sleep(0.1)
    return answer


def bring(client, name, content):
    return client.ask("POST", f"/captures?name={name}", content)


def captures(client, folder):
    day = PLANT / "smoke.pcap.zst"
    plain = subprocess.run(["zstd", "-dqc", str(day)], capture_output=True, check=True).stdout
    reference = read_in_peace(client, day)
    devices = client.ask("GET", "/devices?limit=1000")[1]["devices"]

    status, answer = bring(client, "cut.pcap", plain[:len(plain) * 2 // 3])
    check(status == 201, "a capture that is cut short is taken")
    cut = wait_for(client, answer["id"], "damaged", "read", "failed")
    check(cut["state"] == "damaged" and "cut short" in cut.get("damage", {}).get("what", "") and cut["damage"].get("packet", 0) > 0,
          f"it is read up to there, with the reason: {cut.get('state')}, {cut.get('damage')}")
    check(0 < cut["packets"] <= cut["damage"].get("packet", 0), f"{cut['packets']} packets before it")

    garbage = bytearray(plain)
    at = len(garbage) // 2
    garbage[at:at + 4096] = b"\xff" * 4096
    status, answer = bring(client, "damaged.pcap", bytes(garbage))
    hurt = wait_for(client, answer["id"], "damaged", "read", "failed")
    check(hurt["state"] in ("damaged", "read") and hurt["packets"] > 0, f"one with a damage inside: {hurt['state']}, {hurt.get('damage')}")

    status, answer = bring(client, "letter.txt", b"Dear plant, this is no capture at all.")
    check(status == 400 and answer["code"] == "api.unfit", f"what is no capture is refused: {status}")

    for one in (cut["id"], hurt["id"]):
        status, answer = client.ask("DELETE", f"/captures/{one}")
        check(status == 204, f"capture {one} is taken out: {status} {answer or ''}")
    until = time.monotonic() + 20
    while time.monotonic() < until and client.ask("GET", f"/captures/{hurt['id']}")[0] != 404:
        time.sleep(0.1)
    listed = [one["id"] for one in client.ask("GET", "/captures")[1]["captures"]]
    check(listed == [reference], f"its row is gone: {listed}")
    time.sleep(1)
    check(client.ask("GET", "/devices?limit=1000")[1]["devices"] == devices, "the devices are those of before")
    check(not list((folder / "uploads").iterdir()), "no file of it is left")
    check(len(list((folder / "journal").glob("75706c6f6164*"))) == 1, "nor any record in the journal")
    audit = client.ask("GET", "/audit?limit=200")[1]
    rows = [row for row in audit["entries"] if row.get("about", "").endswith(cut["id"]) or cut["id"] in json.dumps(row)]
    check(any("delete" in json.dumps(row).lower() and "admin" in json.dumps(row) for row in rows), f"the audit log says who did it: {rows[:1]}")
    return reference


def answers(client):
    out = {path: client.ask("GET", path) for path in SAME}
    out["/overview"][1].pop("at")
    for device in out["/devices?limit=1000"][1]["devices"]:
        for more in ("", "/history", "/peers"):
            out[f"/devices/{device['id']}{more}"] = client.ask("GET", f"/devices/{device['id']}{more}")
        told = out[f"/devices/{device['id']}"][1]
        for row in told["facts"] + told["parts"]:
            for when in ("last", "last_seen"):  # Drawn when something else changes, every ten minutes, at each start.
                row.pop(when, None)
    return out


def backups(program, yagura, client, above):
    lines, stop = {}, threading.Event()

    def load():
        mine, dice = Client(yagura.port, client.token), random.Random(1)
        while not stop.is_set():
            status, answer = mine.ask("POST", "/lines", {"name": f"line {len(lines)}", "subnets": []})
            if status == 201:
                lines[answer["id"]] = answer["name"]
            if len(lines) % 20 == 0:
                mine.ask("POST", "/captures?name=load.pcap.zst", (PLANT / "smoke.pcap.zst").read_bytes())
            time.sleep(dice.uniform(0.005, 0.03))

    bring(client, "day.pcap.zst", (PLANT / "day.pcap.zst").read_bytes())
    loader = threading.Thread(target=load, daemon=True)
    loader.start()
    time.sleep(1)
    before = dict(lines)
    brought = [capture["id"] for capture in client.ask("GET", "/captures")[1]["captures"]]
    code, said = yagura_word(program, "backup", str(above), "--data", str(yagura.folder))
    loaded = next(iter(above.glob("yagura-*.tar.zst")), None)
    check(code == 0 and loaded, f"a backup under load: {said.strip().splitlines()[0] if said else code}")
    after = dict(lines)
    time.sleep(0.5)
    stop.set()
    loader.join()
    check(oct(loaded.stat().st_mode & 0o777) == "0o600", "only its owner reads it")
    listed = subprocess.run(["tar", "--zstd", "-tf", str(loaded)], capture_output=True, text=True)
    check(listed.returncode == 0 and "manifest.json" in listed.stdout, "tar opens it, too")

    for capture in client.ask("GET", "/captures")[1]["captures"]:
        wait_for(client, capture["id"], "read", "damaged", "failed")
    time.sleep(1)
    quiet = above / "quiet.tar.zst"
    code, said = yagura_word(program, "backup", str(quiet), "--data", str(yagura.folder))
    check(code == 0, "a backup in peace: " + said.strip().splitlines()[0])
    expected = answers(client)

    code, said = yagura_word(program, "backup", str(quiet), "--data", str(yagura.folder))
    check(code == 1 and "there is such a file already" in said and "next:" in said, "a file is not overwritten")
    code, said = yagura_word(program, "restore", str(quiet), "--data", str(yagura.folder), "--replace")
    check(code == 1 and "another program works on this folder" in said, "nothing is restored under a running center")
    full = above / "full"
    full.mkdir()
    (full / "diary").write_text("mine")
    code, said = yagura_word(program, "restore", str(quiet), "--data", str(full))
    check(code == 1 and "there is something in the data folder already" in said and "--replace" in said, "nor over something")
    check(sorted(p.name for p in full.iterdir() if "lock" not in p.name) == ["diary"], "and it is as it was")
    code, said = yagura_word(program, "restore", str(quiet), "--data", str(full), "--replace")
    aside = next(iter(full.glob(".replaced-*/diary")), None)
    check(code == 0 and aside and aside.read_text() == "mine", "unless told: then it is kept aside")

    bad = above / "bad.tar.zst"
    whole = quiet.read_bytes()
    for name, content in (("cut off", whole[:len(whole) // 2]), ("another byte", whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]),
                          ("no backup", b"Dear plant"), ("nothing", b"")):
        bad.write_bytes(content)
        code, said = yagura_word(program, "restore", str(bad), "--data", str(above / "bad"))
        check(code == 1 and "damaged" in said and "next:" in said and not [p for p in (above / "bad").iterdir() if "lock" not in p.name],
              f"a backup that is {name} is refused whole: {said.splitlines()[0] if said else ''}")
    changed = above / "changed"
    changed.mkdir()
    subprocess.run(["tar", "--zstd", "-xf", str(quiet), "-C", str(changed)], check=True)
    with open(changed / "state.sqlite", "r+b") as file:
        file.seek(4096)
        file.write(b"\0" * 64)
    names = listed_names(quiet)
    subprocess.run(["tar", "--zstd", "--format=ustar", "-cf", str(bad), "-C", str(changed), *names], check=True)
    code, said = yagura_word(program, "restore", str(bad), "--data", str(above / "bad"))
    check(code == 1 and "is not what was kept" in said, "one whose file was changed, too")
    (changed / "evil").write_text("x")
    subprocess.run(["tar", "--zstd", "--format=ustar", "-P", "-cf", str(bad), "-C", str(changed), "../changed/evil"], check=True)
    code, said = yagura_word(program, "restore", str(bad), "--data", str(above / "bad"))
    check(code == 1 and "that no backup holds" in said, "one that would write elsewhere, too")

    for name, backup in (("load", loaded), ("quiet", quiet)):
        there = above / f"restored-{name}"
        code, said = yagura_word(program, "restore", str(backup), "--data", str(there))
        check(code == 0, f"{name}: restored: {said.strip().splitlines()[0]}")
        code, said = yagura_word(program, "check-data", "--data", str(there))
        check(code == 0 and ": ok, " in said, f"{name}: sound: {said.strip()}")
        other = Yagura(program, there, yagura.port + 1)
        other.log = above / f"{name}.log"
        other.start()
        other.wait()
        second = Client(other.port, client.token)
        if name == "load":
            have = {line["id"]: line["name"] for line in second.ask("GET", "/lines")[1]["lines"]}
            lost = [line for line, called in before.items() if have.get(line) != called]
            check(not lost and set(have) <= set(after) | set(before) | {"l0-1"} | set(have), f"{len(before)} lines answered before it are there")
            for capture in brought:  # One that was brought while it was made may have to be brought again.
                answer = wait_for(second, capture, "read", "failed", "damaged")
                check(answer["state"] == "read", f"capture {capture} is {answer['state']}: {answer.get('damage', '')}")
        else:
            got = answers(second)
            different = [path for path in expected if got.get(path) != expected[path]]
            for path in different[:3]:
                print("     ", path, str(expected[path])[:300], "\n     ", str(got.get(path))[:300])
            check(not different, f"{len(expected)} questions are answered the same: {different}")
        check(other.end() == 0, f"{name}: ends")


def listed_names(backup):
    return subprocess.run(["tar", "--zstd", "-tf", str(backup)], capture_output=True, text=True).stdout.split()


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    program = os.path.abspath(sys.argv[1])
    with running(program, "kept", wrong) as (yagura, above):
        first = above / "data/first-password"
        check(first.exists() and oct(first.stat().st_mode & 0o777) == "0o600", "the first password is in a file")
        token = sign_in(above / "data", yagura.port)
        check(not first.exists(), "which is gone when its owner has another one")
        client = Client(yagura.port, token)
        check(Client(yagura.port).ask("POST", "/session", {"name": "admin", "password": PASSWORD})[0] == 200, "with which one signs in")
        captures(client, above / "data")
        backups(program, yagura, client, above)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
