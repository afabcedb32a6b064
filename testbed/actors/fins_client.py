"""A panel of Omron controllers: aphyt's fins client over UDP."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from fins import FinsPLCMemoryAreas
from fins.udp import UDPFinsConnection

area = FinsPLCMemoryAreas()
AREAS = {"D": area.DATA_MEMORY_WORD, "CIO": area.CIO_WORD}


def place(word):
    return word.to_bytes(2, "big") + b"\0"


def poll(client, target, cycle, phase):
    for name, word, count in target["read"]:
        client.memory_area_read(AREAS[name], place(word), count)
    if cycles.is_due(cycle, target.get("write_every", 0), 9):
        word, low, high = target["write"]
        client.memory_area_write(area.DATA_MEMORY_WORD, place(word), (low + cycle * 7 % (high - low)).to_bytes(2, "big"), 1)
    if cycle in target.get("shift", []):  # The shift's colour: a block of words.
        client.memory_area_write(area.DATA_MEMORY_WORD, place(300), b"".join((400 + at).to_bytes(2, "big") for at in range(8)), 8)
    if cycles.asks_who(cycle, target, phase):
        client.cpu_unit_data_read()
        client.cpu_unit_status_read()


def main():
    settings = cycles.settings()
    clients = {}
    for cycle in cycles.each(settings["phase"]):
        for number, target in enumerate(settings["targets"]):
            if not cycles.is_due(cycle, target["every"]):
                continue
            try:
                if number not in clients:
                    client = clients[number] = UDPFinsConnection()
                    client.dest_node_add, client.srce_node_add = target["node"], settings["node"]
                    client.connect(target["ip"], bind_port=9600 + number)
                poll(clients[number], target, cycle, settings["phase"])
            except Exception as error:  # The controller is away: the next cycle tries again.
                print(cycle, target["ip"], repr(error), file=sys.stderr)


main()
