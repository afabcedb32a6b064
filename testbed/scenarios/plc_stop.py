"""The laptop stops the weld line's controller; the maintenance PC starts it again."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import cycles
from snap7.client import Client
from truth import Deed

TARGET = "10.10.2.10"
if cycles.wait_for(40, 0.8):
    with Deed("plc_stop", "S7 PLC stop", [TARGET], [102]):
        client = Client()
        client.connect(TARGET, 0, 2)
        client.plc_stop()
        client.disconnect()
