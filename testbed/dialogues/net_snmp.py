"""net-snmp on both sides, versions 2c and 3 without privacy: what the device says about itself, one value set, one refused."""

import pathlib
import subprocess

from truth import SERVER, reveals, role, will

PORT, KIND = 161, "udp"
SYSTEM = "1.3.6.1.2.1.1"


def serve():
    settings = pathlib.Path("snmpd.conf")
    settings.write_text(f"""agentaddress udp:{SERVER}:{PORT}
rocommunity looking
rwcommunity writing
sysdescr Minamo MS-2408 managed switch, firmware 3.1.4
syslocation Hall 2, cabinet 7
syscontact maintenance, extension 3105
sysname sw-hall2
sysobjectid 1.3.6.1.4.1.99999.1.24
""")
    settings.write_text(settings.read_text().replace("sysname sw-hall2\n", "sysname sw-hall2\n"))
    subprocess.run(["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", str(settings.resolve()), "-I", "system_mib,sysORTable,ifTable", "-p", "snmpd.pid"], check=True)


def ask(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=20)


def talk():
    for attribute, value in (("description", "Minamo MS-2408 managed switch, firmware 3.1.4"), ("name", "sw-hall2"), ("location", "Hall 2, cabinet 7")):
        reveals(SERVER, attribute, value)
    will(protocol="snmp", act="read", phase="request")
    for number in (1, 5, 6, 2):
        print(ask("snmpget", "-v2c", "-c", "looking", SERVER, f"{SYSTEM}.{number}.0"))
    print(ask("snmpwalk", "-v2c", "-c", "looking", SERVER, "1.3.6.1.2.1.2.2.1.6"))
    print(ask("snmpget", "-v1", "-c", "looking", SERVER, f"{SYSTEM}.3.0"))
    will(protocol="snmp", act="write", phase="request")
    print(ask("snmpset", "-v2c", "-c", "writing", SERVER, f"{SYSTEM}.6.0", "s", "elsewhere"))
    print(ask("snmpget", "-v3", "-l", "noAuthNoPriv", "-u", "nobody7", SERVER, f"{SYSTEM}.1.0"))


role(serve, talk) if __name__ == "__main__" else None
