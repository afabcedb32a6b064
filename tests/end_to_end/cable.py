"""A network namespace with a cable in it, and a controller on the cable that is written to all the time."""

import ctypes
import pathlib
import random
import socket
import struct
import subprocess
import threading
import time


def in_a_namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000) != 0:
        return False
    run = lambda *words: subprocess.run(words, check=True)  # noqa: E731
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
    for name in ("near", "far"):
        for path in pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}").glob("disable_ipv6"):
            path.write_text("1")
        run("ip", "link", "set", name, "up")
    return True


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Talk:
    """One Modbus connection between two stations, as frames."""

    def __init__(self, client, server, port):
        self.ends = {True: (bytes([2, 0, 0, 0, 1, client]), bytes([10, 9, 0, client]), port),
                     False: (bytes([2, 0, 0, 0, 2, server]), bytes([10, 9, 1, server]), 502)}
        self.sequence = {True: random.getrandbits(31), False: random.getrandbits(31)}
        self.identification = 0

    def frame(self, from_client, payload=b"", flags=0x18):
        (mac, ip, port), (to_mac, to_ip, to_port) = self.ends[from_client], self.ends[not from_client]
        tcp = struct.pack(">HHIIBBHHH", port, to_port, self.sequence[from_client],
                          self.sequence[not from_client] if flags & 0x10 else 0, 0x50, flags, 8192, 0, 0)
        pseudo = ip + to_ip + struct.pack(">BBH", 0, 6, len(tcp) + len(payload))
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp + payload)) + tcp[18:]
        self.identification = self.identification + 1 & 0xFFFF
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp) + len(payload), self.identification, 0, 64, 6, 0, ip, to_ip)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.sequence[from_client] = self.sequence[from_client] + len(payload) + bool(flags & 3) & 0xFFFFFFFF
        return to_mac + mac + b"\x08\x00" + head + tcp + payload

    def opening(self):
        return [self.frame(True, flags=2), self.frame(False, flags=0x12), self.frame(True, flags=0x10)]

    def write(self, number):
        body = struct.pack(">BHH", 6, number & 0xFFFF, number >> 16)
        head = struct.pack(">HHHB", number & 0xFFFF, 0, 6, 1)
        return [self.frame(True, head + body), self.frame(False, head + body)]


class Sender(threading.Thread):
    """Writes number 1, 2, 3 … of ten conversations, and knows when each was on the cable."""

    def __init__(self, rate):
        super().__init__(daemon=True)
        self.rate, self.sent, self.stop = rate, [0.0], False
        self.out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.out.bind(("far", 0))

    def run(self):
        begun = time.monotonic()
        talks, port = [], 40000
        while not self.stop:
            number = len(self.sent)
            if number % 2000 == 1:  # Connections end and begin in a plant, too.
                port += 1
                for talk in talks:
                    self.out.send(talk.frame(True, flags=0x11))
                talks = [Talk(10 + i, 1 + i // 2, port + i * 1000) for i in range(10)]
                for talk in talks:
                    for frame in talk.opening():
                        self.out.send(frame)
            for frame in talks[number % 10].write(number):
                self.out.send(frame)
            self.sent.append(time.time())
            ahead = begun + number / self.rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
