"""pymcprotocol in frames 3E and 4E, binary and ascii code, and pymelsec, against a responder written from SH(NA)-080956ENG.

There is no public server; the responder keeps words and points by device and answers commands 0101, 0401, 1401, 1001, 1002.
"""

import socket
import threading

from truth import SERVER, reveals, role, will

PORT, KIND = 5007, "tcp"
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


def execute(said, memory):
    """The end code and the answer's data."""
    command, subcommand = said.number(2), said.number(2)
    if command == 0x0101:
        return 0, b"Q03UDECPU       " + said.made(0x0268, 2)
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


def serve_one(peer, memory):
    """Requests come one by one: each client waits for its answer."""
    while content := peer.recv(4096):
        ascii_code = content[:1] in b"5"
        four = content[:4] == b"5400" if ascii_code else content[0] == 0x54
        said = Code(ascii_code, content)
        subheader = said.raw((12 if four else 4) if ascii_code else (6 if four else 2))
        route = said.raw(10 if ascii_code else 5)
        said.number(2)
        said.number(2)
        end, data = execute(said, memory)
        if end:
            data = route + (b"04010000" if ascii_code else b"\x01\x04\x00\x00")  # 4.3: where, and the command again.
        answer = subheader.replace(b"5", b"D", 1) if ascii_code else bytes([subheader[0] | 0x80]) + subheader[1:]
        body = said.made(end, 2) + data
        peer.sendall(answer + route + said.made(len(body), 2) + body)


def serve():
    memory = {}
    listener = socket.create_server((SERVER, PORT))
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve_one, args=(peer, memory), daemon=True).start()


def talk_to(client, ascii_code, base):
    client.setaccessopt(commtype="ascii" if ascii_code else "binary")
    client.connect(SERVER, PORT)
    will(protocol="slmp", act="identify", phase="request", function=0x01010000)
    reveals(SERVER, "product", "Q03UDECPU")
    client.read_cputype()
    will(protocol="slmp", act="write", phase="request", function=0x14010000, object=f"D{base}", count=3, value=[base, 2, 3])
    will(protocol="slmp", act="write", phase="response", object=f"D{base}", outcome="done")
    client.batchwrite_wordunits(f"D{base}", [base, 2, 3])
    will(protocol="slmp", act="read", phase="response", object=f"D{base}", count=3, value=[base, 2, 3], outcome="done")
    assert client.batchread_wordunits(f"D{base}", 3) == [base, 2, 3]
    will(protocol="slmp", act="write", phase="request", function=0x14010001, object=f"M{base}", count=2, value=[True, False])
    client.batchwrite_bitunits(f"M{base}", [1, 0])
    will(protocol="slmp", act="read", phase="request", function=0x04010001, object="X1F", count=1)
    client.batchread_bitunits("X1F", 1)
    will(protocol="slmp", act="read", phase="response", object="D12287", outcome="refused", status=NO_DEVICE)
    try:
        client.batchread_wordunits("D12287", 3)
        raise SystemExit("there is no such device")
    except Exception as error:
        print(error)
    will(protocol="slmp", act="stop", phase="request", function=0x10020000)
    will(protocol="slmp", act="stop", phase="response", outcome="done")
    client.remote_stop()
    will(protocol="slmp", act="start", phase="request", function=0x10010000)
    reveals(SERVER, "state", "run")
    client.remote_run(clear_mode=0)
    client.close()


def talk():
    import pymcprotocol
    import pymelsec
    from pymelsec.constants import DT
    talk_to(pymcprotocol.Type3E(), False, 100)
    talk_to(pymcprotocol.Type3E(), True, 200)
    talk_to(pymcprotocol.Type4E(), False, 300)
    talk_to(pymcprotocol.Type4E(), True, 400)
    with pymelsec.Type3E(host=SERVER, port=PORT, plc_type="Q") as plc:
        plc.set_access_opt(comm_type="binary")
        will(protocol="slmp", act="read", phase="request", object="D500", count=4)
        plc.batch_read(ref_device="D500", read_size=4, data_type=DT.SWORD)


role(serve, talk) if __name__ == "__main__" else None
