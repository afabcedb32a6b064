"""An operator panel of an S7 controller: python-snap7's client."""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from snap7.client import Client


def poll(client, settings, cycle):
    for block, start, size in settings["read"]:
        client.db_read(block, start, size)
    if cycles.is_due(cycle, settings.get("write_every", 0), 4):
        block, start = settings["write"]
        client.db_write(block, start, bytearray(struct.pack(">h", 80 + cycle % 40)))
    if cycles.asks_who(cycle, settings, settings["phase"]):
        client.get_cpu_state()
        client.read_szl(0x0011, 0)
        client.read_szl(0x001C, 0)


def main():
    settings = cycles.settings()
    client = None
    for cycle in cycles.each(settings["phase"]):
        if not cycles.is_due(cycle, settings["every"]):
            continue
        try:
            if client is None:
                client = Client()
                client.connect(settings["ip"], 0, settings.get("slot", 2))
            poll(client, settings, cycle)
        except Exception as error:
            print(cycle, settings["ip"], error, file=sys.stderr)
            try:
                if client:
                    client.disconnect()
            except Exception:
                pass
            client = None


main()
