#!/usr/bin/env python3
"""Communication needs of the recorded plant beside its ground truth: a day of the plant is brought, its lines are named by their
subnets, a ledger says whose its devices are. The needs of the plant and of each line are those that plant.toml makes, no one more and
no one less, with their purpose and owner; and so is what stops if any device, or a subnet, stops.

usage: needs.py YAGURA      exit: 0 passed, 1 failed
"""

import csv
import io
import ipaddress
import json
import pathlib
import sys
import time
import tomllib

from programs import Client, read_in_peace, running, sign_in

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CAPTURE = ROOT / "tests/captures/plant/day.pcap.zst"
TRUTH = json.loads((ROOT / "tests/captures/plant/day.truth.json").read_text())
SUBNETS = {name: ipaddress.ip_network(net) for name, net in tomllib.loads((ROOT / "testbed/plant.toml").read_text())["subnets"].items()}
OWNERS = {"press-plc": ("佐藤 健", "生産技術"), "plant-server": ("高橋 蓮", "情報システム"), "scada": ("田中 葵", "生産技術")}
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def differs(found, wanted):
    return f"missing {sorted(wanted - found, key=str)[:6]}, too many {sorted(found - wanted, key=str)[:6]}"


def names_of(client):
    """Devices by id, called as in the truth: by their MAC, and by the addresses behind a router."""
    by_mac = {device["mac"]: device["name"] for device in TRUTH["devices"]}
    by_ip = {address: device["name"] for device in TRUTH["devices"] for address in device["ip"]}
    out = {}
    for one in client.ask("GET", "/devices?limit=1000")[1]["devices"]:
        out[one["id"]] = by_ip.get(one.get("address")) or by_mac.get(one.get("mac")) or one["name"]
    return out


def all_needs(client, query=""):
    found, cursor = [], ""
    while True:
        status, page = client.ask("GET", f"/needs?limit=1000{query}" + (f"&cursor={cursor}" if cursor else ""), timeout=60)
        check(status == 200, f"needs are given: {status} {page if status != 200 else page['counts']}")
        found += page["needs"]
        cursor = page.get("next_cursor", "")
        if not cursor:
            return found


def key(need, names):
    end = lambda side: names.get(need[side]["device"].get("id"), need[side]["address"])
    return end("client"), end("server"), need.get("carrier"), need.get("port"), need.get("protocol")


def wanted_of(net=None):
    """Needs of the truth that have an end in a subnet."""
    addresses = {device["name"]: device["ip"] or ["10.10.0.1"] for device in TRUTH["devices"]}
    inside = lambda name: any(net is None or ipaddress.ip_address(one) in net for one in addresses.get(name, []))
    return {(one["client"], one["server"], one["carrier"], one["port"], one["protocol"]): one["purpose"] for one in TRUTH["needs"] if inside(one["client"]) or inside(one["server"])}


def rules(needs, names):
    """Whoever asks for an address does so before it has one: DHCP is looked at by itself."""
    return {key(need, names): need for need in needs if need["kind"] == "rule" and need.get("protocol") != "dhcp"}


def stops_wanted(stop):
    """device: {why}, by the truth alone."""
    out = {}
    known = {device["name"] for device in TRUTH["devices"]}
    for one in TRUTH["needs"]:
        client, server = one["client"], one["server"]
        if client not in known or server not in known:
            continue
        if server in stop and client not in stop:
            out.setdefault(client, set()).add("asks")
        if client in stop and server not in stop and one["purpose"] in ("values", "program") and server in WRITTEN.get(client, set()):
            out.setdefault(server, set()).add("commands")
    return out


# Whoever writes values; an engineering station loads programs and writes none.
WRITTEN = {}
for _one in TRUTH["needs"]:
    if _one["purpose"] == "values":
        WRITTEN.setdefault(_one["client"], set()).add(_one["server"])


