"""Who watches the network: net-snmp's snmpget, one call a device."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

SYSTEM, PORT, ENTITY = "1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.47.1.1.1.1"
LOOK = [f"{SYSTEM}.3.0", f"{PORT}.8.2", f"{PORT}.10.2", f"{PORT}.16.2"]
WHO = [f"{SYSTEM}.{number}.0" for number in (1, 2, 5, 6)]
CHASSIS = [f"{ENTITY}.{column}.1" for column in (10, 11, 12, 13)]


def ask(ip, *objects):
    done = subprocess.run(["snmpget", "-v2c", "-c", "minamo", "-t", "0.5", "-r", "0", "-On", ip, *objects], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        print(ip, done.stderr.strip(), file=sys.stderr)


settings = cycles.settings()
for cycle in cycles.each(settings["phase"]):
    for number, ip in enumerate(settings["ips"]):
        if cycles.is_due(cycle, settings["every"], number):
            ask(ip, *LOOK)
        if cycles.is_due(cycle, 180, number % settings["every"]):
            ask(ip, *WHO)
            ask(ip, *CHASSIS)
