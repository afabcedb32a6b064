"""The maintenance PC at an S7 controller: looks around, uploads a block, downloads one, sets the clock."""

import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from snap7.client import Client
from snap7.type import Block

PHASE = 0.55


def attempt(what, *words):
    try:
        what(*words)
    except Exception as error:  # A refusal is traffic, too.
        print(what.__name__, error, file=sys.stderr)


def visit(ip, changes):
    client = Client()
    try:
        client.connect(ip, 0, 2)
    except Exception as error:
        print(ip, error, file=sys.stderr)
        return
    attempt(client.get_cpu_state)
    attempt(client.get_order_code)
    attempt(client.get_cpu_info)
    attempt(client.list_blocks)
    attempt(client.get_plc_datetime)
    if changes:
        attempt(client.set_plc_datetime, datetime.datetime(2026, 11, 19, 19, 0, 0))
        attempt(client.upload, Block.DB, 1)
        attempt(client.download, bytearray(128), 1)
    attempt(client.disconnect)


def main():
    settings = cycles.settings()
    for cycle in settings["cycles"]:
        if cycle < cycles.CYCLES and cycles.wait_for(cycle, PHASE):
            for ip in settings["ips"]:
                visit(ip, changes=cycle == settings["cycles"][-1])


main()
