"""aphyt's fins client over UDP and over TCP against a responder written from W342 and W421: there is no public server.

It keeps words and bits of DM and CIO, and answers 0101, 0102, 0401, 0402, 0501.
"""

import socket
import threading

from truth import SERVER, reveals, role, will

PORT, KIND = 9600, "udp"
NO_ADDRESS = 0x1103


def execute(said, memory):
    command, data = said[:2], said[2:]
    if command == b"\x05\x01":
        return b"\0\0" + b"CJ2M-CPU33".ljust(20) + b"02.01".ljust(20) + bytes(40 + 12)
    if command in (b"\x04\x01", b"\x04\x02"):
        return b"\0\0"
    if command not in (b"\x01\x01", b"\x01\x02"):
        return b"\x04\x01"
    area, word, bit, count = data[0], int.from_bytes(data[1:3], "big"), data[3], int.from_bytes(data[4:6], "big")
    if word + count > 32768:
        return NO_ADDRESS.to_bytes(2, "big")
    width = 1 if area in (0x02, 0x30) else 2  # DM and CIO by the bit, else words.
    keep = lambda at: (area, word + at) if width == 2 else (area, word, bit + at)
    if command == b"\x01\x01":
        return b"\0\0" + b"".join(memory.get(keep(at), bytes(width)) for at in range(count))
    for at in range(count):
        memory[keep(at)] = data[6 + at * width:6 + (at + 1) * width]
    return b"\0\0"


def answer(frame, memory):
    head = frame[:10]
    return bytes([0xC0, 0, 2]) + head[6:9] + head[3:6] + head[9:10] + frame[10:12] + execute(frame[10:], memory)


def serve_tcp(memory):
    listener = socket.create_server((SERVER, PORT))
    while True:
        peer, _ = listener.accept()
        with peer:
            while content := peer.recv(4096):
                command, frame = int.from_bytes(content[8:12], "big"), content[16:]
                data = b"\0\0\0\x01\0\0\0\x02" if command == 0 else answer(frame, memory)
                peer.sendall(b"FINS" + (8 + len(data)).to_bytes(4, "big") + (1 if command == 0 else 2).to_bytes(4, "big") + bytes(4) + data)


def serve():
    memory = {}
    threading.Thread(target=serve_tcp, args=(memory,), daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind((SERVER, PORT))
        while True:
            frame, peer = port.recvfrom(4096)
            port.sendto(answer(frame, memory), peer)


def talk_to(client, base):
    from fins import FinsPLCMemoryAreas
    area = FinsPLCMemoryAreas()
    address = base.to_bytes(2, "big") + b"\0"
    will(protocol="fins", act="identify", phase="request", function=0x0501)
    reveals(SERVER, "product", "CJ2M-CPU33")
    client.cpu_unit_data_read()
    will(protocol="fins", act="write", phase="request", function=0x0102, object=f"D{base}", count=2, value=[842, 7])
    will(protocol="fins", act="write", phase="response", object=f"D{base}", outcome="done")
    client.memory_area_write(area.DATA_MEMORY_WORD, address, (842).to_bytes(2, "big") + (7).to_bytes(2, "big"), 2)
    will(protocol="fins", act="read", phase="response", object=f"D{base}", count=2, value=[842, 7], outcome="done")
    assert client.memory_area_read(area.DATA_MEMORY_WORD, address, 2).endswith(b"\x03\x4a\x00\x07")
    will(protocol="fins", act="write", phase="request", object=f"CIO{base}.05", count=1, value=True)
    client.memory_area_write(area.CIO_BIT, base.to_bytes(2, "big") + b"\x05", b"\x01", 1)
    will(protocol="fins", act="read", phase="response", object="D32767", outcome="refused", status=NO_ADDRESS)
    client.memory_area_read(area.DATA_MEMORY_WORD, b"\x7f\xff\0", 9)
    will(protocol="fins", act="stop", phase="request", function=0x0402)
    will(protocol="fins", act="stop", phase="response", outcome="done")
    client.change_to_program_mode()
    will(protocol="fins", act="start", phase="request", function=0x0401)
    client.change_to_run_mode()
    reveals(SERVER, "state", "run")


def talk():
    from fins.tcp import TCPFinsConnection
    from fins.udp import UDPFinsConnection
    udp = UDPFinsConnection()
    udp.dest_node_add, udp.srce_node_add = 2, 1
    udp.connect(SERVER)
    talk_to(udp, 100)
    tcp = TCPFinsConnection()
    tcp.connect(SERVER)
    talk_to(tcp, 300)


role(serve, talk) if __name__ == "__main__" else None
