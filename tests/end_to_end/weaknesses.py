#!/usr/bin/env python3
"""Advisories against devices that say what they are: a capture with identity objects is brought, then the public set of
advisories as a ZIP and the catalogue of exploited weaknesses. True matches stand with frames, what lacks a fact says which
and whom to ask, nobody is called affected who is not; decisions stay after kill -9; a broken file names file and place.

usage: weaknesses.py YAGURA [REFDATA]      exit: 0 passed, 1 failed
REFDATA: $YAGURA_SHARED/refdata, else ../shared/refdata beside the sources; without it this says so and tests nothing
"""

import io
import json
import os
import pathlib
import random
import struct
import sys
import time
import zipfile

import ledger
from programs import Client, read_in_peace, running, sign_in

wrong = ledger.wrong
check = ledger.check
ROCKWELL, OMRON, MITSUBISHI = 1, 47, 161
# What a device says of itself, and what a person reads in an advisory about it: affected, not_affected, or the fact that is missing.
PLANT = [
    (ROCKWELL, "5069-L330ER", (33, 12), {"ICSA-24-284-18": "affected"}),
    (ROCKWELL, "5069-L330ER", (33, 15), {"ICSA-24-284-18": "not_affected", "ICSA-24-226-10": "affected"}),
    (ROCKWELL, "1756-L85E/B", (36, 11), {"ICSA-24-226-10": "not_affected", "ICSA-24-284-18": "not_affected"}),
    (ROCKWELL, "1756-L85E/B", (35, 12), {"ICSA-24-226-10": "affected"}),
    (ROCKWELL, "1756-EN2T/D", (10, 6), {"ICSA-24-214-09": "affected"}),
    (ROCKWELL, "1756-EN2T", (10, 6), {"ICSA-24-214-09": "series"}),
    (ROCKWELL, "1756-L73", (20, 11), {"ICSA-24-030-05": "affected", "ICSA-24-284-18": None}),
    (MITSUBISHI, "RJ71EN71", (65, 0), {"ICSA-22-335-01": "affected"}),
    (MITSUBISHI, "RJ71EN71", (66, 0), {"ICSA-22-335-01": "not_affected"}),
    (MITSUBISHI, "RJ71EIP91", (5, 0), {"ICSA-23-157-02": "affected"}),
    (MITSUBISHI, "Q03UDECPU", (1, 0), {"ICSA-22-172-01": "serial"}),
    (OMRON, "NX102-9000", (1, 28), {"ICSA-22-314-07": "affected"}),
    (OMRON, "NX102-9000", (1, 40), {"ICSA-22-314-07": "advisory"}),
    (OMRON, "CJ2M-CPU31", (2, 1), {"ICSA-23-262-05": "not_affected"}),
]
OTHERS = 400


def identity(device):
    """ListIdentity's answer (CIP volume 2, 2-4.3), with the name that this device has."""
    name = device.product.encode()
    item = struct.pack("<H", 1) + struct.pack(">hH4s8x", 2, 44818, ledger.address(device.ip))
    item += struct.pack("<HHHBBHI", device.maker, 12, 166, *device.revision, 0, device.serial) + bytes([len(name)]) + name + b"\3"
    body = struct.pack("<HHH", 1, 0x0C, len(item)) + item
    return struct.pack("<HHII8sI", 0x63, len(body), 0, 0, b"\0" * 8, 0) + body


def plant(rng):
    devices = []
    for index in range(len(PLANT) + OTHERS):
        device = ledger.Device(index, rng)
        maker, product, revision, expected = PLANT[index] if index < len(PLANT) else (MITSUBISHI, "R04ENCPU", (70, 0), {"ICSA-22-335-01": "not_affected"})
        device.maker, device.product, device.revision, device.expected = maker, product, revision, expected
        if product == "Q03UDECPU":
            device.serial = 0
        devices.append(device)
    return devices


