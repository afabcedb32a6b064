#!/usr/bin/env python3
"""Who needs whom in the plant in a box, from plant.toml alone: which program of which device asks which other, over what and for
what. record.py writes it into the truth of each recording; tests hold what Yagura says beside it.

usage: needs.py TRUTH.json...     writes it into truths that were recorded before
"""

import json
import math
import pathlib
import sys
import tomllib
import urllib.parse

# What each program speaks: carrier, port, protocol (as Yagura calls a conversation).
SPEAKS = {
    "modbus_client": ("tcp", 502, "modbus"), "s7_client": ("tcp", 102, "cotp"), "s7_engineering": ("tcp", 102, "cotp"),
    "cip_client": ("tcp", 44818, "enip"), "slmp_client": ("tcp", None, "slmp"), "fins_client": ("udp", 9600, "fins"),
    "fins_engineering": ("udp", 9600, "fins"), "opcua_client": ("tcp", 4840, "opcua"), "bacnet_client": ("udp", 47808, "bacnet"),
    "iec104_client": ("tcp", 2404, "iec104"), "snmp_manager": ("udp", 161, "snmp"), "ntp_client": ("udp", 123, "ntp"),
    "ssh_client": ("tcp", 22, "ssh"), "smb_client": ("tcp", 445, "smb"), "vnc_viewer": ("tcp", 5900, "vnc"),
}
# These write in cycles in which they poll anyway, so many cycles behind a multiple of write_every: some never do.
WRITES_AT = {"cip_client": 5, "bacnet_client": 8}
FOR = {"snmp": "monitoring", "ntp": "time", "ssh": "remote", "vnc": "remote", "smb": "files"}


def purpose(program, protocol, target):
    if program.endswith("_engineering"):
        return "program"
    if protocol in FOR:
        return FOR[protocol]
    if program in WRITES_AT:
        every, write_every = target["every"], target.get("write_every", 0)
        meets = write_every > 0 and (WRITES_AT[program] - target.get("offset", 0)) % math.gcd(every, write_every) == 0
        return "values" if meets else "watch"
    writes = "write" in target or "write_every" in target or program == "iec104_client"
    return "values" if writes else "watch"


def targets_of(settings):
    """(address, what is done there) of a program."""
    if "targets" in settings:
        for target in settings["targets"]:
            if isinstance(target, dict):
                yield target["ip"], {**settings, **target}
            else:
                yield target[0], settings
    elif "ips" in settings:
        for address in settings["ips"]:
            yield address, settings
    elif "ip" in settings:
        yield settings["ip"], settings


def needs(plant, mode="day"):
    names = {address: device["name"] for device in plant["device"] for address in device["ip"]}
    beyond = {name: address for outside in plant.get("outside", []) for settings in outside["programs"] for name, address in settings.get("names", {}).items()}
    found = {}

    def add(client, address, carrier, port, protocol, what):
        key = (client, names.get(address, address), carrier, port, protocol)
        before = found.get(key)
        found[key] = "values" if "values" in (before, what) else what  # Of several targets at one address the strongest.

    for device in plant["device"]:
        if device.get("only", mode) != mode:
            continue
        for settings in device.get("programs", []):
            program = settings["run"]
            if program in SPEAKS:
                carrier, port, protocol = SPEAKS[program]
                for address, target in targets_of(settings):
                    add(device["name"], address, carrier, port or target["port"], protocol, purpose(program, protocol, target))
            elif program == "web_client":
                for url in settings["urls"]:
                    add(device["name"], urllib.parse.urlsplit(url).hostname, "tcp", 80, "http", "web")
                for site in settings.get("sites", []):
                    add(device["name"], beyond[site], "tcp", 443, "tls", "web")
                if settings.get("names") or settings.get("sites"):
                    add(device["name"], settings["resolver"], "udp", 53, "dns", "names")
            elif program == "dns_dhcp" and "upstream" in settings:
                add(device["name"], settings["upstream"], "udp", 53, "dns", "names")
    return [{"client": client, "server": server, "carrier": carrier, "port": port, "protocol": protocol, "purpose": what}
            for (client, server, carrier, port, protocol), what in sorted(found.items(), key=str)]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with open(pathlib.Path(__file__).with_name("plant.toml"), "rb") as file:
        plant = tomllib.load(file)
    for path in map(pathlib.Path, sys.argv[1:]):
        truth = json.loads(path.read_text())
        truth["needs"] = needs(plant)
        path.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
        print(f"{path}: {len(truth['needs'])} needs")


if __name__ == "__main__":
    main()
