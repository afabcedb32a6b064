"""A device that announces a service by multicast DNS: python-zeroconf."""

import pathlib
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from zeroconf import ServiceInfo, Zeroconf

settings = cycles.settings()
words = subprocess.run(["ip", "-4", "-o", "address", "show", "eth0"], capture_output=True, text=True, check=True).stdout.split()
address = words[words.index("inet") + 1].split("/")[0]
info = ServiceInfo(settings["kind"], f"{settings['name']}.{settings['kind']}", port=settings["port"], addresses=[socket.inet_aton(address)],
                   properties=settings["text"], server=settings["name"].split()[0].lower() + ".local.")
for cycle in cycles.each(0.70):
    if not cycles.is_due(cycle, 180, settings.get("offset", 8)):
        continue
    announcer = Zeroconf(interfaces=[address])
    announcer.register_service(info, allow_name_change=True)
    time.sleep(0.1)
    announcer.close()
