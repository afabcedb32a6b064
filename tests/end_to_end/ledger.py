#!/usr/bin/env python3
"""The ledger of a plant of 3,000 devices: a capture in which each of them speaks is brought, then a ledger in CP932 that
agrees with it but for what was planted. Every difference is found and nothing else, in under two seconds; what is taken
either way stays after kill -9; a broken file names row and column and changes nothing.

usage: ledger.py YAGURA      exit: 0 passed, 1 failed
"""

import csv
import io
import json
import random
import struct
import sys
import time

from programs import Client, read_in_peace, running, sign_in

DEVICES, DAYS_AGO = 3000, 40
DAY = 86_400
NOW = 1_790_000_000
MAKERS = {1: ("Rockwell Automation", "1756-EN2T/D", "ロックウェル"), 47: ("Omron", "NX102-9000", "オムロン㈱"),
          161: ("Mitsubishi Electric", "RJ71EIP91", "三菱電機株式会社")}
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


class Device:
    def __init__(self, index, rng):
        self.index = index
        self.ip = f"10.{20 + index // 250 // 8}.{index // 250 % 8}.{index % 250 + 1}"
        self.mac = bytes([0x02, 0x1d, 0x9c, *rng.randbytes(3)])
        self.maker = rng.choice(list(MAKERS))
        self.revision = (rng.randint(1, 12), rng.randint(1, 60))
        self.serial = rng.getrandbits(32)
        self.last = NOW - rng.randint(60, DAY)

    @property
    def mac_text(self):
        return ":".join(f"{one:02x}" for one in self.mac)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return bytes(int(part) for part in text.split("."))


def udp(source, target, source_port, target_port, payload):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, address(source), address(target))
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return head + struct.pack(">HHHH", source_port, target_port, 8 + len(payload), 0) + payload


def identity(device):
    """ListIdentity's answer (CIP volume 2, 2-4.3)."""
    name = MAKERS[device.maker][1].encode()
    item = struct.pack("<H", 1) + struct.pack(">hH4s8x", 2, 44818, address(device.ip))
    item += struct.pack("<HHHBBHI", device.maker, 12, 166, *device.revision, 0, device.serial) + bytes([len(name)]) + name + b"\3"
    body = struct.pack("<HHH", 1, 0x0C, len(item)) + item
    return struct.pack("<HHII8sI", 0x63, len(body), 0, 0, b"\0" * 8, 0) + body


def capture(devices, asker):
    """Each of them answers ARP and says who it is; those that are not seen any more did so long ago."""
    frames = []
    for device in devices:
        at = device.last
        back = asker.mac + device.mac + b"\x08\x06"
        ask = struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, asker.mac, address(asker.ip), b"\0" * 6, address(device.ip))
        reply = struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 2, device.mac, address(device.ip), asker.mac, address(asker.ip))
        frames += [(at, b"\xff" * 6 + asker.mac + b"\x08\x06" + ask), (at + 0.001, back + reply)]
        request = struct.pack("<HHII8sI", 0x63, 0, 0, 0, b"\0" * 8, 0)
        frames.append((at + 0.002, device.mac + asker.mac + b"\x08\x00" + udp(asker.ip, device.ip, 50000, 44818, request)))
        frames.append((at + 0.003, asker.mac + device.mac + b"\x08\x00" + udp(device.ip, asker.ip, 44818, 50000, identity(device))))
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for at, frame in sorted(frames, key=lambda one: one[0]):
        frame = frame.ljust(60, b"\0")
        out += struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame
    return out


HEADINGS = ["管理番号", "機器名称", "ＩＰアドレス", "MACアドレス", "メーカー", "型式", "製造番号", "バージョン", "設置場所", "担当者"]


