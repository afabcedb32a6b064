"""What a MELSEC controller answers in SLMP, written from SH(NA)-080956ENG: there is no public server.

It keeps words and points by device, and answers commands 0101, 0401, 1401, 1001, 1002 in frames 3E and 4E, binary and ascii code.
"""

import socket
import threading

LETTERS = {0xA8: "D", 0x90: "M", 0x9C: "X", 0x9D: "Y", 0xB4: "W", 0xB0: "ZR"}
NO_DEVICE = 0x4031


class Code:
    """Fields of a message in binary (little endian) or ascii code (hexadecimal, most significant digit first)."""

    def __init__(self, ascii_code, content=b""):
        self.ascii, self.content, self.at = ascii_code, content, 0

    def number(self, size):
        raw = self.raw(size * 2 if self.ascii else size)
        return int(raw, 16) if self.ascii else int.from_bytes(raw, "little")

    def raw(self, size):
        self.at += size
        return self.content[self.at - size:self.at]

    def made(self, value, size):
        return b"%0*X" % (size * 2, value) if self.ascii else value.to_bytes(size, "little")


def device(said):
    if said.ascii:
        return said.raw(2).decode().rstrip("*"), int(said.raw(6), 16 if said.content[said.at - 8:said.at - 6] in (b"X*", b"Y*", b"W*") else 10)
    number = said.number(3)
    return LETTERS.get(said.number(1), "?"), number


def execute(said, memory, model):
    """The end code and the answer's data."""
    command, subcommand = said.number(2), said.number(2)
    if command == 0x0101:
        return 0, model[0].encode().ljust(16) + said.made(model[1], 2)
    if command in (0x1001, 0x1002):
        return 0, b""
    if command not in (0x0401, 0x1401):
        return 0xC059, b""
    letter, number = device(said)
    points, bits = said.number(2), subcommand & 1
    if letter == "?" or number + points > 12288:
        return NO_DEVICE, b""
    kept = memory.setdefault(letter, [0] * 12288)
    if command == 0x0401 and bits:
        values = kept[number:number + points]
        if said.ascii:
            return 0, b"".join(b"%d" % v for v in values)
        values += [0] * (points % 2)
        return 0, bytes(a << 4 | b for a, b in zip(values[::2], values[1::2]))
    if command == 0x0401:
        return 0, b"".join(said.made(v, 2) for v in kept[number:number + points])
    if bits and said.ascii:
        kept[number:number + points] = [int(chr(c)) for c in said.raw(points)]
    elif bits:
        kept[number:number + points] = [nibble for byte in said.raw((points + 1) // 2) for nibble in (byte >> 4, byte & 15)][:points]
    else:
        kept[number:number + points] = [said.number(2) for _ in range(points)]
    return 0, b""


def serve_one(peer, memory, model):
    """Requests come one by one: each client waits for its answer."""
    while content := peer.recv(4096):
        ascii_code = content[:1] in b"5"
        four = content[:4] == b"5400" if ascii_code else content[0] == 0x54
        said = Code(ascii_code, content)
        subheader = said.raw((12 if four else 4) if ascii_code else (6 if four else 2))
        route = said.raw(10 if ascii_code else 5)
        said.number(2)
        said.number(2)
        end, data = execute(said, memory, model)
        if end:
            data = route + (b"04010000" if ascii_code else b"\x01\x04\x00\x00")  # 4.3: where, and the command again.
        answer = subheader.replace(b"5", b"D", 1) if ascii_code else bytes([subheader[0] | 0x80]) + subheader[1:]
        body = said.made(end, 2) + data
        peer.sendall(answer + route + said.made(len(body), 2) + body)


def serve(address, port, memory, model):
    """`model`: the name of the CPU and its code, as command 0101 tells them."""
    listener = socket.create_server((address, port))
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve_one, args=(peer, memory, model), daemon=True).start()
