"""A laptop looks which addresses of the press line answer on the usual ports of controllers."""

import pathlib
import socket
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import cycles
from truth import Deed

PORTS = [22, 80, 102, 502, 44818]
targets = [f"10.10.1.{last}" for last in range(1, 51)]
if cycles.wait_for(12, 0.8):
    with Deed("scan", "TCP connections to five ports of fifty addresses, most of which nobody has", targets, PORTS):
        waiting = []
        for target in targets:
            for port in PORTS:
                probe = socket.socket()
                probe.setblocking(False)
                probe.connect_ex((target, port))
                waiting.append(probe)
        for probe in waiting:
            probe.close()
