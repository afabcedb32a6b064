"""pyfocas against a responder: there is no public control. The responder answers four functions."""

import socket
import struct
import threading

from truth import SERVER, reveals, role, will

PORT, KIND = 8193, "tcp"
HEAD = b"\xa0\xa0\xa0\xa0"
NO_VARIABLE = 3


class Control:
    def __init__(self):
        self.macros = {500: (197620000, 6), 501: (0, 0)}

    def function(self, device, function, numbers, rest):
        """The error, and the answer's data."""
        if (device, function) == (1, 0x18):
            return 0, struct.pack(">HH2s2s4s4s2s", 0, 32, b"31", b" M", b"G421", b"31.0", b"06")
        if (device, function) == (1, 0x19):
            return 0, struct.pack(">7H", 1, 3, 1, 0, 0, 0, 0)
        if (device, function) == (1, 0x15):
            asked = range(numbers[0], numbers[1] + 1)
            if any(one not in self.macros for one in asked):
                return NO_VARIABLE, b""
            return 0, b"".join(struct.pack(">iBBBB", whole, 0, 10, 0, power) for whole, power in (self.macros[one] for one in asked))
        if (device, function) == (1, 0xA8):
            self.macros[numbers[0]] = (int(struct.unpack(">d", rest[:8])[0] * 1000), 3)
            return 0, b""
        return 1, b""

    def answer(self, kind, body):
        if kind in (0x0101, 0x0201):
            return kind + 1, body
        out = b""
        count, at = struct.unpack(">H", body[:2])[0], 2
        for _ in range(count):
            size, device, one, function = struct.unpack(">HHHH", body[at:at + 8])
            numbers = struct.unpack(">iiiii", body[at + 8:at + 28])
            error, data = self.function(device, function, numbers, body[at + 28:at + size])
            said = struct.pack(">HHHHHH", device, one, function, error, 0, 0) + struct.pack(">H", len(data)) + data
            out += struct.pack(">H", len(said) + 2) + said
            at += size
        return 0x2102, struct.pack(">H", count) + out


def serve_one(peer, control):
    with peer:
        while head := peer.recv(10, socket.MSG_WAITALL):
            _, kind, size = struct.unpack(">HHH", head[4:])
            body = peer.recv(size, socket.MSG_WAITALL) if size else b""
            kind, body = control.answer(kind, body)
            peer.sendall(HEAD + struct.pack(">HHH", 2, kind, len(body)) + body)


def serve():
    control = Control()
    listener = socket.create_server((SERVER, PORT))
    while True:
        threading.Thread(target=serve_one, args=(listener.accept()[0], control), daemon=True).start()


def talk():
    from pyfocas.protocol.packet import FOCASError
    from pyfocas.protocol.protocol import FOCAS
    client = FOCAS(SERVER, PORT)
    will(protocol="focas", act="connect", phase="request", name="open")
    assert client.connect()
    will(protocol="focas", act="identify", phase="request", function=0x10018)
    reveals(SERVER, "product", "FANUC Series 31-M")
    reveals(SERVER, "firmware", "G421 31.0")
    assert client.get_sys_info().series == "G421"
    will(protocol="focas", act="diagnose", phase="response", function=0x10019, outcome="done")
    reveals(SERVER, "state", "run")
    client.get_status_info()
    will(protocol="focas", act="read", phase="response", function=0x10015, object="macro variable 500", count=1, value=197.62, outcome="done")
    assert client.read_macro(500) == {500: 197.62}
    will(protocol="focas", act="write", phase="request", function=0x100A8, object="macro variable 501", value=12.5)
    client.write_macro_double(501, 12.5)
    will(protocol="focas", act="read", phase="response", function=0x10015, object="macro variable 501", value=12.5, outcome="done")
    assert client.read_macro(501) == {501: 12.5}
    will(protocol="focas", act="read", phase="response", object="macro variable 900", outcome="refused", status=NO_VARIABLE)
    try:
        client.read_macro(900)
        raise SystemExit("the responder has no variable 900")
    except FOCASError:
        pass
    client.socket.close()


role(serve, talk) if __name__ == "__main__" else None