def stops_found(client, query, names):
    status, page = client.ask("GET", f"/stops?{query}", timeout=60)
    if status != 200:
        check(False, f"what stops is given: {status} {page}")
        return {}
    found = {names.get(row["device"].get("id"), row["device"]["name"]): {reason["why"] for reason in row["reasons"] if reason.get("protocol") != "dhcp"} for row in page["rows"]}
    return {name: why for name, why in found.items() if why}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with running(sys.argv[1], "needs", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        read_in_peace(client, CAPTURE)
        until = time.monotonic() + 120
        while len(names := names_of(client)) < len(TRUTH["devices"]) and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(2)
        names = names_of(client)
        lines = {name: client.ask("POST", "/lines", {"name": name, "subnets": [str(net)]})[1]["id"] for name, net in SUBNETS.items()}
        ledger = "機器名称,IPアドレス,担当者,部署\r\n" + "".join(
            f"{name},{next(d['ip'][0] for d in TRUTH['devices'] if d['name'] == name)},{owner},{department}\r\n" for name, (owner, department) in OWNERS.items())
        file = client.ask("POST", "/ledger/files?name=daicho.csv", ledger.encode("cp932"))[1]
        check(client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})[0] == 200, "a ledger is imported")
        time.sleep(3)

        found = rules(all_needs(client), names)
        wanted = wanted_of()
        check(found.keys() == wanted.keys(), f"{len(found)} needs of the plant are those of the truth: {differs(found.keys(), wanted.keys())}")
        other = {one: (found[one]["purpose"], what) for one, what in wanted.items() if one in found and found[one]["purpose"] != what}
        check(not other, f"each is for what the truth says: {list(other.items())[:5]}")
        for name, net in SUBNETS.items():
            of_line = rules(all_needs(client, f"&line={lines[name]}"), names)
            wanted = {one for one in wanted_of(net)}
            check(of_line.keys() == wanted, f"{len(of_line)} needs of {name}: {differs(of_line.keys(), wanted)}")
        press = found.get(("press-hmi", "press-plc", "tcp", 502, "modbus"), {"server": {}, "half_hours": [], "by_client": []})
        check(press["server"].get("owner", {}).get("owner") == OWNERS["press-plc"][0], f"a need says whose its ends are: {press['server'].get('owner')}")
        check(sum(1 for one in press.get("half_hours", []) if one) == 48, f"and when: in {sum(1 for one in press.get('half_hours', []) if one)} half hours of the day")
        check({"read", "write"} <= {one["act"] for one in press["by_client"]}, "and by which acts")
        backup = found.get(("eng-pc-07", "file-server", "tcp", 445, "smb"), {})
        check(0 < sum(1 for one in backup.get("half_hours", []) if one) < 12, f"what is done twice a day is not done all day: {[i / 2 for i, one in enumerate(backup.get('half_hours', [])) if one]}")

        every = {name: id for id, name in names.items()}
        worse = {}
        for device in TRUTH["devices"]:
            name = device["name"]
            if name not in every:
                check(False, f"{name} is seen")
                continue
            said, want = stops_found(client, f"device={every[name]}", names), stops_wanted({name})
            if said != want:
                worse[name] = (said, want)
        check(not worse, f"what stops if any of {len(TRUTH['devices'])} devices stops: {list(worse.items())[:3]}")
        for name in ("press", "assembly"):
            inside = {device["name"] for device in TRUTH["devices"] if any(ipaddress.ip_address(one) in SUBNETS[name] for one in device["ip"])}
            said, want = stops_found(client, f"subnet={SUBNETS[name]}", names), stops_wanted(inside - {"router"} | ({"router"} & inside))
            check(said == want, f"if the subnet of {name} stops: {said if said != want else sorted(said)}, {want if said != want else ''}")
        switch = client.ask("GET", f"/stops?device={every.get('core-switch', 'd0-0')}")[1]
        check(bool(switch.get("unknown")), f"what a switch carries is said not to be known: {switch.get('unknown')}")

        status, body = client.ask("GET", "/needs/export?lang=ja&offset=540&kind=rule", as_bytes=True, timeout=60)
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        modbus = [row for row in rows if row["ポート"] == "502"]
        check(status == 200 and len(modbus) == sum(1 for one in TRUTH["needs"] if one["port"] == 502), f"the file has {len(rows)} rows, {len(modbus)} of them for port 502")
        check(any(row["応える側の担当"] == OWNERS["press-plc"][0] and row["何のため"] == "値を読み書きする" for row in rows), "with owner and purpose in plain words")
        status, body = client.ask("GET", f"/stops/export?device={every['press-plc']}&lang=ja", as_bytes=True)
        check(status == 200 and "press-hmi" in names.values() and "応答が得られなくなる" in body.decode("utf-8-sig"), "what stops is a file, too")
        client.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
