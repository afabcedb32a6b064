"""bacpypes3 on both sides: who-is, the device's own words, a value that is read, written and refused."""

import asyncio
import sys

from truth import CLIENT, SERVER, reveals, role, will

PORT, KIND = 47808, "udp"


def application(address, number, name):
    from bacpypes3.argparse import SimpleArgumentParser
    from bacpypes3.app import Application
    options = SimpleArgumentParser().parse_args(["--address", f"{address}/24", "--instance", str(number), "--name", name])
    return Application.from_args(options)


async def serve_():
    from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject
    app = application(SERVER, 4194, "Kiln 3 controller")
    app.device_object.vendorName = "Minamo Controls"
    app.device_object.modelName = "KC-300"
    app.device_object.firmwareRevision = "4.2.1"
    app.add_object(AnalogInputObject(objectIdentifier="analog-input,3", objectName="kiln temperature", presentValue=842.5))
    app.add_object(AnalogValueObject(objectIdentifier="analog-value,1", objectName="set point", presentValue=850.0))
    await asyncio.Event().wait()


async def talk_():
    from bacpypes3.apdu import ErrorRejectAbortNack
    from bacpypes3.pdu import Address
    app = application(CLIENT, 77, "head end")
    peer = Address(SERVER)
    will(protocol="bacnet", act="browse", function=264)
    will(protocol="bacnet", act="identify", function=256, object="device 4194")
    found = await app.who_is(4194, 4194, timeout=3)
    assert found and found[0].iAmDeviceIdentifier[1] == 4194
    for attribute, name, value in (("vendor", "vendor-name", "Minamo Controls"), ("product", "model-name", "KC-300"),
                                   ("firmware", "firmware-revision", "4.2.1"), ("name", "object-name", "Kiln 3 controller")):
        will(protocol="bacnet", act="read", phase="request", object=f"device 4194 {name}")
        reveals(SERVER, attribute, value)
        assert await app.read_property(peer, "device,4194", name) == value
    will(protocol="bacnet", act="read", phase="response", object="analog-input 3 present-value", value=842.5, outcome="done")
    assert await app.read_property(peer, "analog-input,3", "present-value") == 842.5
    will(protocol="bacnet", act="write", phase="request", object="analog-value 1 present-value", value=875.25)
    will(protocol="bacnet", act="write", phase="response", object="analog-value 1 present-value", outcome="done")
    await app.write_property(peer, "analog-value,1", "present-value", 875.25)
    will(protocol="bacnet", act="read", phase="response", object="analog-input 9 present-value", outcome="refused")
    try:
        await app.read_property(peer, "analog-input,9", "present-value")
        sys.exit("there is no such object")
    except ErrorRejectAbortNack:
        pass
    app.close()


role(lambda: asyncio.run(serve_()), lambda: asyncio.run(talk_())) if __name__ == "__main__" else None
