"""A Modbus/TCP device: pymodbus' server with identification and changing registers."""

import asyncio
import math
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from pymodbus import ModbusDeviceIdentification
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import StartAsyncTcpServer


async def change(units):
    """What the process does: a slow wave in the input and holding registers, a step each second."""
    while True:
        turn = time.time() - cycles.EPOCH
        for number, unit in units.items():
            wave = [int(500 + 100 * number + 80 * math.sin(turn / 40 + i)) for i in range(10)]
            unit.setValues(3, 0, wave)
            unit.setValues(4, 0, wave[:8])
            unit.setValues(2, 0, [bool(int(turn / 4) >> i & 1) for i in range(8)])
        await asyncio.sleep(1)


async def main():
    settings = cycles.settings()
    block = lambda: ModbusSequentialDataBlock(1, [0] * 200)
    units = {n: ModbusDeviceContext(di=block(), co=block(), hr=block(), ir=block()) for n in settings["units"]}
    identity = ModbusDeviceIdentification(info_name={
        "VendorName": settings["vendor"], "ProductCode": settings["product"], "MajorMinorRevision": settings["revision"]})
    task = asyncio.create_task(change(units))
    await StartAsyncTcpServer(context=ModbusServerContext(devices=units, single=False), identity=identity,
                              address=("0.0.0.0", 502))
    await task


asyncio.run(main())