def full_width(text):
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def plant_ledger(devices, rng):
    """Rows of the ledger, and what was planted in it: {list: {ip or number}}, {ip: {field}}."""
    planted = {"not_in_ledger": set(), "unseen": set(), "different": {}}
    rows = []
    for device in devices:
        what = rng.random()
        if what < 0.02:
            planted["not_in_ledger"].add(device.ip)
            continue
        row = {"number": f"A-{device.index:05}", "name": f"設備{device.index} 制御盤①", "ip": device.ip,
               "mac": device.mac.hex("-").upper() if device.index % 2 else device.mac_text,
               "vendor": MAKERS[device.maker][2], "product": MAKERS[device.maker][1], "serial": f"{device.serial:08x}",
               "firmware": f"Ver.{device.revision[0]}.{device.revision[1]}", "place": "髙田工場 2階", "owner": "田中"}
        if device.last < NOW - 30 * DAY:
            planted["unseen"].add(device.ip)
        elif what < 0.04:
            planted["different"][device.ip] = {"ip"}
            row["ip"] = "10.99." + ".".join(device.ip.split(".")[2:])
        elif what < 0.06:
            planted["different"][device.ip] = {"mac"}
            row["mac"] = "00-1D-9C-" + rng.randbytes(3).hex("-").upper()
        elif what < 0.08:
            planted["different"][device.ip] = {"firmware", "serial"}
            row["firmware"], row["serial"] = "Ver.0.1", "ffffffff"
        elif what < 0.10:
            planted["different"][device.ip] = {"vendor", "product"}
            row["vendor"], row["product"] = "シーメンス", "6ES7 315-2EH14-0AB0"
        if device.index % 7 == 0:
            row["ip"], row["product"] = full_width(row["ip"]), full_width(row["product"])
        rows.append(row)
    for index in range(40):  # Bought, and never connected.
        rows.append({"number": f"B-{index:05}", "name": f"予備{index}", "ip": f"10.98.0.{index + 1}"})
        planted["unseen"].add(f"10.98.0.{index + 1}")
    rng.shuffle(rows)
    return rows, planted


def as_cp932(rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["設備台帳（2026年度）"])
    writer.writerow([])
    writer.writerow(HEADINGS)
    for row in rows:
        writer.writerow([row.get(field, "") for field in ("number", "name", "ip", "mac", "vendor", "product", "serial", "firmware", "place", "owner")])
    return out.getvalue().encode("cp932")


def whole_list(client, name):
    items, cursor = [], ""
    while True:
        status, page = client.ask("GET", f"/ledger/lists/{name}?limit=1000" + (f"&cursor={cursor}" if cursor else ""))
        if status != 200:
            check(False, f"the list {name} is given: {status} {page}")
            return items
        items += page["items"]
        cursor = page.get("next_cursor", "")
        if not cursor:
            check(len(items) == page["total"], f"{name}: {page['total']}")
            return items


