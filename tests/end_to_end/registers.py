#!/usr/bin/env python3
"""The register ledger against what the testbed did: testbed/plant.toml says which program writes which register of whom, and in which
bounds; the recorded incident says in which frames a laptop wrote 340 to the press. Who wrote last, what it was before, what it was at a
time, who was refused, in the ledger's list, in one register, in exports; all of it stays after kill -9 in the middle of a write.

usage: registers.py YAGURA      exit: 0 passed, 1 failed
"""

import csv
import datetime
import io
import json
import pathlib
import struct
import subprocess
import sys
import time
import tomllib
import urllib.parse

from programs import Client, read_in_peace, running, sign_in

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CAPTURE = ROOT / "tests/captures/plant/incident.pcap.zst"
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def frame_times():
    """Nanoseconds since 1970 by frame, from the file itself."""
    data = subprocess.run(["zstd", "-dcq", CAPTURE], capture_output=True, check=True).stdout
    nano = struct.unpack_from("<I", data)[0] == 0xa1b23c4d
    times, at = [0], 24
    while at + 16 <= len(data):
        seconds, part, kept, _ = struct.unpack_from("<IIII", data, at)
        times.append(seconds * 10**9 + (part if nano else part * 1000))
        at += 16 + kept
    return times


def text(ns):
    return datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{ns % 10**9:09}Z"


def writers_of_the_plant():
    """(address, register) -> addresses of those whose program writes it, and its bounds."""
    out = {}
    for device in tomllib.loads((ROOT / "testbed/plant.toml").read_text())["device"]:
        for program in device.get("programs", []):
            if program["run"] != "modbus_client":
                continue
            for target in program["targets"]:
                for kind, address, *bounds in target.get("write", []):
                    name = f"{'holding register' if kind == 'register' else 'coil'} {address}"
                    one = out.setdefault((target["ip"], name), {"by": set(), "bounds": bounds or None})
                    one["by"].add(device["ip"][0])
    return out


def listed(client, **query):
    rows, cursor = [], None
    while True:
        page = client.ask("GET", "/registers?" + urllib.parse.urlencode(query | {"limit": 200} | ({"cursor": cursor} if cursor else {})))[1]
        rows += page["registers"]
        cursor = page.get("next_cursor")
        if not cursor:
            return rows


def one_of(client, devices, address, name):
    rows = [row for row in listed(client, device=devices[address], q=name) if row["object"] == name]
    if len(rows) != 1:
        return None
    return client.ask("GET", f"/registers/{rows[0]['id']}")[1]["register"]


def whose(users):
    return {user["who"].get("address") for user in users}


def by_the_plant(client, devices, attack):
    known = writers_of_the_plant()
    seen = 0
    for (address, name), told in sorted(known.items()):
        row = one_of(client, devices, address, name) if address in devices else None
        if row is None or not row["writers"]:
            continue  # In a short recording not every one of them came to its turn.
        seen += 1
        more = {attack["client"]} if address in attack["targets"] and name in ("holding register 100", "coil 3") else set()
        if whose(row["writers"]) - more != told["by"]:
            check(False, f"{address} {name} is written by {whose(row['writers'])}, the plant's programs say {told['by']} and {more}")
        if told["bounds"] and not more:
            values = client.ask("GET", f"/registers/{row['id']}/values?limit=1000")[1]
            written = [int(one["value"].strip("[]")) for one in values["changes"] if one["writes"]]
            check(all(told["bounds"][0] <= value < told["bounds"][1] for value in written), f"{address} {name}: {len(written)} written values, all of them between {told['bounds'][0]} and {told['bounds'][1]}")
    check(seen >= 4, f"{seen} registers that the plant's programs write are written by just those")
    several = {(row["device"].get("address"), row["object"]) for row in listed(client, written="several")}
    target = attack["targets"][0]
    check({(target, "holding register 100"), (target, "coil 3")} <= several, f"and {len(several)} by more than one, the press's among them")
    never = listed(client, written="never")
    check(never and not any(row["writers"] or "written" in row for row in never), f"{len(never)} were never written, and nobody wrote them")