def zipped(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*")):
            archive.write(file, f"white/2024/{file.name}")
    return out.getvalue()


def whole(client, query=""):
    items, cursor = [], ""
    while True:
        status, page = client.ask("GET", f"/weaknesses?limit=1000{query}" + (f"&cursor={cursor}" if cursor else ""), timeout=120)
        if status != 200:
            check(False, f"the list is given: {status} {page}")
            return items
        items += page["items"]
        cursor = page.get("next_cursor", "")
        if not cursor:
            check(len(items) == page["total"], f"all {page['total']} are listed")
            return items


def matched(client, devices):
    by_ip = {}
    for item in whole(client):
        by_ip.setdefault(item["device"].get("address", item["device"]["name"]), {})[item["advisory"]] = item
    for device in devices:
        found = by_ip.get(device.ip, {})
        for advisory, expected in device.expected.items():
            item = found.get(advisory)
            said = item and (item.get("missing") or item["verdict"])
            if device.index < len(PLANT) or said != expected:
                check(said == expected, f"{device.product} {'.'.join(map(str, device.revision))}, {advisory}: {said}")
            if item and item["verdict"] == "affected":
                seen = [one for one in item["facts"] if one.get("evidence", {}).get("frame")]
                check(len(seen) >= 2, f"  with {len(seen)} facts that name their frame, the entry {item['product']!r} and the rules {item['product_rule']}, {item['version_rule']}")
            if item and item.get("missing"):
                check(item.get("how_ja") and item.get("how_en"), f"  and how the fact is got: {item.get('how_en')}")
    return by_ip


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    source = pathlib.Path(__file__).resolve().parent.parent.parent
    refdata = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(os.environ.get("YAGURA_SHARED", source / "../shared")) / "refdata")
    if not (refdata / "csaf").is_dir():
        print(f"SKIPPED: no advisories at {refdata}/csaf, so nothing was tested")
        return 0
    ledger.identity = identity
    rng = random.Random(2026)
    devices = plant(rng)
    asker = ledger.Device(5_000, rng)
    asker.ip, asker.last = "10.20.7.254", ledger.NOW
    with running(sys.argv[1], "weaknesses", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        (above / "plant.pcap").write_bytes(ledger.capture(devices, asker))
        read_in_peace(client, above / "plant.pcap")
        until = time.monotonic() + 60
        while (total := client.ask("GET", "/devices?limit=1")[1]["total"]) < len(devices) + 1 and time.monotonic() < until:
            time.sleep(0.2)
        check(total == len(devices) + 1, f"{total} devices")
        while client.ask("GET", "/devices?limit=1&q=R04ENCPU")[1]["total"] < OTHERS and time.monotonic() < until:
            time.sleep(0.2)
        check(client.ask("GET", "/weaknesses/feeds")[1] == {"feeds": []}, "nothing is known of weaknesses yet")
        feeds(client, refdata)
        begun = time.monotonic()
        client.ask("GET", "/weaknesses/facets", timeout=120)
        print(f"  the first answer took {time.monotonic() - begun:.2f} s, for {total} devices")
        begun = time.monotonic()
        status, facets = client.ask("GET", "/weaknesses/facets", timeout=120)
        print(f"  the next {time.monotonic() - begun:.2f} s: {facets['verdict']}")
        check(status == 200 and facets["exploited"] == 0 or facets["total"] > 0, f"facets: {facets['total']} in all")
        by_ip = matched(client, devices)
        owner(client, devices)
        decided(client, devices, by_ip)
        broken(client)
        same = ["/weaknesses?limit=1000", "/weaknesses/facets", "/weaknesses/feeds", "/weaknesses?state=accepted&state=mitigated"]
        before = [client.ask("GET", path, timeout=120) for path in same]
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        client.close()
        for path, answer in zip(same, before):
            check(client.ask("GET", path, timeout=120) == answer, f"after kill -9 {path.split('?')[0]} is what was answered")
        check(client.ask("DELETE", "/weaknesses/feeds/csaf")[0] == 204, "advisories can be taken out")
        check(client.ask("GET", "/weaknesses", timeout=120)[1]["total"] == 0, "and nothing is said any more")
    return 1 if wrong else 0


def feeds(client, refdata):
    begun = time.monotonic()
    status, told = client.ask("POST", "/weaknesses/feeds?name=white.zip", zipped(refdata / "csaf"), timeout=300)
    check(status == 201 and told["advisories"] == 213 and told["changed"] == 213 and told["problem_count"] == 0, f"213 advisories in {time.monotonic() - begun:.1f} s: {status} {told}")
    status, told = client.ask("POST", "/weaknesses/feeds?name=white.zip", zipped(refdata / "csaf"), timeout=300)
    check(status == 201 and told["changed"] == 0, f"again, and nothing changes: {told}")
    status, told = client.ask("POST", "/weaknesses/feeds?name=kev.json", (refdata / "cisa_kev.json").read_bytes(), timeout=300)
    check(status == 201 and told["exploited"] == 1404, f"the catalogue of exploited ones: {status} {told}")
    status, told = client.ask("POST", "/weaknesses/feeds?name=eol.csv", (refdata / "eol_products.csv").read_bytes(), timeout=300)
    check(status == 201 and told["supports"] == 930, f"the table of end of support: {status} {told}")
    epss = b"#model_version:v1,score_date:2024-10-24T00:00:00+0000\ncve,epss,percentile\nCVE-2024-8626,0.00042,0.1\n"
    check(client.ask("POST", "/weaknesses/feeds?name=epss.csv", epss)[0] == 201, "likelihoods")
    rows = {one["kind"]: one for one in client.ask("GET", "/weaknesses/feeds")[1]["feeds"]}
    check(set(rows) == {"csaf", "kev", "support", "epss"} and rows["csaf"]["entries"] == 213, f"each with its age: {[(kind, one['days']) for kind, one in rows.items()]}")


def owner(client, devices):
    """The ledger says whom to ask, and what the device does not tell."""
    device = next(one for one in devices if one.product == "Q03UDECPU")
    rows = "管理番号,IPアドレス,担当者,連絡先\r\nQ-1," + device.ip + ",佐藤,内線2417\r\n"
    status, file = client.ask("POST", "/ledger/files?name=d.csv", rows.encode("cp932"))
    client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})
    time.sleep(2.5)
    item = next(one for one in whole(client, "&advisory=ICSA-22-172-01") if one["device"].get("address") == device.ip)
    check(item["ask"] == {"name": "佐藤", "contact": "内線2417"}, f"whom to ask: {item['ask']}")
    entry = client.ask("GET", "/ledger/lists/same?limit=10")[1]["items"] + client.ask("GET", "/ledger/lists/different?limit=10")[1]["items"]
    status, told = client.ask("PATCH", f"/ledger/entries/{entry[0]['entry']['id']}", {"values": {"serial": "240611234567890"}})
    check(status == 200, f"the serial number is written into the ledger: {status} {told if status != 200 else ''}")
    time.sleep(2.5)
    item = next(one for one in whole(client, "&advisory=ICSA-22-172-01") if one["device"].get("address") == device.ip)
    check(item["verdict"] == "affected" and item["version_rule"] == "serial_inside" and any(one["by_ledger"] for one in item["facts"]), f"and it decides: {item['verdict']} {item['version_rule']}")


