"""What a switch, printer or UPS tells about itself: net-snmp's agent."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-snmp-"))
# ENTITY-MIB (RFC 6933): entPhysicalSoftwareRev, SerialNum, MfgName, ModelName of the chassis.
entity = "".join(f'override 1.3.6.1.2.1.47.1.1.1.1.{column}.1 octet_str "{settings[key]}"\n'
                 for column, key in ((10, "firmware"), (11, "serial"), (12, "vendor"), (13, "product")) if key in settings)
# A switch's tables (RFC 2863 ifName, RFC 4188 dot1dBasePortIfIndex, RFC 4363 dot1qTpFdbPort): [port, name, [MAC...]] each.
for port, name, stations in settings.get("ports", []):
    entity += f'override 1.3.6.1.2.1.31.1.1.1.1.{100 + port} octet_str "{name}"\n'
    entity += f"override 1.3.6.1.2.1.17.1.4.1.2.{port} integer {100 + port}\n"
    for mac in stations:
        entity += f"override 1.3.6.1.2.1.17.7.1.2.2.1.2.1.{'.'.join(str(int(octet, 16)) for octet in mac.split(':'))} integer {port}\n"
# A user of version 3 (RFC 3414, RFC 7860, RFC 3826): [name, authentication, its password, privacy, its password].
if user := settings.get("user"):
    entity += f'createUser {user[0]} {user[1]} "{user[2]}" {user[3]} "{user[4]}"\nrouser {user[0]} priv\n'
(folder / "snmpd.conf").write_text(f"""agentaddress udp:161
rocommunity minamo
sysdescr {settings["description"]}
syslocation {settings["location"]}
syscontact maintenance, extension 3105
sysname {settings["name"]}
sysobjectid {settings["object"]}
{entity}""")
os.environ["SNMP_PERSISTENT_DIR"] = str(folder)
os.execv("/usr/sbin/snmpd", ["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf"),
                             "-I", "system_mib,sysORTable,ifTable,override,usmConf", "-p", str(folder / "pid")])
