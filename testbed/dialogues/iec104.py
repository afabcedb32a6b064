"""lib60870 (c104) on both sides: interrogation, spontaneous values, a command, a set point, the clock."""

import time

from truth import SERVER, role, will

PORT, KIND = 2404, "tcp"


def points(c104, station):
    return {1100: station.add_point(io_address=1100, type=c104.Type.M_ME_NC_1), 1200: station.add_point(io_address=1200, type=c104.Type.M_SP_NA_1),
            2100: station.add_point(io_address=2100, type=c104.Type.C_SC_NA_1), 2200: station.add_point(io_address=2200, type=c104.Type.C_SE_NC_1)}


def serve():
    import c104
    server = c104.Server(ip=SERVER, port=PORT)
    known = points(c104, server.add_station(common_address=47))
    def accept(point: c104.Point, previous_info: c104.Information, message: c104.IncomingMessage) -> c104.ResponseState:
        return c104.ResponseState.SUCCESS
    known[2100].on_receive(callable=accept)
    known[2200].on_receive(callable=accept)
    known[1100].value = 842.5
    server.start()
    for step in range(600):
        time.sleep(0.2)
        if step == 25:
            known[1100].value = 900.25
            known[1100].transmit(cause=c104.Cot.SPONTANEOUS)


def talk():
    import c104
    client = c104.Client(tick_rate_ms=200, command_timeout_ms=3000)
    connection = client.add_connection(ip=SERVER, port=PORT, init=c104.Init.NONE)
    known = points(c104, connection.add_station(common_address=47))
    will(protocol="iec104", act="connect", name="STARTDT act", phase="request")
    client.start()
    while not connection.is_connected:
        time.sleep(0.1)
    connection.unmute()
    will(protocol="iec104", act="read", function=100, unit="station 47", phase="request", value=20)
    will(protocol="iec104", act="report", function=13, unit="station 47", object="object 1100", value=842.5)
    assert connection.interrogation(common_address=47)
    will(protocol="iec104", act="write", function=45, unit="station 47", object="object 2100", value=True, phase="request")
    will(protocol="iec104", act="write", function=45, unit="station 47", object="object 2100", phase="response", outcome="done")
    known[2100].value = True
    assert known[2100].transmit(cause=c104.Cot.ACTIVATION)
    will(protocol="iec104", act="write", function=50, unit="station 47", object="object 2200", value=55.5, phase="request")
    known[2200].value = 55.5
    assert known[2200].transmit(cause=c104.Cot.ACTIVATION)
    will(protocol="iec104", act="time_set", function=103, unit="station 47", phase="request")
    assert connection.clock_sync(common_address=47)
    will(protocol="iec104", act="report", function=13, unit="station 47", object="object 1100", value=900.25, phase="event")
    time.sleep(6)
    client.stop()


role(serve, talk) if __name__ == "__main__" else None