def decided(client, devices, by_ip):
    item = by_ip[devices[0].ip]["ICSA-24-284-18"]
    body = {"device": item["device"]["id"], "advisory": item["advisory"], "state": "accepted", "reason": "behind a firewall"}
    status, told = client.ask("PUT", "/weaknesses/state", body)
    check(status == 400 and "until" in json.dumps(told), f"accepted without a day is refused: {status}")
    status, told = client.ask("PUT", "/weaknesses/state", {**body, "until": "2099-03-31"})
    check(status == 200 and told["state"] == "accepted", f"accepted until a day: {status} {told}")
    other = by_ip[devices[4].ip]["ICSA-24-214-09"]
    status, told = client.ask("PUT", "/weaknesses/state", {"device": other["device"]["id"], "advisory": other["advisory"], "state": "mitigated", "reason": "no way in"})
    check(status == 200, f"mitigated by something: {status}")
    check(client.ask("PUT", "/weaknesses/state", {**body, "advisory": "NO-1", "until": "2099-03-31"})[0] == 404, "of what is not there nobody decides")
    listed = whole(client, "&state=accepted")
    check(len(listed) == 1 and listed[0]["decision"]["reason"] == "behind a firewall", "it stands in the list")
    status, advisory = client.ask("GET", "/weaknesses/advisories/ICSA-24-284-18")
    check(status == 200 and advisory["total"] >= 2 and advisory["remedies"], f"the advisory with its {advisory.get('total')} devices")
    status, one = client.ask("GET", f"/devices/{item['device']['id']}/weaknesses")
    check(status == 200 and one["tells_product"] and one["items"], f"the device's page has {len(one['items'])}")
    status, vex = client.ask("GET", "/weaknesses/vex?verdict=affected", timeout=60)
    if isinstance(vex, (bytes, str)):
        vex = json.loads(vex)
    check(status == 200 and vex["document"]["category"] == "csaf_vex", f"VEX: {status}")
    states = {key for one in vex["vulnerabilities"] for key in one["product_status"]}
    check("known_affected" in states and "known_not_affected" in states, f"with {len(vex['vulnerabilities'])} CVEs, {sorted(states)}")


def broken(client):
    before = client.ask("GET", "/weaknesses/feeds")[1]
    cases = [(b'{"document": {"csaf_version": "2.0", "tracking": {"id": "X"', "feed.not-json"), (b'{"a": 1}', "feed.not-csaf"), (b"hello", "feed.unknown-kind"),
             (b'{"document": {"csaf_version": "2.0", "tracking": {"id": "X"}}, "vulnerabilities": [{"product_status": {"known_affected": ["P"]}}]}', "feed.misfit"),
             (b"[" * 100_000, "feed.unknown-kind"), (b'{"a":' * 100_000, "feed.too-large"), (b"PK\3\4" + bytes(100), "feed.damaged")]
    for body, code in cases:
        status, told = client.ask("POST", "/weaknesses/feeds?name=bad.json", body)
        check(status == 400 and told["code"] == code, f"{code}: {told.get('where', '')}")
    check(client.ask("GET", "/weaknesses/feeds")[1] == before, "what was there is there")


if __name__ == "__main__":
    sys.exit(main())
