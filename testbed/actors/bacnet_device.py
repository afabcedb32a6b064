"""A BACnet/IP device with its own words and values that change: bacpypes3."""

import asyncio
import math
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from bacpypes3.app import Application
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject


async def main():
    settings = cycles.settings()
    words = ["--address", f"{settings['ip']}/24", "--instance", str(settings["instance"]), "--name", settings["name"]]
    app = Application.from_args(SimpleArgumentParser().parse_args(words))
    app.device_object.vendorName = settings["vendor"]
    app.device_object.modelName = settings["product"]
    app.device_object.firmwareRevision = settings["version"]
    inputs = [AnalogInputObject(objectIdentifier=f"analog-input,{n}", objectName=name, presentValue=0.0)
              for n, name in enumerate(settings["inputs"], 1)]
    for one in inputs:
        app.add_object(one)
    app.add_object(AnalogValueObject(objectIdentifier="analog-value,1", objectName="set point", presentValue=22.0))
    while True:
        turn = time.time() - cycles.EPOCH
        for at, one in enumerate(inputs):
            one.presentValue = round(settings["middle"] * (1 + 0.05 * math.sin(turn / 60 + at)), 2)
        await asyncio.sleep(2)


asyncio.run(main())
