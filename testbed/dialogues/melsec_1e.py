"""HslCommunication in binary code and fx3u-mcprotocol in ascii code, MC protocol frame 1E, against a responder written from
SH(NA)-080008 chapter 18.

There is no public server; the responder keeps words and points by device and answers commands 00 to 03, 13 to 16.
"""

import socket
import threading

from responders.slmp import Code
from truth import SERVER, role, will

PORT, KIND = 5551, "tcp"
CANNOT, NO_STATION, OUT_OF_RANGE = 0x5B, 0x10, 0x58

def execute(said, command, memory):
    """The complete code and the answer's data."""
    if command in (0x13, 0x14):
        return 0, b""
    if command == 0x15:
        return 0, said.made(0xF3, 1) + said.made(0, 1)
    if command > 3:
        return 0x50, b""
    number, code = (said.number(4), said.number(2)) if not said.ascii else reversed((said.number(2), said.number(4)))
    points = said.number(1) or 256
    said.number(1)
    if number + points > 8000:
        return CANNOT, said.made(NO_STATION, 1) + said.made(0, 1)
    kept = memory.setdefault(code, [0] * 8000)
    if command == 0:
        values = kept[number:number + points] + [0] * (points % 2)
        return 0, b"".join(b"%d" % v for v in values) if said.ascii else bytes(a << 4 | b for a, b in zip(values[::2], values[1::2]))
    if command == 1:
        return 0, b"".join(said.made(v, 2) for v in kept[number:number + points])
    if command == 3:
        kept[number:number + points] = [said.number(2) for _ in range(points)]
    else:
        kept[number:number + points] = [nibble for byte in said.raw((points + 1) // 2) for nibble in (byte >> 4, byte & 15)][:points]
    return 0, b""


def serve_one(peer, memory):
    """Requests come one by one: each client waits for its answer."""
    while content := peer.recv(4096):
        said = Code(content[:1] in b"0123456789AB", content)
        command = said.number(1)
        said.number(1)  # PC number
        said.number(2)  # monitoring timer
        end, data = execute(said, command, memory)
        peer.sendall(said.made(command | 0x80, 1) + said.made(end, 1) + data)


def serve():
    memory = {}
    listener = socket.create_server((SERVER, PORT))
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve_one, args=(peer, memory), daemon=True).start()


def talk_binary():
    from HslCommunication import MelsecA1ENet
    client = MelsecA1ENet(SERVER, PORT)
    assert client.ConnectServer().IsSuccess
    will(protocol="mc_1e", act="write", phase="request", function=3, object="D100", count=3, value=[100, 2, 65535])
    will(protocol="mc_1e", act="write", phase="response", function=3, object="D100", outcome="done")
    assert client.WriteUInt16("D100", [100, 2, 65535]).IsSuccess
    will(protocol="mc_1e", act="read", phase="response", function=1, object="D100", count=3, value=[100, 2, 65535], outcome="done")
    assert client.ReadUInt16("D100", 3).Content == [100, 2, 65535]
    will(protocol="mc_1e", act="write", phase="request", function=2, object="M50", count=5, value=[True, False, True, True, False])
    assert client.WriteBool("M50", [True, False, True, True, False]).IsSuccess
    will(protocol="mc_1e", act="read", phase="response", function=0, object="M50", count=5, value=[True, False, True, True, False])
    assert client.ReadBool("M50", 5).Content == [True, False, True, True, False]
    will(protocol="mc_1e", act="read", phase="request", function=0, object="X1F", count=1)  # Octal 37, as FX controllers write it.
    assert client.ReadBool("X37", 1).IsSuccess
    will(protocol="mc_1e", act="read", phase="response", function=1, object="D7999", outcome="refused", status=CANNOT << 8 | NO_STATION)
    assert not client.ReadUInt16("D7999", 3).IsSuccess
    client.ConnectClose()


def talk_ascii():
    from fx3u_mcprotocol import FX3UClient
    client = FX3UClient(SERVER, PORT, cpu="FX3U", mode="ascii")
    client.connect()
    will(protocol="mc_1e", act="read", phase="request", function=1, object="D100", count=3)
    will(protocol="mc_1e", act="read", phase="response", function=1, object="D100", count=3, value=[100, 2, 65535], outcome="done")
    assert client.readRegs("D100", 3) == [100, 2, 65535]
    will(protocol="mc_1e", act="read", phase="response", function=0, object="M50", count=3, value=[True, False, True], outcome="done")
    assert client.readBits("M50", 3) == [True, False, True]
    client.close()


def talk():
    talk_binary()
    talk_ascii()


role(serve, talk) if __name__ == "__main__" else None
