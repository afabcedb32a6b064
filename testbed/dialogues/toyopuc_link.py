"""plc-comm-toyopuc over TCP and UDP against a responder: there is no public server.

The responder keeps bytes, and answers commands 1C to 21, 32 and 60 of the computer link.
"""

import socket
import threading

from truth import SERVER, reveals, role, will

PORT, KIND = 1025, "tcp"
OUT_OF_RANGE, NO_COMMAND = 0x40, 0x23
STATUS = bytes.fromhex("8100000000000002")


class Controller:
    def __init__(self):
        self.memory = bytearray(0x10000)

    def refuse(self, code):
        return bytes((0x80, 0x10, 1, 0, code))

    def execute(self, command, data):
        """The answer's bytes behind its command, or the code of an error."""
        number = int.from_bytes(data[:2], "little")
        if command in (0x1C, 0x1D) and number >= 0x7000:
            return OUT_OF_RANGE
        if command == 0x1C:
            return bytes(self.memory[number * 2:(number + int.from_bytes(data[2:4], "little")) * 2])
        if command == 0x1D:
            self.memory[number * 2:number * 2 + len(data) - 2] = data[2:]
            return b""
        if command == 0x1E:
            return bytes(self.memory[number:number + int.from_bytes(data[2:4], "little")])
        if command == 0x20:
            return bytes([self.memory[number // 8] >> number % 8 & 1])
        if command == 0x21:
            self.memory[number // 8] = self.memory[number // 8] & ~(1 << number % 8) | data[2] << number % 8
            return b""
        if command == 0x32:
            return data[:2] + (STATUS if data[0] == 0x11 else bytes.fromhex("00300301122602") if data[0] == 0x70 else b"")
        return NO_COMMAND

    def answer(self, frame):
        command, data = frame[4], frame[5:]
        if command == 0x60:  # Link and station, the mark, and a message without its first two bytes.
            inner = self.answer(b"\0\0" + data[4:-1])
            behind = data[:3] + (b"\x06" + inner[2:] if inner[1] == 0 else b"\x15" + inner[2:])
        else:
            behind = self.execute(command, data)
            if isinstance(behind, int):
                return self.refuse(behind)
        return b"\x80\0" + (len(behind) + 1).to_bytes(2, "little") + bytes([command]) + behind


def serve_one(peer, controller):
    said = b""
    with peer:
        while piece := peer.recv(4096):
            said += piece
            while len(said) >= 4 and len(said) >= 4 + int.from_bytes(said[2:4], "little"):
                size = 4 + int.from_bytes(said[2:4], "little")
                peer.sendall(controller.answer(said[:size]))
                said = said[size:]


def serve():
    controller = Controller()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((SERVER, PORT))

    def answer_datagrams():
        while True:
            said, peer = datagrams.recvfrom(4096)
            datagrams.sendto(controller.answer(said), peer)

    threading.Thread(target=answer_datagrams, daemon=True).start()
    listener = socket.create_server((SERVER, PORT))
    while True:
        threading.Thread(target=serve_one, args=(listener.accept()[0], controller), daemon=True).start()


def talk_by(transport, base):
    from toyopuc import ToyopucClient, ToyopucError
    client = ToyopucClient(SERVER, PORT, transport=transport)
    client.connect()
    device = f"D{base - 0x1000:04X}"
    will(protocol="toyopuc", act="write", phase="request", function=0x1D, object=device, count=3, value=[842, 7, 65535])
    will(protocol="toyopuc", act="write", phase="response", function=0x1D, object=device, outcome="done")
    client.write_words(base, [842, 7, 65535])
    will(protocol="toyopuc", act="read", phase="response", function=0x1C, object=device, count=3, value=[842, 7, 65535], outcome="done")
    assert list(client.read_words(base, 3)) == [842, 7, 65535]
    will(protocol="toyopuc", act="read", phase="response", function=0x1E, object=f"{device}L", count=2, value=[0x4A, 3], outcome="done")
    assert list(client.read_bytes(base * 2, 2)) == [0x4A, 3]
    will(protocol="toyopuc", act="write", phase="request", function=0x21, object="M010", value=True)
    client.write_bit(0x1810, True)
    will(protocol="toyopuc", act="read", phase="response", function=0x20, object="M010", value=True, outcome="done")
    assert client.read_bit(0x1810)
    will(protocol="toyopuc", act="diagnose", phase="request", function=0x321100)
    reveals(SERVER, "state", "run")
    client.read_cpu_status()
    will(protocol="toyopuc", act="read", phase="response", function=0x327000, value="26-12-01 03:30:00")
    client.read_clock()
    will(protocol="toyopuc", act="stop", phase="request", function=0x320200)
    client.stop_scan()
    will(protocol="toyopuc", act="start", phase="response", function=0x320200, name="release stop of scan", outcome="done")
    client.release_scan_stop()
    will(protocol="toyopuc", act="read", phase="response", function=0x1C, object=device, count=1, value=842, outcome="done")
    client.relay_read_words([(0x12, 2)], base, 1)
    will(protocol="toyopuc", act="read", phase="response", function=0x1C, object="B1001", outcome="refused", status=OUT_OF_RANGE)
    try:
        client.read_words(0x7001, 1)
        raise SystemExit("the responder has no such address")
    except ToyopucError:
        pass
    client.close()


def talk():
    talk_by("tcp", 0x1100)
    talk_by("udp", 0x1200)


role(serve, talk) if __name__ == "__main__" else None
