"""A panel of an EtherNet/IP controller: cpppo's client reads and writes tags, pycomm3 asks for identity."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from cpppo.server.enip import client as enip
from pycomm3 import CIPDriver


def route(settings):
    """Through the backplane (port 1) to the slot, where one is told."""
    return [{"port": 1, "link": settings["slot"]}] if "slot" in settings else None


def poll(connection, settings, cycle):
    operations = list(settings["tags"])
    if cycles.is_due(cycle, settings.get("write_every", 0), 5):
        tag, kind = settings["write"]
        operations.append(f"{tag}=({kind}){100 + cycle % 50}")
    with connection:
        for _ in connection.pipeline(operations=enip.parse_operations(operations, route_path=route(settings)), depth=1, multiple=0, timeout=1.0):
            pass


def identify(ip):
    CIPDriver.list_identity(ip)
    with CIPDriver(ip) as driver:
        driver.generic_message(service=0x01, class_code=0x01, instance=1, connected=False, unconnected_send=False)


def main():
    settings = cycles.settings()
    connection, asks = None, False
    for cycle in cycles.each(settings["phase"]):
        if not cycles.is_due(cycle, settings["every"]):
            continue
        asks = asks or cycles.asks_who(cycle, settings, settings["phase"])
        try:
            if connection is None:
                connection = enip.connector(host=settings["ip"], timeout=1.0)
            poll(connection, settings, cycle)
            if asks:
                identify(settings["ip"])
                asks = False
        except Exception as error:
            print(cycle, settings["ip"], repr(error), file=sys.stderr)
            connection = None


main()
