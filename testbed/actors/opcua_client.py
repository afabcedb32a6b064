"""Who reads and now and then writes in OPC UA servers: asyncua's client, one session a target."""

import asyncio
import logging
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from asyncua import Client, ua

logging.disable(logging.WARNING)
BUILD = ["i=2261", "i=2263", "i=2264"]  # Server_ServerStatus_BuildInfo: product, maker, version.


async def session(target, name):
    client = Client(f"opc.tcp://{target['ip']}:4840/", timeout=2, watchdog_intervall=3600)  # Its heartbeat would beat in stretched time.
    client.name = name
    await client.connect()
    space = await client.get_namespace_index(target["uri"])
    return client, [client.get_node(f"ns={space};s={target['object']}.{value}") for value in target["values"]]


async def poll(client, nodes, target, cycle, phase):
    await client.read_values(nodes)
    if cycles.is_due(cycle, target.get("write_every", 0), 7) or cycle in target.get("shift", []):
        await nodes[-1].write_value(ua.DataValue(ua.Variant(float(60 + cycle % 20), ua.VariantType.Double)))
    if cycles.asks_who(cycle, target, phase):
        for node in BUILD:
            await client.get_node(node).read_value()


async def main():
    settings = cycles.settings()
    open_sessions = {}
    for cycle in range(cycles.CYCLES):
        due = cycles.EPOCH + cycle * cycles.LENGTH + settings["phase"]
        await asyncio.sleep(max(0.0, due - cycles.now()))
        for number, target in enumerate(settings["targets"]):
            if not cycles.is_due(cycle, target["every"]):
                continue
            try:
                if number not in open_sessions:
                    open_sessions[number] = await session(target, settings["name"])
                await poll(*open_sessions[number], target, cycle, settings["phase"])
            except Exception as error:  # The server is away: the next cycle tries again.
                print(cycle, target["ip"], repr(error), file=sys.stderr)
                open_sessions.pop(number, None)


asyncio.run(main())
