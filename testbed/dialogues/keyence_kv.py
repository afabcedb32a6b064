"""plc-comm-kv-hostlink over TCP and kvhostlink-udp over UDP against a responder: there is no public server.

The responder keeps words and bits by device, as the manual's host link chapter has commands and answers.
"""

import re
import socket
import threading

from truth import SERVER, reveals, role, will

PORT, KIND = 8501, "tcp"
MODEL, FORMS = "57", {"U": "%05d", "S": "%+06d", "D": "%010d", "L": "%+011d", "H": "%04X", "": "%d"}


class Controller:
    def __init__(self):
        self.memory, self.mode, self.watched = {}, "1", []

    def cell(self, device):
        """Name, number and form of what is written DM100.U."""
        found = re.fullmatch(r"([A-Z]+)([0-9A-F]+)(?:\.([USDLH]))?", device)
        if not found or found[1] not in ("DM", "EM", "MR", "R", "W", "T"):
            return None
        number = int(found[2], 16 if found[1] == "W" else 10)
        return (found[1], number, found[3] or "") if number < 60000 else None

    def words(self, name, number, form, count):
        step = 2 if form in "DL" and form else 1
        return " ".join(FORMS[form] % self.memory.get((name, number + i * step), 0) for i in range(count))

    def answer(self, line):
        word, *rest = line.split()
        word = word.upper()
        if word in ("M0", "M1"):
            self.mode = word[1]
            return "OK"
        if word == "?M":
            return self.mode
        if word == "?K":
            return MODEL
        if word == "?E":
            return "000"
        if word in ("ER", "WRT"):
            return "OK"
        if word in ("MWS", "MBS"):
            self.watched = [self.cell(one) for one in rest]
            return "OK" if all(self.watched) else "E0"
        if word in ("MWR", "MBR"):
            return " ".join(self.words(*one, 1) for one in self.watched)
        if word not in ("RD", "RDS", "WR", "WRS", "ST", "RS"):
            return "E1"
        cell = self.cell(rest[0])
        if not cell:
            return "E0"
        name, number, form = cell
        if word in ("RD", "RDS"):
            return self.words(name, number, form, int(rest[1]) if word == "RDS" else 1)
        values = ["1"] if word == "ST" else ["0"] if word == "RS" else rest[1:] if word == "WR" else rest[2:]
        step = 2 if form in "DL" and form else 1
        for i, value in enumerate(values):
            self.memory[name, number + i * step] = int(value, 16 if form == "H" else 10)
        return "OK"


def serve_one(peer, controller):
    with peer, peer.makefile("rwb") as stream:
        said = b""
        while piece := peer.recv(4096):
            said += piece
            while b"\r" in said:
                line, said = said.split(b"\r", 1)
                stream.write(controller.answer(line.decode().strip()).encode() + b"\r\n")
                stream.flush()


def serve():
    controller = Controller()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((SERVER, PORT))

    def answer_datagrams():
        while True:
            said, peer = datagrams.recvfrom(4096)
            datagrams.sendto(controller.answer(said.decode().strip()).encode() + b"\r\n", peer)

    threading.Thread(target=answer_datagrams, daemon=True).start()
    listener = socket.create_server((SERVER, PORT))
    while True:
        threading.Thread(target=serve_one, args=(listener.accept()[0], controller), daemon=True).start()


def talk_stream():
    from hostlink import HostLinkClient, HostLinkError
    client = HostLinkClient(SERVER, port=PORT, transport="tcp", plc_profile="keyence:kv-8000")
    client.connect()
    will(protocol="keyence_kv", act="identify", phase="request", name="read model")
    reveals(SERVER, "product", "KV-8000")
    client.query_model()
    will(protocol="keyence_kv", act="write", phase="request", object="DM100", count=3, value=[842, 7, 65535])
    will(protocol="keyence_kv", act="write", phase="response", object="DM100", outcome="done")
    client.write_consecutive("DM100", [842, 7, 65535], data_format=".U")
    will(protocol="keyence_kv", act="read", phase="response", object="DM100", count=3, value=[842, 7, 65535], outcome="done")
    assert client.read_consecutive("DM100", 3, data_format=".U") == [842, 7, 65535]
    will(protocol="keyence_kv", act="write", phase="request", object="EM10", count=1, value=-5)
    client.write("EM10", -5, data_format=".S")
    will(protocol="keyence_kv", act="read", phase="response", object="EM10", count=1, value=-5, outcome="done")
    assert client.read("EM10", data_format=".S") == -5
    will(protocol="keyence_kv", act="force", phase="request", object="MR1015", value=True)
    will(protocol="keyence_kv", act="force", phase="response", object="MR1015", outcome="done")
    client.forced_set("MR1015")
    will(protocol="keyence_kv", act="read", phase="response", object="MR1015", value=True, outcome="done")
    assert client.read("MR1015") == 1
    will(protocol="keyence_kv", act="subscribe", phase="request", object="DM100", count=2)
    client.register_monitor_words([("DM100", ".U"), ("DM101", ".U")])
    will(protocol="keyence_kv", act="read", phase="response", name="read monitored words", value=["842", "7"], outcome="done")
    client.read_monitor_words()
    will(protocol="keyence_kv", act="read", phase="response", object="DM60001", outcome="refused", status=0xE0)
    try:
        client.read("DM60001", data_format=".U")
        raise SystemExit("the responder has no DM60001")
    except HostLinkError:
        pass
    will(protocol="keyence_kv", act="time_set", phase="request", value="26 12 01 03 30 00 2")
    client.set_time((26, 12, 1, 3, 30, 0, 2))
    will(protocol="keyence_kv", act="stop", phase="request", name="change to program mode")
    will(protocol="keyence_kv", act="stop", phase="response", outcome="done")
    client.change_mode("PROGRAM")
    reveals(SERVER, "state", "stop")
    client.close()


def talk_datagrams():
    from kvhostlink import kvHostLink
    client = kvHostLink(SERVER)
    will(protocol="keyence_kv", act="identify", phase="request", name="read model")
    client.unittype()
    will(protocol="keyence_kv", act="write", phase="request", object="DM200", count=1, value=4660)
    client.write("DM200.U", "4660")
    will(protocol="keyence_kv", act="read", phase="response", object="DM200", count=2, value=[4660, 0], outcome="done")
    assert client.reads("DM200.U", 2) == b"04660 00000\r\n"
    will(protocol="keyence_kv", act="start", phase="response", outcome="done")
    client.mode("1")


def talk():
    talk_stream()
    talk_datagrams()


role(serve, talk) if __name__ == "__main__" else None
