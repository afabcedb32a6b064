#!/usr/bin/env python3
"""No address that is nobody's becomes a device: asks Wireshark of every capture who sent frames, and compares with the devices
that `yagura read --what assets` lists.

usage: ghosts.py [--program PATH] [--captures FOLDER] [--update] [FILE...]
exit: 0 no ghosts and the counts of devices.tsv, 1 a ghost or another count, 77 skipped (no captures or no sharkd here)

Of every device that is listed:

* none of its addresses is a group's, everybody's, a subnet's broadcast address to which frames go with the MAC of all, or nobody's;
* it spoke: one of its MACs is the source of a frame, or one of its addresses the source of a packet or the sender of ARP,
  unless it is listed as claimed, which says that only a table knows it, or stands in KNOWN with a reason;
* no MAC or address is in two devices;
* it is not a confirmed address of the world outside, without a MAC of its own.

devices.tsv says how many devices each capture has today: what changes there, a person looks at.
"""

import argparse
import collections
import concurrent.futures
import ipaddress
import json
import os
import pathlib
import shutil
import subprocess
import sys

import sharkd

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests/oracle/devices.tsv"
FIELDS = ["eth.src", "eth.dst", "ip.src", "ip.dst", "ipv6.src", "arp.src.hw_mac", "arp.src.proto_ipv4"]
ALL = "ff:ff:ff:ff:ff:ff"
ANSWERED = "Only what answers it was recorded, or said to it alone: who is answered has asked."
OTHER_WAY = "Not right: frames go to this MAC, answers come from another one; a conversation has one MAC a side, and it is the first."
KNOWN = {
    ("cclink/nttcom_cclink_tsn_ptp.pcapng", "00:4e:01:c5:21:8f"): ANSWERED,
    ("dhcp/malcolm_DHCP.pcap", "10.10.0.10"): ANSWERED,
    ("dhcp/malcolm_DHCP.pcap", "00:0c:29:38:f3:68"): ANSWERED,
    ("enip_cip/openics_EIP_IPAddressChange.pcap", "192.168.10.200"): ANSWERED,
    ("knx/ndpi_knxip.pcapng", "192.168.1.24"): ANSWERED,
    ("omron_fins/emre_omron1.pcap", "10.130.130.130"): ANSWERED,
    ("omron_fins/ndpi_fins.pcapng", "10.130.130.130"): ANSWERED,
    ("profinet/plc4x_implicit_messages.pcapng", "00:0c:29:fa:bf:68"): ANSWERED,
    ("snmp/ndpi_snmp.pcapng", "10.72.247.4"): ANSWERED,
    ("modbus/digitalbond_modbus_test_data_part2.pcap", "00:90:4c:91:00:01"): OTHER_WAY,
    ("modbus/modbus_scan.pcap", "00:1d:a1:b3:88:40"): OTHER_WAY,
}


class Wire:
    """Who sent something in a capture."""

    def __init__(self, file):
        self.sources, self.to_all = set(), set()
        for cells in sharkd.rows(file, FIELDS):
            row = dict(zip(FIELDS, cells))
            for field in ("eth.src", "ip.src", "ipv6.src", "arp.src.hw_mac", "arp.src.proto_ipv4"):
                self.sources.update(row.get(field, "").split(","))
            if ALL in row.get("eth.dst", "").split(","):
                self.to_all.update(row.get("ip.dst", "").split(","))


def is_group(mac):
    return int(mac[:2], 16) & 1 == 1 or mac == "00:00:00:00:00:00"


def ghosts(file, devices, wire):
    """What is wrong with each device that is nobody's."""
    owners = collections.defaultdict(list)
    for device in devices:
        name = f"{device['id']} {device.get('macs', [])} {device.get('ips', [])} {device['role']} {device['state']}"
        for mac in device.get("macs", []):
            owners[mac].append(name)
            if is_group(mac):
                yield f"{name}: {mac} is a group's"
        for ip in device.get("ips", []):
            owners[ip].append(name)
            known = ipaddress.ip_address(ip)
            if known.is_multicast or known.is_unspecified or known.is_loopback or ip == "255.255.255.255":
                yield f"{name}: {ip} is nobody's"
            if ip in wire.to_all and ip not in wire.sources:
                yield f"{name}: {ip} is everybody's of a subnet"
        marks = {*device.get("macs", []), *device.get("ips", [])}
        if device["state"] != "claimed" and not marks & wire.sources and not any((file, mark) in KNOWN for mark in marks):
            yield f"{name}: it never spoke"
        if device["state"] == "confirmed" and not device.get("macs") and all(ipaddress.ip_address(ip).is_global for ip in device["ips"]):
            yield f"{name}: of the world outside"
    for mark, names in owners.items():
        if len(names) > 1:
            yield f"{mark} is in {len(names)} devices: {'; '.join(names)}"


def look(program, folder, file):
    done = subprocess.run([program, "read", str(file), "--what", "assets", "--format", "json"], capture_output=True, text=True)
    devices = json.loads(done.stdout) if done.stdout.strip() else []
    name = str(file.relative_to(folder))
    return name, len(devices), sum(d["state"] == "claimed" for d in devices), list(ghosts(name, devices, Wire(file)))


def known_counts():
    rows = [line.split("\t") for line in TABLE.read_text().splitlines() if line and line[0] != "#"] if TABLE.exists() else []
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def write_table(found):
    head = "# capture\tdevices\tof them only claimed by a table (tests/oracle/ghosts.py --update; a person reads the difference)\n"
    TABLE.write_text(head + "".join(f"{name}\t{count}\t{claimed}\n" for name, count, claimed, _ in sorted(found)))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", default=ROOT / "build/release/yagura")
    options.add_argument("--captures", type=pathlib.Path, default=ROOT.parent / "shared/captures")
    options.add_argument("--update", action="store_true")
    options.add_argument("file", nargs="*")
    wanted = options.parse_args()
    if not wanted.captures.is_dir() or not shutil.which("sharkd"):
        print("ghosts: SKIPPED, there are no captures next to the checkout, or no sharkd")
        return 77
    folder = wanted.captures.resolve()
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and ".pcap" in file.name or file.suffix == ".cap"]
    files = [file for file in files if not wanted.file or str(file.relative_to(folder)) in wanted.file]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda file: look(wanted.program, folder, file), files))
    if wanted.update and not wanted.file:
        write_table(found)
    counts, wrong = known_counts(), 0
    for name, count, claimed, bad in found:
        for line in bad:
            wrong += 1
            print(f"{name}: {line}")
        if counts.get(name) != (count, claimed):
            wrong += 1
            print(f"{name}: {count} devices, {claimed} only claimed; the table says {counts.get(name)}")
    print(f"ghosts: {len(found)} captures, {sum(row[1] for row in found)} devices, {wrong} wrong")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
