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
    subprocess.run(["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", str(settings.resolve()), "-I", "system_mib,sysORTable,ifTable", "-p", "snmpd.pid"], check=True)


def ask(expected, *words):
    """Runs one of net-snmp's programs; `expected` has to be in what it prints, or the recording is none."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    print(done)
    assert expected in done.stdout + done.stderr, expected


def talk():
    for attribute, value in (("description", "Minamo MS-2408 managed switch, firmware 3.1.4"), ("name", "sw-hall2"), ("location", "Hall 2, cabinet 7")):
        reveals(SERVER, attribute, value)
    for number, value in ((1, "Minamo MS-2408 managed switch, firmware 3.1.4"), (5, "sw-hall2"), (6, "Hall 2, cabinet 7")):
        will(protocol="snmp", act="read", phase="request", object=f"oid {SYSTEM}.{number}.0")
        will(protocol="snmp", act="read", phase="response", object=f"oid {SYSTEM}.{number}.0", value=value, outcome="done")
    for number, expected in ((1, "MS-2408"), (5, "sw-hall2"), (6, "Hall 2, cabinet 7"), (2, "99999.1.24")):
        ask(expected, "snmpget", "-v2c", "-c", "looking", SERVER, f"{SYSTEM}.{number}.0")
    will(protocol="snmp", act="browse", phase="request", function=1)
    ask("iso.3.6.1.2.1.2.2.1.6", "snmpwalk", "-v2c", "-c", "looking", SERVER, "1.3.6.1.2.1.2.2.1.6")
    ask("Timeticks", "snmpget", "-v1", "-c", "looking", SERVER, f"{SYSTEM}.3.0")
    will(protocol="snmp", act="write", phase="request", object=f"oid {SYSTEM}.6.0", value="elsewhere")
    will(protocol="snmp", act="write", phase="response", object=f"oid {SYSTEM}.6.0", outcome="refused", status=17)
    ask("notWritable", "snmpset", "-v2c", "-c", "writing", SERVER, f"{SYSTEM}.6.0", "s", "elsewhere")  # The settings' file says it.
    ask("Unknown user name", "snmpget", "-v3", "-l", "noAuthNoPriv", "-u", "nobody7", SERVER, f"{SYSTEM}.1.0")


role(serve, talk) if __name__ == "__main__" else None
