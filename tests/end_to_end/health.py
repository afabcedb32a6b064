#!/usr/bin/env python3
"""Network health through the real programs: a capture of a plant with one address on two devices, one station that takes
over two others' addresses, a second DHCP server, and a reader whose cycle slows down and comes back. Each is found with
who has a part in it, nothing else is; kill -9 in the middle keeps all of it.

usage: health.py YAGURA      exit: 0 passed, 1 failed
"""

import struct
import sys
import time

from ledger import address, udp
from programs import Client, read_in_peace, running, sign_in

NOW = 1_790_000_000
wrong = []
EVERYBODY = b"\xff" * 6


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def mac(last, maker=b"\x00\x30\xde"):
    return maker + bytes([0, last >> 8, last & 255])


class Wire:
    def __init__(self):
        self.frames = []

    def say(self, at, source, target, kind, payload):
        self.frames.append((at, (target + source + struct.pack(">H", kind) + payload).ljust(60, b"\0")))

    def arp(self, at, code, source, source_ip, target, target_ip, to):
        self.say(at, source, to, 0x0806, struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, code, source, address(source_ip), target, address(target_ip)))

    def ask(self, at, source, source_ip, target_ip):
        self.arp(at, 1, source, source_ip, b"\0" * 6, target_ip, EVERYBODY)

    def answer(self, at, source, source_ip, to, to_ip):
        self.arp(at, 2, source, source_ip, to, to_ip, to)

    def dhcp(self, at, source, source_ip, op, kind, number, client, yours, options):
        body = struct.pack(">BBBBIHH4s4s4s4s", op, 1, 6, 0, number, 0, 0, b"\0" * 4, address(yours), b"\0" * 4, b"\0" * 4)
        body += client.ljust(16, b"\0") + b"\0" * 192 + b"\x63\x82\x53\x63" + bytes([53, 1, kind])
        for code, value in options:
            body += bytes([code, len(value)]) + value
        ports = (68, 67) if op == 1 else (67, 68)
        self.say(at, source, EVERYBODY, 0x0800, udp(source_ip, "255.255.255.255", *ports, body + b"\xff"))

    def modbus(self, at, reader, controller, number):
        """A reader's question and the controller's answer, as UDP: there is no connection to keep."""
        ask = struct.pack(">HHHBBHH", number & 0xFFFF, 0, 6, 1, 3, 100, 2)
        told = struct.pack(">HHHBBB4s", number & 0xFFFF, 0, 7, 1, 3, 4, b"\0\1\0\2")
        self.say(at, reader[0], controller[0], 0x0800, udp(reader[1], controller[1], 50000, 502, ask))
        self.say(at + 0.004, controller[0], reader[0], 0x0800, udp(controller[1], reader[1], 502, 50000, told))

    def pcap(self):
        out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        for at, frame in sorted(self.frames, key=lambda one: one[0]):
            out += struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame
        return out


