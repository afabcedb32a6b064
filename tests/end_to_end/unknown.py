#!/usr/bin/env python3
"""A machine builder's protocol that no program knows, from its packets to named acts: what is unknown is put together by its shape, its
draft is completed by a person, and the described protocol is read like any other, by the shell's word and by the confined sensor.

usage: unknown.py YAGURA [CAPTURES]
"""

import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile

YAGURA = sys.argv[1]
PORT = 5007


def ethernet(payload, source, target, protocol):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(target))
    mac = lambda ip: bytes([2, 0]) + socket.inet_aton(ip)
    return mac(target) + mac(source) + b"\x08\x00" + header + payload


class Capture:
    def __init__(self):
        self.out = bytearray(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        self.sequence = {}

    def frame(self, at, frame):
        self.out += struct.pack("<IIII", at // 10**9, at % 10**9, len(frame), len(frame)) + frame

    def udp(self, at, source, sport, target, dport, payload):
        self.frame(at, ethernet(struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload, source, target, 17))

    def tcp(self, at, source, sport, target, dport, payload, flags=0x18):
        mine, theirs = (source, sport, target, dport), (target, dport, source, sport)
        number = self.sequence.setdefault(mine, 1000)
        self.frame(at, ethernet(struct.pack("!HHIIBBHHH", sport, dport, number, self.sequence.get(theirs, 0), 0x50, flags, 8192, 0, 0) + payload, source, target, 6))
        self.sequence[mine] = number + len(payload) + (1 if flags & 0x02 else 0)


def message(number, function, body, answer):
    return b"\xac\x3e" + bytes([number & 0xFF]) + struct.pack("!H", 2 + len(body)) + bytes([function | (0x80 if answer else 0), 7]) + body


def plant():
    """Three presses are asked every 20 ms, over UDP and TCP; the truth is counted beside it."""
    capture, truth = Capture(), {}
    start = 1_790_000_000 * 10**9
    for press in range(3):
        client, server, sport = "10.7.0.10", f"10.7.0.{20 + press}", 40_000 + press
        send = capture.tcp if press == 2 else capture.udp
        at = start + press * 1_000_000
        if press == 2:
            capture.tcp(at, client, sport, server, PORT, b"", 0x02)
            capture.tcp(at + 1000, server, PORT, client, sport, b"", 0x12)
            capture.tcp(at + 2000, client, sport, server, PORT, b"", 0x10)
        for i in range(120):
            at += 20_000_000
            function = 2 if i % 40 == 39 else 1 + 2 * (i % 2)
            send(at, client, sport, server, PORT, message(i, function, bytes([i % 5]) * (function + 1), False))
            send(at + 3_000_000, server, PORT, client, sport, message(i, function, bytes([0, i & 0xFF]) * function, True))
            truth[function] = truth.get(function, 0) + 1
    return bytes(capture.out), truth


def read(*words):
    run = subprocess.run([YAGURA, "read", *map(str, words)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def sensed(*words):
    """What the confined sensor says of a file into its pipe, and in words; its exit code."""
    reading, writing = os.pipe2(os.O_DIRECT)
    program = pathlib.Path(YAGURA).resolve().parent / "yagura-sensor"
    run = subprocess.Popen([program, "--records-fd", str(writing), "--workers", "1", *map(str, words)], pass_fds=[writing], stderr=subprocess.PIPE)
    os.close(writing)
    records = b""
    while piece := os.read(reading, 65536):
        records += piece
    os.close(reading)
    said = run.stderr.read().decode()
    return records, said, run.wait(timeout=30)


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    capture = folder / "presses.pcap"
    bytes_, truth = plant()
    capture.write_bytes(bytes_)

    one = json.loads(read(capture, "--what", "unknown", "--format", "json"))
    assert one == json.loads(read(capture, "--what", "unknown", "--format", "json", "--workers", "4")), "four workers say another thing"
    by_carrier = {row["carrier"]: row for row in one}
    assert set(by_carrier) == {"udp", "tcp"} and len(one) == 2, one
    udp = by_carrier["udp"]
    assert udp["selector"] == PORT and udp["conversations"] == 2 and len(udp["stations"]) == 3, udp
    assert udp["function"] == {"at": 5, "answer_bit": 128, "values": [1, 2, 3]}, udp
    assert udp["length"] == {"at": 3, "bytes": 2, "order": "big", "plus": 5} and udp["counter"] == 2, udp
    assert abs(udp["client"]["period_us"] - 20_000) < 200, udp
    print(f"unknown: {len(one)} groups, {udp['client']['mark']}, a message each {udp['client']['period_us']} us")

    draft = read(capture, "--what", "unknown", "--draft")
    # What a person does: one protocol over both, a name, what the functions are.
    first = draft[draft.index("[[protocol]]"):].split("\n\n")[0]
    own = re.sub(r'(name|title) = "unknown_a"', r'\1 = "acme_press"', first, count=2)
    own = re.sub(r"over = \[.*\]", f'over = ["udp:{PORT}", "tcp:{PORT}"]', own)
    own = own.replace('"function 0x01", act = "unknown"', '"Read position", act = "read"').replace('"function 0x02", act = "unknown"', '"Stop ram", act = "stop"')
    description = folder / "own.toml"
    description.write_text(own)

    # The draft itself is one, too.
    (folder / "draft.toml").write_text(draft)
    assert json.loads(read(capture, "--protocols", folder / "draft.toml", "--what", "unknown", "--format", "json")) == [], "a draft does not describe what it was made of"

    protocols = json.loads(read(capture, "--protocols", description, "--what", "protocols", "--format", "json"))
    assert [row["protocol"] for row in protocols] == ["acme_press"], protocols
    press = protocols[0]
    assert press["flows"] == 3 and press["depth"] == "acts", press
    got = {f["code"]: (f["requests"], f["responses"], f["errors"]) for f in press["functions"]}
    assert got == {code: (count, count, 0) for code, count in truth.items()}, (got, truth)
    stops = [row for row in map(json.loads, read(capture, "--protocols", description, "--what", "operations", "--format", "ndjson").splitlines()) if row["act"] == "stop"]
    assert len(stops) == 2 * truth[2] and stops[0]["name"] == "Stop ram", stops[:2]
    print(f"described: {press['messages']} messages in {press['flows']} flows, {len(stops)} of them stops")

    records, said, code = sensed("--file", capture, "--protocols", description)
    assert code == 0 and b"acme_press" in records and b"Stop ram" in records, (code, said)
    without, _, code = sensed("--file", capture)
    assert code == 0 and b"acme_press" not in without
    print(f"the sensor: {len(records)} bytes of records with it, {len(without)} without")

    # A slip is told with its place, by the word that people try first, too.
    description.write_text(own.replace('act = "stop"', 'act = "halt"'))
    bad = subprocess.run([YAGURA, "read", capture, "--protocols", description], capture_output=True, text=True, timeout=60)
    assert bad.returncode == 1 and 'there is no act "halt"' in bad.stderr and "line " in bad.stderr, bad
    records, said, code = sensed("--file", capture, "--protocols", description)
    assert code == 0 and 'there is no act "halt"' in said and records and b"acme_press" not in records, (code, said)
    settings = folder / "yagura.toml"
    settings.write_text(f'[sensor]\nprotocols = "{description}"\n')
    checked = subprocess.run([YAGURA, "check-config", "--config", settings], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 1 and "halt" in checked.stderr, checked
    print("a slip is told with line and column")

    # What others sent, with the description there: nothing of it is taken for the press.
    if len(sys.argv) > 2:
        description.write_text(own)
        wrong = 0
        files = sorted(pathlib.Path(sys.argv[2]).rglob("*.pcap*"))
        for file in files:
            run = subprocess.run([YAGURA, "read", file, "--protocols", description, "--what", "protocols", "--format", "json"], capture_output=True, text=True, timeout=300)
            if run.returncode == 0 and "acme_press" in run.stdout:
                wrong += 1
                print(f"FAILED: {file} has the press's protocol")
        assert wrong == 0
        print(f"{len(files)} captures of others: none has it")


if __name__ == "__main__":
    main()
