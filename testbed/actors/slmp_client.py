"""A panel or PC at a MELSEC controller: pymcprotocol, one connection a target."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from pymcprotocol import Type3E, Type4E


def connected(target):
    client = Type4E() if target.get("frame") == 4 else Type3E()
    client.setaccessopt(commtype=target.get("code", "binary"), timer_sec=1)
    if "module" in target:  # Another CPU in the same rack, by its start I/O number.
        client.setaccessopt(dest_moduleio=target["module"])
    client.connect(target["ip"], target["port"])
    return client


def poll(client, target, cycle, phase):
    for device, count in target["read"]:
        read = client.batchread_bitunits if device[0] in "MXY" else client.batchread_wordunits
        read(device, count)
    if cycles.is_due(cycle, target.get("write_every", 0), 6):
        device, low, high = target["write"]
        client.batchwrite_wordunits(device, [low + cycle * 7 % (high - low)])
    if cycle in target.get("shift", []):  # The shift's recipe: a block of words, and the point that takes it over.
        client.batchwrite_wordunits("D200", [1200 + cycle % 7, 85, 3, 40, 0, 12])
        client.batchwrite_bitunits("M100", [1])
    if cycles.asks_who(cycle, target, phase):
        client.read_cputype()


def main():
    settings = cycles.settings()
    clients = {}
    for cycle in cycles.each(settings["phase"]):
        for number, target in enumerate(settings["targets"]):
            if not cycles.is_due(cycle, target["every"]):
                continue
            try:
                if number not in clients:
                    clients[number] = connected(target)
                poll(clients[number], target, cycle, settings["phase"])
            except Exception as error:  # The controller is away: the next cycle tries again.
                print(cycle, target["ip"], repr(error), file=sys.stderr)
                clients.pop(number, None)


main()