def plant():
    wire, begin = Wire(), NOW - 3600
    pc = (mac(9), "10.2.0.9")
    for minute in range(30):  # One address on two devices; beside them one that has its own.
        at = begin + 60 * minute
        for host in (50, 51):
            wire.ask(at + host * 0.01, *pc, f"10.2.0.{host}")
            wire.answer(at + host * 0.01 + 0.001, mac(host), f"10.2.0.{host}", *pc)
        wire.answer(at + 0.505, mac(777), "10.2.0.50", *pc)
    wire.ask(begin + 700, *pc, "10.2.0.1")  # The gateway, its client, and who stands between them for two minutes.
    wire.answer(begin + 700.001, mac(1), "10.2.0.1", *pc)
    thief = mac(0x66, b"\x02\xbb\xcc")
    for second in range(0, 120, 2):
        wire.answer(begin + 900 + second, thief, "10.2.0.1", *pc)
        wire.answer(begin + 900.1 + second, thief, "10.2.0.9", mac(1), "10.2.0.1")
        if second == 60:
            wire.ask(begin + 960.5, *pc, "10.2.0.1")
            wire.answer(begin + 960.501, mac(1), "10.2.0.1", *pc)
    servers = [(mac(1), "10.2.0.1"), (mac(0x77, b"\x02\xaa\xbb"), "10.2.0.77")]
    for number in range(3):
        at, client = begin + 300 + number * 200, mac(300 + number)
        wire.dhcp(at, client, "0.0.0.0", 1, 1, 4000 + number, client, "0.0.0.0", [])
        for index, (card, ip) in enumerate(servers):
            options = [(54, address(ip)), (1, address("255.255.255.0")), (3, address(ip)), (6, address(ip))]
            given = f"10.2.0.{100 + 100 * index + number}"
            wire.dhcp(at + 0.01 + index * 0.01, card, ip, 2, 2, 4000 + number, client, given, options)
            if index == number % 2:
                wire.dhcp(at + 0.1, card, ip, 2, 5, 4000 + number, client, given, options)
    reader, controller = (mac(20), "10.2.0.20"), (mac(21), "10.2.0.21")
    at, number = float(begin), 0
    while at < begin + 3000:
        wire.modbus(at, reader, controller, number)
        at += 0.45 if begin + 1480 <= at < begin + 1960 else 0.2  # Whole minutes of the clock.
        number += 1
    return wire


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with running(sys.argv[1], "health", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        check(client.ask("GET", "/network-health")[1]["total"] == 0, "nothing is found before anything was seen")
        (above / "plant.pcap").write_bytes(plant().pcap())
        read_in_peace(client, above / "plant.pcap")
        looked = look(client)
        for path in ("/network-health/export?format=xlsx&lang=ja", "/address-plan/export?format=xlsx&lang=en"):
            status, book = client.ask("GET", path, as_bytes=True)
            check(status == 200 and book[:2] == b"PK", f"{path.split('?')[0]} gives a workbook")
        client.close()
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        check(look(client) == looked, "after kill -9 it is what was answered")
    return 1 if wrong else 0


def look(client):
    until = time.monotonic() + 30
    while client.ask("GET", "/network-health?limit=100")[1]["total"] < 5 and time.monotonic() < until:
        time.sleep(0.2)
    status, found = client.ask("GET", "/network-health?limit=100")
    kinds = sorted(one["kind"] for one in found["items"])
    check(status == 200 and kinds == ["arp_spoofing", "cycle_slower", "duplicate_address", "gateway_disagrees", "rogue_dhcp"], f"what was planted is found, and nothing else: {kinds}")
    one = {each["kind"]: each for each in found["items"]}
    if "duplicate_address" in one:
        cards = sorted(party["mac"] for party in one["duplicate_address"]["parties"])
        check(one["duplicate_address"]["subject"] == "10.2.0.50" and cards == ["00:30:de:00:00:32", "00:30:de:00:03:09"], f"both who have 10.2.0.50: {cards}")
        detail = client.ask("GET", f"/network-health/{one['duplicate_address']['id']}")[1]
        check(all("evidence" in party and party["evidence"]["frame"] > 0 for party in detail["parties"]), "each with its frame")
    if "arp_spoofing" in one:
        parties = one["arp_spoofing"]["parties"]
        check(parties[0]["mac"] == "02:bb:cc:00:00:66" and {party.get("ip") for party in parties[1:]} == {"10.2.0.1", "10.2.0.9"}, f"who takes over whose addresses: {[party.get('ip') for party in parties]}")
    if "rogue_dhcp" in one:
        facts = {fact["name"]: fact["value"] for fact in one["rogue_dhcp"]["facts"]}
        check(one["rogue_dhcp"]["subject"] == "10.2.0.77" and facts.get("differs") == "gateway name_server", f"which server came later, and what it gives otherwise: {facts}")
    if "cycle_slower" in one:
        facts = {fact["name"]: fact["value"] for fact in one["cycle_slower"]["facts"]}
        check(190_000 < int(facts["usual_us"]) < 210_000 and 440_000 < int(facts["now_us"]) < 460_000, f"from which cycle to which: {facts}")
        check(not one["cycle_slower"]["open"], "and that it is over")
    cycles = client.ask("GET", "/network-health/cycles")[1]
    check(cycles["total"] == 1 and cycles["items"][0]["asks"]["address"] == "10.2.0.20", f"one cycle: {cycles['total']}")
    plan = client.ask("GET", "/address-plan?subnet=10.2.0.0/24")[1]["subnets"]
    check(len(plan) == 1 and plan[0]["how"] == "told" and len(plan[0]["gateways"]) == 2, f"the subnet, and that its gateways disagree: {[(row['network'], row['gateways']) for row in plan]}")
    return kinds, [(each["kind"], each["subject"] if "subject" in each else "", each["times"], each["first_seen"], each["last_seen"], each["open"], each["facts"]) for each in found["items"]], plan


if __name__ == "__main__":
    sys.exit(main())
