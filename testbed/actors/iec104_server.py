"""An outstation in IEC 60870-5-104: lib60870 (c104), measured values that change, a breaker that takes commands."""

import math
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import c104
import cycles

settings = cycles.settings()
server = c104.Server(ip="0.0.0.0", port=2404, tick_rate_ms=200)
station = server.add_station(common_address=settings["station"])
measured = [station.add_point(io_address=1100 + at, type=c104.Type.M_ME_NC_1) for at in range(settings["measured"])]
station.add_point(io_address=1200, type=c104.Type.M_SP_NA_1)
breaker = station.add_point(io_address=2100, type=c104.Type.C_SC_NA_1)


def accept(point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage) -> c104.ResponseState:
    return c104.ResponseState.SUCCESS


breaker.on_receive(callable=accept)
server.start()
for cycle in cycles.each(0.30):
    for at, point in enumerate(measured):
        point.value = round(6600 + 20 * math.sin(cycle / 30 + at), 1)
    if cycles.is_due(cycle, settings["every"], settings["station"]) and server.open_connection_count:
        measured[cycle % len(measured)].transmit(cause=c104.Cot.SPONTANEOUS)
time.sleep(5)
