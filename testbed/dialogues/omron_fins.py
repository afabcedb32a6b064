"""aphyt's fins client over UDP and over TCP against a responder: there is no public server."""

from responders import omron_fins
from responders.omron_fins import NO_ADDRESS
from truth import SERVER, reveals, role, will

PORT, KIND = 9600, "udp"


def serve():
    omron_fins.serve(SERVER, PORT, omron_fins.Controller("CJ2M-CPU33", "02.01"))


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
