"""The laptop writes to the press controller, which only the panel ever did."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import cycles
from pymodbus.client import ModbusTcpClient
from truth import Deed

TARGET = "10.10.1.10"
if cycles.wait_for(25, 0.8):
    with Deed("modbus_writes", "holding register 100 to 340 and coil 3 on, five times", [TARGET], [502]):
        client = ModbusTcpClient(TARGET, timeout=1, retries=0)
        client.connect()
        client.read_device_information(read_code=1, object_id=0, device_id=1)
        for _ in range(5):
            client.write_register(100, 340, device_id=1)
            client.write_coil(3, True, device_id=1)
        client.write_registers(900, [1, 2, 3], device_id=1)  # Refused: there is no such register.
        client.close()
