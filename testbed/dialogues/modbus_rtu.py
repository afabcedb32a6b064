"""pymodbus on both sides with the serial line's frames in a TCP stream, as behind a serial server."""

import asyncio

from truth import SERVER, reveals, role, will

PORT, KIND = 4001, "tcp"


def serve():
    from pymodbus import FramerType, ModbusDeviceIdentification
    from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
    from pymodbus.server import StartAsyncTcpServer
    units = {unit: ModbusDeviceContext(di=ModbusSequentialDataBlock(1, [True, False] * 50), co=ModbusSequentialDataBlock(1, [False] * 100),
                                       hr=ModbusSequentialDataBlock(1, list(range(100, 200))), ir=ModbusSequentialDataBlock(1, list(range(500, 600))))
             for unit in (3, 17)}
    identity = ModbusDeviceIdentification(info_name={"VendorName": "Acme Drives", "ProductCode": "AD-200", "MajorMinorRevision": "V2.7"})
    asyncio.run(StartAsyncTcpServer(context=ModbusServerContext(devices=units, single=False), identity=identity, framer=FramerType.RTU, address=(SERVER, PORT)))


def talk():
    from pymodbus import FramerType
    from pymodbus.client import ModbusTcpClient
    client = ModbusTcpClient(SERVER, port=PORT, framer=FramerType.RTU)
    assert client.connect()
    of = {"protocol": "modbus_rtu"}
    will(**of, act="read", function=3, unit="unit 17", phase="request", object="holding register 10", count=4)
    will(**of, act="read", function=3, unit="unit 17", phase="response", object="holding register 10", count=4, value=[110, 111, 112, 113], outcome="done")
    assert client.read_holding_registers(10, count=4, device_id=17).registers == [110, 111, 112, 113]
    will(**of, act="read", function=4, unit="unit 3", phase="response", object="input register 0", count=2, value=[500, 501], outcome="done")
    assert client.read_input_registers(0, count=2, device_id=3).registers == [500, 501]
    will(**of, act="write", function=6, unit="unit 17", phase="request", object="holding register 20", value=842)
    will(**of, act="write", function=6, unit="unit 17", phase="response", object="holding register 20", value=842, outcome="done")
    client.write_register(20, 842, device_id=17)
    will(**of, act="write", function=16, unit="unit 17", phase="request", object="holding register 30", count=3, value=[1, 2, 65535])
    will(**of, act="write", function=16, unit="unit 17", phase="response", object="holding register 30", count=3, outcome="done")
    client.write_registers(30, [1, 2, 65535], device_id=17)
    will(**of, act="write", function=5, unit="unit 3", phase="request", object="coil 7", value=True)
    client.write_coil(7, True, device_id=3)
    will(**of, act="write", function=15, unit="unit 3", phase="request", object="coil 40", count=10)
    client.write_coils(40, [True, False] * 5, device_id=3)
    will(**of, act="write", function=23, unit="unit 17", phase="request", object="holding register 50", count=2, value=[5, 6])
    client.readwrite_registers(read_address=10, read_count=2, write_address=50, values=[5, 6], device_id=17)
    will(**of, act="write", function=22, unit="unit 17", phase="request", object="holding register 4")
    client.mask_write_register(address=4, and_mask=0xF2, or_mask=0x25, device_id=17)
    will(**of, act="read", function=3, unit="unit 17", phase="response", object="holding register 5000", outcome="refused", status=2)
    assert client.read_holding_registers(5000, count=1, device_id=17).isError()
    will(**of, act="identify", function=43, unit="unit 17", phase="response", outcome="done")
    reveals(SERVER, "vendor", "Acme Drives")
    reveals(SERVER, "product", "AD-200")
    reveals(SERVER, "firmware", "V2.7")
    client.read_device_information(device_id=17)
    will(**of, act="diagnose", function=8, unit="unit 17", phase="request")
    client.diag_query_data(b"\xa5\x37", device_id=17)
    client.close()


role(serve, talk) if __name__ == "__main__" else None
