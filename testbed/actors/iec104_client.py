"""A control centre in IEC 60870-5-104: lib60870 (c104), general interrogation, the clock, now and then a command."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import c104
import cycles

settings = cycles.settings()
client = c104.Client(tick_rate_ms=200, command_timeout_ms=1000)
stations = []
for target in settings["targets"]:
    connection = client.add_connection(ip=target["ip"], port=2404, init=c104.Init.NONE)
    station = connection.add_station(common_address=target["station"])
    for at in range(target["measured"]):
        station.add_point(io_address=1100 + at, type=c104.Type.M_ME_NC_1)
    station.add_point(io_address=1200, type=c104.Type.M_SP_NA_1)
    stations.append((connection, target["station"], station.add_point(io_address=2100, type=c104.Type.C_SC_NA_1)))
begun = False
for cycle in cycles.each(settings["phase"]):
    if not begun:
        client.start()
        begun = True
        time.sleep(0.5)
    for connection, number, breaker in stations:
        if not connection.is_connected:
            print(cycle, number, "is away", file=sys.stderr)
            continue
        if connection.is_muted:
            connection.unmute()
        if cycles.is_due(cycle, 30, number % 8):
            connection.interrogation(common_address=number)
        if cycles.is_due(cycle, 360, 1):
            connection.clock_sync(common_address=number)
        if cycle in settings["commands"]:
            breaker.value = cycle == settings["commands"][-1]
            breaker.transmit(cause=c104.Cot.ACTIVATION)
