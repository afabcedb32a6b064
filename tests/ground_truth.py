#!/usr/bin/env python3
"""Compares the devices that Yagura sees in the testbed's captures with what the testbed knows it built.

usage: ground_truth.py [--program PATH] [NAME...]

None missing, none invented, none twice; of those that reveal it, at least 95 % have the right role, 95 % the right level,
and 95 % of what else devices tell about themselves (vendor, product, firmware, serial, name, parts) is right. What is not
right is named, whatever the share.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
NEEDED = 0.95
NAMED = ("lldp", "dhcp_client", "mdns", "snmp_agent", "smb_server", "smb_client", "bacnet_device")


def assets(program, capture):
    done = subprocess.run([program, "read", capture, "--what", "assets", "--format", "json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def told():
    """By device the names and the serials that its programs say on the wire: testbed/plant.toml."""
    found = {}
    for device in tomllib.loads((ROOT / "testbed/plant.toml").read_text())["device"]:
        names = [p.get("hostname") or (p["name"].split()[0].lower() if p["run"] == "mdns" else p["name"])
                 for p in device["programs"] if p["run"] in NAMED]
        serials = [f"{p['serial']:08x}" if isinstance(p["serial"], int) else p["serial"] for p in device["programs"] if "serial" in p]
        found[device["name"]] = names, serials
    return found


def right(attribute, device, asset, words):
    names, serials = words[device["name"]]
    if attribute == "name":
        return bool(names) and any(name in asset.get("hostnames", []) for name in names)
    if attribute == "serial":
        return asset.get("serial") in serials
    if attribute == "level":
        return asset.get("purdue_level") == device["level"]
    if attribute == "parts":
        return set(device["parts"]) <= {part["name"] for part in asset.get("parts", [])}
    return str(asset.get(attribute, "")).lower() == str(device[attribute]).lower()


def shown(attribute, asset):
    if attribute == "parts":
        return [part["name"] for part in asset.get("parts", [])]
    return asset.get({"name": "hostnames", "level": "purdue_level"}.get(attribute, attribute), "unknown")


def revealed(device):
    """What it tells, and what follows from that: with the role the level, with being addressed its parts."""
    return [*device["reveals"], *(["level"] if "role" in device["reveals"] and "level" in device else []),
            *(["parts"] if "parts" in device else [])]


def place(device):
    return f"{device['name']} ({device['mac']}, {', '.join(device['ip']) or 'DHCP'})"


def match(truth, seen):
    """By asset id the device that it is; and what is wrong with the pairs."""
    used, wrong = {}, []
    for device in truth["devices"]:
        mine = [a for a in seen if device["mac"] in a.get("macs", []) or set(device["ip"]) & set(a.get("ips", []))]
        if not mine:
            wrong.append(f"missing: {place(device)}")
        elif len(mine) > 1:
            wrong.append(f"{len(mine)} times: {place(device)}: " + "; ".join(f"{a['id']} {a.get('macs')} {a.get('ips')}" for a in mine))
        for asset in mine:
            if asset["id"] in used:
                wrong.append(f"two in one: {place(device)} and {place(used[asset['id']])} are {asset['id']}")
            used[asset["id"]] = device
    for asset in seen:
        if asset["id"] not in used:
            wrong.append(f"invented: {asset['id']} {asset.get('macs')} {asset.get('ips')} {asset.get('hostnames')} {asset['state']}")
    return used, wrong


def compare(program, capture, truth, words):
    # Of whoever is only claimed to be there (an address in somebody's table) the list says so: no device was seen.
    seen = [a for a in assets(program, capture) if a.get("state") != "claimed" or a.get("macs")]
    used, wrong = match(truth, seen)
    tells, good, misread = collections.Counter(), collections.Counter(), []
    for asset in seen:
        device = used.get(asset["id"])
        for attribute in revealed(device) if device else ():
            about = attribute if attribute in ("role", "level") else "identity"
            tells[about] += 1
            if right(attribute, device, asset, words):
                good[about] += 1
            else:
                is_right = {"name": words[device["name"]][0], "serial": words[device["name"]][1]}.get(attribute, device.get(attribute))
                misread.append(f"{device['name']}: {attribute} is {shown(attribute, asset)!r}, not {is_right!r}")
    shares = {about: good[about] / tells[about] for about in tells}
    print(f"{capture.name}: {len(truth['devices'])} devices, {len(seen)} seen, {len(wrong)} wrong; "
          + ", ".join(f"{about} {good[about]} of {tells[about]} ({share:.1%})" for about, share in sorted(shares.items())))
    for line in wrong:
        print(f"  WRONG {line}")
    for line in misread:
        print(f"  not right: {line}")
    return not wrong and all(share >= NEEDED for share in shares.values())


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", default=ROOT / "build/release/yagura")
    options.add_argument("--folder", type=pathlib.Path, default=ROOT / "tests/captures/plant")
    options.add_argument("name", nargs="*")
    wanted = options.parse_args()
    good, words, compared = True, told(), 0
    for file in sorted(wanted.folder.glob("*.truth.json")):
        name = file.name.removesuffix(".truth.json")
        if not wanted.name or name in wanted.name:
            compared += 1
            good = compare(wanted.program, next(file.parent.glob(name + ".pcap*")), json.loads(file.read_text()), words) and good
    if not compared:
        sys.exit("error: there is no capture with a ground truth")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
