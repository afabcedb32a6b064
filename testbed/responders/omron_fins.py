"""What an Omron controller answers in FINS over UDP and TCP, written from W342 and W421: there is no public server.

It keeps words and bits of DM and CIO and a program, and answers 0101, 0102, 0306, 0307, 0401, 0402, 0501, 0601.
"""

import socket
import threading

NO_ADDRESS = 0x1103
DM, CIO = 0x82, 0xB0  # by the word
STOP, MONITOR = 0, 2


class Controller:
    """What it is, and what it remembers."""

    def __init__(self, model, version, node=2):
        self.model, self.version, self.node = model, version, node
        self.memory, self.program, self.mode = {}, bytearray(4096), MONITOR

    def execute(self, said):
        command, data = said[:2], said[2:]
        does = {b"\x01\x01": self.read, b"\x01\x02": self.write, b"\x03\x06": self.read_program, b"\x03\x07": self.write_program,
                b"\x04\x01": self.run, b"\x04\x02": self.stop, b"\x05\x01": self.tell, b"\x06\x01": self.status}.get(command)
        return does(data) if does else b"\x04\x01"

    def tell(self, _):
        return b"\0\0" + self.model.encode().ljust(20) + self.version.encode().ljust(20) + bytes(40 + 12)

    def status(self, _):
        return b"\0\0" + bytes([self.mode != STOP, self.mode]) + bytes(2 + 2 + 2 + 16)

    def run(self, data):
        self.mode = data[2] if len(data) > 2 else MONITOR
        return b"\0\0"

    def stop(self, _):
        self.mode = STOP
        return b"\0\0"

    def places(self, data):
        """The keys of what is asked for, or None where there is no such address; and how many bytes each one has."""
        area, word, bit, count = data[0], int.from_bytes(data[1:3], "big"), data[3], int.from_bytes(data[4:6], "big")
        if word + count > 32768:
            return None, 0
        if area in (0x02, 0x30):  # DM and CIO by the bit.
            return [(area, word, bit + at) for at in range(count)], 1
        return [(area, word + at) for at in range(count)], 2

    def read(self, data):
        places, width = self.places(data)
        if places is None:
            return NO_ADDRESS.to_bytes(2, "big")
        return b"\0\0" + b"".join(self.memory.get(place, bytes(width)) for place in places)

    def write(self, data):
        places, width = self.places(data)
        if places is None:
            return NO_ADDRESS.to_bytes(2, "big")
        for at, place in enumerate(places):
            self.memory[place] = data[6 + at * width:6 + (at + 1) * width]
        return b"\0\0"

    def read_program(self, data):
        begin, size = int.from_bytes(data[2:6], "big"), int.from_bytes(data[6:8], "big")
        block = bytes(self.program[begin:begin + size])
        last = 0x8000 if begin + size >= len(self.program) else 0
        return b"\0\0" + data[:6] + (len(block) | last).to_bytes(2, "big") + block

    def write_program(self, data):
        if self.mode != STOP:
            return b"\x22\x01"  # 5-1-3: not while it runs.
        begin, size = int.from_bytes(data[2:6], "big"), int.from_bytes(data[6:8], "big") & 0x7FFF
        self.program[begin:begin + size] = data[8:8 + size]
        return b"\0\0" + data[:8]

    def answer(self, frame):
        return bytes([0xC0, 0, 2]) + frame[6:9] + frame[3:6] + frame[9:12] + self.execute(frame[10:])


def serve_tcp(address, port, controller):
    listener = socket.create_server((address, port))
    while True:
        peer, _ = listener.accept()
        with peer:
            while content := peer.recv(4096):
                command, frame = int.from_bytes(content[8:12], "big"), content[16:]
                data = b"\0\0\0\x01\0\0\0" + bytes([controller.node]) if command == 0 else controller.answer(frame)
                peer.sendall(b"FINS" + (8 + len(data)).to_bytes(4, "big") + (1 if command == 0 else 2).to_bytes(4, "big") + bytes(4) + data)


def serve(address, port, controller):
    threading.Thread(target=serve_tcp, args=(address, port, controller), daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inlet:
        inlet.bind((address, port))
        while True:
            frame, peer = inlet.recvfrom(4096)
            inlet.sendto(controller.answer(frame), peer)
