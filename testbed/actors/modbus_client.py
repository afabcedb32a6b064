"""An operator panel or server that polls Modbus devices: pymodbus' client, one connection a target address."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from pymodbus.client import ModbusTcpClient

READ = {"holding": "read_holding_registers", "input": "read_input_registers", "coils": "read_coils", "discrete": "read_discrete_inputs"}


def poll(client, target, cycle, phase):
    unit = target["unit"]
    for kind, address, count in target["read"]:
        getattr(client, READ[kind])(address, count=count, device_id=unit)
    if cycles.is_due(cycle, target.get("write_every", 0), 3):
        for kind, address, *bounds in target["write"]:
            if kind == "register":
                low, high = bounds
                client.write_register(address, low + cycle * 7 % (high - low), device_id=unit)
            else:
                client.write_coil(address, cycle % 2 == 0, device_id=unit)
    if cycle in target.get("shift", []):  # The shift's recipe: a block of words.
        client.write_registers(130, [340 + cycle % 7, 12, 85, 4, 0, 60], device_id=unit)
    if cycles.asks_who(cycle, target, phase):
        client.read_device_information(read_code=1, object_id=0, device_id=unit)


def main():
    settings = cycles.settings()
    clients = {}
    for cycle in cycles.each(settings["phase"]):
        for target in settings["targets"]:
            if not cycles.is_due(cycle, target["every"]):
                continue
            client = clients.setdefault(target["ip"], ModbusTcpClient(target["ip"], timeout=1, retries=0))
            try:
                if client.connected or client.connect():
                    poll(client, target, cycle, settings["phase"])
            except Exception as error:  # The device is away: the next cycle tries again, as a panel does.
                print(cycle, target["ip"], error, file=sys.stderr)
                client.close()


main()
