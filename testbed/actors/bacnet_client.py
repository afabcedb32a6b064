"""The building's head end: bacpypes3 looks who is there, reads values, writes set points."""

import asyncio
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from bacpypes3.app import Application
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.pdu import Address

WORDS = ("vendor-name", "model-name", "firmware-revision", "object-name")


async def poll(app, target, cycle, phase):
    peer = Address(target["ip"])
    for number in range(1, target["inputs"] + 1):
        await asyncio.wait_for(app.read_property(peer, f"analog-input,{number}", "present-value"), 1)
    if cycles.is_due(cycle, target.get("write_every", 0), 8):
        await asyncio.wait_for(app.write_property(peer, "analog-value,1", "present-value", 21.0 + cycle % 5), 1)
    if cycles.asks_who(cycle, target, phase):
        for word in WORDS:
            await asyncio.wait_for(app.read_property(peer, f"device,{target['instance']}", word), 1)


async def main():
    settings = cycles.settings()
    words = ["--address", f"{settings['ip']}/24", "--instance", str(settings["instance"]), "--name", settings["name"]]
    app = Application.from_args(SimpleArgumentParser().parse_args(words))
    for cycle in range(cycles.CYCLES):
        due = cycles.EPOCH + cycle * cycles.LENGTH + settings["phase"]
        await asyncio.sleep(max(0.0, due - cycles.now()))
        if cycles.is_due(cycle, 180):
            app.who_is()  # To all; whoever answers has 0.3 s for it.
            await asyncio.sleep(0.3)
        for target in settings["targets"]:
            if cycles.is_due(cycle, target["every"], target.get("offset", 0)):
                try:
                    await poll(app, target, cycle, settings["phase"])
                except Exception as error:
                    print(cycle, target["ip"], repr(error), file=sys.stderr)


asyncio.run(main())
