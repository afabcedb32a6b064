#!/usr/bin/env python3
"""Compares the devices that Yagura sees in the testbed's captures with what the testbed knows it built.

usage: ground_truth.py [--program PATH]

None missing, none invented, none twice; what a device reveals about itself (role, vendor, product, firmware, serial, name)
right for at least 95 % of those that reveal it.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
NEEDED = 0.95


def assets(program, capture):
    done = subprocess.run([program, "read", capture, "--what", "assets", "--format", "json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def told(device):
    """The name and the serial that the device's programs say on the wire: testbed/plant.toml."""
    plant = tomllib.loads((ROOT / "testbed/plant.toml").read_text())
    programs = next(d for d in plant["device"] if d["name"] == device["name"])["programs"]
    names = [p.get("hostname") or (p["name"].split()[0].lower() if p["run"] == "mdns" else p["name"])
             for p in programs if p["run"] in ("lldp", "dhcp_client", "mdns")]
    serials = [f"{p['serial']:08x}" for p in programs if "serial" in p]
    return names, serials


def right(attribute, device, asset):
    names, serials = told(device)
    if attribute == "name":
        return bool(names) and any(name in asset.get("hostnames", []) for name in names)
    if attribute == "serial":
        return asset.get("serial") in serials
    return str(asset.get(attribute, "")).lower() == str(device[attribute]).lower()


def compare(program, capture, truth):
    seen = [a for a in assets(program, capture) if a.get("state") != "claimed" or a.get("macs")]
    wrong, told, good = [], 0, 0
    used = {}
    for device in truth["devices"]:
        mine = [a for a in seen if device["mac"] in a.get("macs", []) or set(device["ip"]) & set(a.get("ips", []))]
        if len(mine) != 1:
            wrong.append(f"{device['name']} ({device['mac']}, {', '.join(device['ip']) or 'DHCP'}): seen {len(mine)} times: "
                         + "; ".join(f"{a['id']} {a.get('macs')} {a.get('ips')}" for a in mine))
        if not mine:
            continue
        used[mine[0]["id"]] = device["name"]
        for attribute in device["reveals"]:
            told += 1
            if right(attribute, device, mine[0]):
                good += 1
            else:
                print(f"  {device['name']}: {attribute} is {mine[0].get(attribute, 'unknown')!r}, not {device.get(attribute, '?')!r}")
    for asset in seen:
        if asset["id"] not in used:
            wrong.append(f"invented: {asset['id']} {asset.get('macs')} {asset.get('ips')} {asset.get('hostnames')} {asset['state']}")
    share = good / told if told else 1
    print(f"{capture.name}: {len(truth['devices'])} devices, {len(wrong)} wrong; {good} of {told} revealed attributes right ({share:.0%})")
    for line in wrong:
        print(f"  {line}")
    return not wrong and share >= NEEDED


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", default=ROOT / "build/release/yagura")
    wanted = options.parse_args()
    good = True
    for file in sorted((ROOT / "tests/captures/plant").glob("*.truth.json")):
        capture = next(file.parent.glob(file.name.removesuffix(".truth.json") + ".pcap*"))
        good = compare(wanted.program, capture, json.loads(file.read_text())) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