def ip_of(item):
    return item["device"]["ips"][0] if item["device"] else item["entry"]["values"].get("ip", "")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rng = random.Random(932)
    devices = [Device(index, rng) for index in range(DEVICES)]
    for device in rng.sample(devices, 30):
        device.last = NOW - DAYS_AGO * DAY
    asker = Device(DEVICES + 100, rng)
    asker.ip, asker.last = "10.20.7.254", NOW
    rows, planted = plant_ledger(devices, rng)
    with running(sys.argv[1], "ledger", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        (above / "plant.pcap").write_bytes(capture(devices, asker))
        read_in_peace(client, above / "plant.pcap")
        until = time.monotonic() + 30
        while (total := client.ask("GET", "/devices?limit=1")[1]["total"]) < DEVICES + 1 and time.monotonic() < until:
            time.sleep(0.2)
        check(total == DEVICES + 1, f"{total} devices")
        reconcile(client, rows, planted)
        broken(client, rows)
        same = ["/ledger", "/ledger/lists/different?limit=1000", "/ledger/lists/not_in_ledger?limit=1000"]
        before = [client.ask("GET", path) for path in same]
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        client.close()
        for path, answer in zip(same, before):
            check(client.ask("GET", path) == answer, f"after kill -9 {path.split('?')[0]} is what was answered")
    return 1 if wrong else 0


def reconcile(client, rows, planted):
    begun = time.monotonic()
    status, file = client.ask("POST", "/ledger/files?name=daicho.csv", as_cp932(rows))
    check(status == 201, f"the ledger is taken: {status} {file if status != 201 else ''}")
    check(file["encoding"] == "cp932" and file["mapping"]["header_row"] == 3, f"its form is found: {file['encoding']}, row {file['mapping']['header_row']}")
    check(file["mapping"]["columns"] == ["number", "name", "ip", "mac", "vendor", "product", "serial", "firmware", "place", "owner"],
          f"its columns are understood: {file['mapping']['columns']}")
    check(file["problem_count"] == 0 and file["new"] == len(rows), f"{file['entries']} rows, {file['problem_count']} problems {file['problems'][:3]}")
    status, done = client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})
    check(status == 200 and done["entries"] == len(rows), f"it is imported: {status} {done}")
    status, head = client.ask("GET", "/ledger")
    took = time.monotonic() - begun
    check(took < 2, f"{len(rows)} rows beside {DEVICES} devices: read, shown, imported and reconciled in {took:.2f} s")
    print(f"  {head['counts']}")
    unseen = whole_list(client, "unseen")
    different = whole_list(client, "different")
    foreign = whole_list(client, "not_in_ledger")
    check({ip_of(one) for one in unseen} == planted["unseen"], "nobody is missing among those that are not seen, and nobody is invented")
    check({ip_of(one) for one in foreign} == planted["not_in_ledger"] | {"10.20.7.254"}, "the same of those that are not in the ledger")
    found = {ip_of(one): {each["field"] for each in one["differences"]} for one in different}
    check(found == planted["different"], f"{len(found)} entries differ, each in what was planted: "
          f"{[(ip, found.get(ip), planted['different'].get(ip)) for ip in found.keys() | planted['different'].keys() if found.get(ip) != planted['different'].get(ip)][:5]}")
    firmware = next(one for one in different if any(each["field"] == "firmware" for each in one["differences"]))
    entry = firmware["entry"]["id"]
    for each in firmware["differences"]:
        if each["field"] == "firmware":  # What is seen is right.
            status, _ = client.ask("PATCH", f"/ledger/entries/{entry}", {"values": {"firmware": each["seen"]}})
        else:  # The ledger is right.
            status, _ = client.ask("PATCH", f"/ledger/entries/{entry}", {"accept": [{"field": each["field"], "seen": each["seen"]}]})
        check(status == 200, f"{each['field']} is settled: {status}")
    check(client.ask("GET", "/ledger")[1]["counts"]["different"] == len(found) - 1, "and the entry does not differ any more")
    status, _ = client.ask("POST", "/ledger/entries", {"device": foreign[0]["device"]["id"]})
    check(status == 201, f"a device is added to the ledger: {status}")
    check(client.ask("POST", "/ledger/entries", {"device": foreign[0]["device"]["id"]})[0] == 409, "once")
    check(client.ask("DELETE", f"/ledger/entries/{unseen[0]['entry']['id']}")[0] == 204, "an entry is taken out")
    device = client.ask("GET", f"/devices/{firmware['device']['id']}")[1]
    check(device.get("ledger", {}).get("values", {}).get("owner") == "田中", "the device's page names who answers for it")


def broken(client, rows):
    before = client.ask("GET", "/ledger")[1]
    bad = [dict(row) for row in rows]
    bad[17]["ip"] = "10.20.300.1"
    status, file = client.ask("POST", "/ledger/files?name=broken.csv", as_cp932(bad))
    problem = file["problems"][0]
    check(status == 201 and (problem["row"], problem["column"]) == (21, 3), f"what is no address is named by row and column: {problem}")
    status, refused = client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})
    check(status == 409 and "row 21, column 3" in json.dumps(refused), f"and nothing of the file is taken: {status} {refused}")
    text = as_cp932(rows)
    at = text.index(b"\r\n", 5000) + 2
    cut = text[:at] + b"\x81\x20" + text[at:]
    status, refused = client.ask("POST", "/ledger/files?name=cut.csv", cut)
    check(status == 400 and "row" in json.dumps(refused), f"bytes that are no characters are named by row: {status} {refused}")
    check(client.ask("GET", "/ledger")[1] == before, "the ledger is as it was")


if __name__ == "__main__":
    sys.exit(main())