def by_the_laptop(client, devices, attack, times):
    target, laptop = attack["targets"][0], attack["client"]
    row = one_of(client, devices, target, "holding register 100")
    check(row is not None and {laptop, "10.10.1.30"} <= whose(row["writers"]), f"holding register 100 of the press is written by the laptop and its panel: {row and whose(row['writers'])}")
    rows = listed(client, writer=devices[laptop])
    check({(one["device"].get("address"), one["object"]) for one in rows} >= {(target, "holding register 100"), (target, "coil 3")}, f"what the laptop wrote: {[one['object'] for one in rows][:6]}")
    first, last = times[min(attack["frames"])], times[max(attack["frames"])]
    before = client.ask("GET", f"/registers/{row['id']}/at?time={text(first)}")[1]
    check(before.get("was") and 80 <= int(before["was"]["value"]) < 120 and before["was"]["who"]["address"] == "10.10.1.30", f"before the laptop it was what the panel wrote: {before.get('was', {}).get('value')}")
    after = client.ask("GET", f"/registers/{row['id']}/at?time={text(last)}")[1]
    was = after.get("was", {})
    check(was.get("value") == "340" and was["writes"] and was["who"]["address"] == laptop and was["before"] == before["was"]["value"], f"after it 340, by the laptop, and it says what it was: {was.get('value')} by {was.get('who', {}).get('address')}, before {was.get('before')}")
    check(was.get("evidence", {}).get("frame") in attack["frames"], f"its evidence is a frame of the laptop's: {was.get('evidence', {}).get('frame')}")
    check("until" in after and after["until"] > text(last), f"and it stayed so until {after.get('until')}")
    values = client.ask("GET", f"/registers/{row['id']}/values?limit=1000")[1]
    check(values["most"] == 340 and {int(one["value"]) for one in values["set"]} <= set(range(80, 120)) | {340}, f"{values['count']} changes, {values['distinct']} values from {values['least']} to {values['most']}")
    message = client.ask("GET", f"/operations/{was['operation']}")[1]
    check(message["register"] == row["id"] and message["object"] == "holding register 100" and "0154" in message["message"], "the act leads to its bytes, and from them back to the ledger")  # 340 is 0x0154.
    refused = one_of(client, devices, target, "holding register 900")
    check(refused is not None and refused["refused"] >= 1 and not refused["writers"] and "written" not in refused, "what was refused was never written")
    status, body = client.ask("GET", f"/registers/{row['id']}/values/export?lang=ja", as_bytes=True)
    check(status == 200 and any(line.get("値") == "340" for line in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))), "the export of its values has 340")
    status, body = client.ask("GET", f"/registers/export?device={devices[target]}", as_bytes=True)
    lines = {line["object"]: line for line in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}
    check(status == 200 and lines["holding register 900"]["writers"] == "" and float(lines["holding register 100"]["most"]) == 340, f"the export of the ledger: {len(lines)} rows")
    # An address in the middle of what the historian reads at once.
    found = listed(client, device=devices[target], q="holding register 57")
    check(any(one["object"] == "holding register 0" and one["elements"] >= 58 for one in found), f"holding register 57 is in {[(one['object'], one['elements']) for one in found]}")
    return row["id"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    attack = next(one for one in json.loads((ROOT / "tests/captures/plant/incident.truth.json").read_text())["attacks"] if one["scenario"] == "modbus_writes")
    times = frame_times()
    with running(sys.argv[1], "registers", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        read_in_peace(client, CAPTURE)
        devices, until = {}, time.monotonic() + 60
        while not devices.keys() >= {"10.10.1.10", attack["client"]} and time.monotonic() < until:
            time.sleep(0.3)
            devices = {one.get("address"): one["id"] for one in client.ask("GET", "/devices?limit=1000")[1]["devices"]}
        by_the_plant(client, devices, attack)
        register = by_the_laptop(client, devices, attack, times)
        asked = [f"/registers/{register}", f"/registers/{register}/values?limit=1000", f"/registers?device={devices['10.10.1.10']}&limit=1000", "/registers?limit=1000"]
        before = [client.ask("GET", path) for path in asked]
        limits = {row["name"]: row for row in client.ask("GET", "/health/limits")[1]["limits"]}
        check(limits["store.registers"]["used"] == before[3][1]["all"] > 100 and limits["store.values_of_day"]["used"] > 0, f"the limits count them: {limits['store.registers']['used']} registers")
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        client.close()
        for path, answer in zip(asked, before):
            check(client.ask("GET", path) == answer, f"after kill -9 {path.split('?')[0]} is what was answered")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
