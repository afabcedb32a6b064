"""The maintenance PC at an Omron controller: reads what it is, how it is, and its program."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from fins.udp import UDPFinsConnection

settings = cycles.settings()
BLOCK, SIZE = 992, 4096  # bytes: what a command reads at most, and how long the program is
for cycle in settings["cycles"]:
    if cycle < cycles.CYCLES and cycles.wait_for(cycle, settings["phase"]):
        for ip, node in settings["targets"]:
            client = UDPFinsConnection()
            client.dest_node_add, client.srce_node_add = node, settings["node"]
            client.connect(ip)
            try:
                client.cpu_unit_data_read()
                client.cpu_unit_status_read()
                for begin in range(0, SIZE, BLOCK):
                    client.program_area_read(begin, min(BLOCK, SIZE - begin))
            except Exception as error:
                print(cycle, ip, repr(error), file=sys.stderr)
            client.fins_socket.close()
