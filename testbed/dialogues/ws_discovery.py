"""WSDiscovery on both sides: a camera greets, is looked for, and goes."""

import time

from truth import SERVER, reveals, role, will

PORT, KIND = 3702, "udp"
TYPE = ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")


def serve():
    from wsdiscovery import QName, Scope
    from wsdiscovery.publishing import ThreadedWSPublishing
    here = ThreadedWSPublishing(ttl=1)
    here.start()
    time.sleep(1)
    here.publishService(types=[QName(*TYPE)], scopes=[Scope("onvif://www.onvif.org/hardware/AC-100"), Scope("onvif://www.onvif.org/name/Gate%20east"), Scope("onvif://www.onvif.org/location/hall2")],
                        xAddrs=[f"http://{SERVER}/onvif/device_service"])
    time.sleep(60)


def talk():
    from wsdiscovery import QName
    from wsdiscovery.discovery import ThreadedWSDiscovery
    of = {"protocol": "ws_discovery"}
    will(**of, act="report", name="hello", phase="event")
    reveals(SERVER, "service", "NetworkVideoTransmitter")
    reveals(SERVER, "product", "AC-100")
    reveals(SERVER, "description", "Gate east")
    reveals(SERVER, "location", "hall2")
    will(**of, act="browse", name="probe", phase="request")
    will(**of, act="browse", name="probe", phase="response", outcome="done", value=f"http://{SERVER}/onvif/device_service")
    time.sleep(3)
    here = ThreadedWSDiscovery(ttl=1)
    here.start()
    found = here.searchServices(types=[QName(*TYPE)], timeout=4)
    assert [one.getXAddrs() for one in found] == [[f"http://{SERVER}/onvif/device_service"]], found
    here.stop()


role(serve, talk) if __name__ == "__main__" else None
