"""An OPC UA server with the words of its maker and values that change: asyncua."""

import asyncio
import datetime
import logging
import math
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from asyncua import Server, ua

logging.disable(logging.WARNING)


async def main():
    settings = cycles.settings()
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://{settings['ip']}:4840/")
    server.set_server_name(settings["name"])
    await server.set_application_uri(settings["uri"])
    await server.set_build_info(product_uri=settings["uri"], manufacturer_name=settings["vendor"], product_name=settings["product"],
                                software_version=settings["version"], build_number=settings["version"], build_date=datetime.datetime(2025, 4, 1))
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    space = await server.register_namespace(settings["uri"])
    folder = await server.nodes.objects.add_object(ua.NodeId(settings["object"], space), settings["object"])
    nodes = []
    for name in settings["values"]:
        node = await folder.add_variable(ua.NodeId(f"{settings['object']}.{name}", space), name, 0.0)
        await node.set_writable()
        nodes.append(node)
    async with server:
        while True:
            turn = time.time() - cycles.EPOCH
            for at, node in enumerate(nodes[:-1]):  # The last one is a set point: others write it.
                await node.write_value(round(50 + 5 * math.sin(turn / 40 + at), 2))
            await asyncio.sleep(2)


asyncio.run(main())
