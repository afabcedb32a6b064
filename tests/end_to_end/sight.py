#!/usr/bin/env python3
"""How far we can see, on a plant of which some is hidden: the recorded day, from which the paint shop's conversations are taken out
(what its devices tell everybody stays) and of the welding line's TCP connections what its devices send. Every device's dot, every
network's count and the place for the next sensor are what was taken out, no more and no less.

usage: sight.py YAGURA      exit: 0 passed, 1 failed, 77 skipped (no tshark here)
"""

import ipaddress
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from programs import Client, read_in_peace, running, sign_in

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLANT = ROOT / "tests/captures/plant"
TRUTH = json.loads((PLANT / "day.truth.json").read_text())
HIDDEN, ONE_SIDED = "10.10.5.0/24", "10.10.2.0/24"
MOVING = {"plc", "remote_io", "drive", "robot", "cnc", "rtu", "safety_controller", "protection_relay"}
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def inside(network):
    net = ipaddress.ip_network(network)
    return [device for device in TRUTH["devices"] if device["role"] != "router" and any(ipaddress.ip_address(one) in net for one in device["ip"])]


def partly(folder):
    """The capture with its two holes."""
    whole, out = folder / "day.pcap", folder / "partly.pcap"
    subprocess.run(["zstd", "-dqf", PLANT / "day.pcap.zst", "-o", whole], check=True)
    macs = ",".join(device["mac"] for device in inside(HIDDEN))
    keep = f"not (eth.dst.ig == 0 and eth.addr in {{{macs}}} and not arp) and not (ip.addr == {HIDDEN} and eth.dst.ig == 0) and not (tcp and ip.src == {ONE_SIDED})"
    subprocess.run(["tshark", "-n", "-r", whole, "-w", out, "-F", "pcap", "-Y", keep], check=True, stderr=subprocess.DEVNULL)
    return out


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not shutil.which("tshark"):
        print("no tshark here")
        return 77
    with tempfile.TemporaryDirectory() as folder, running(sys.argv[1], "sight", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        status, empty = client.ask("GET", "/sight")
        check(status == 200 and empty["networks"] == [] and sum(empty["counts"].values()) == 0, f"before anything is seen there is nothing: {status} {empty}")
        read_in_peace(client, partly(pathlib.Path(folder)))
        # The ledger knows one that nobody sees, and one that is seen.
        ledger = "機器名称,IPアドレス\r\n塗装ロボット,10.10.5.99\r\npress-plc,10.10.1.10\r\n"
        file = client.ask("POST", "/ledger/files?name=daicho.csv", ledger.encode("cp932"))[1]
        check(client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})[0] == 200, "a ledger is imported")
        time.sleep(12)  # What is shown may be ten seconds old.
        sight = client.ask("GET", "/sight", timeout=60)[1]
        networks = {one.get("network", ""): one for one in sight["networks"]}
        devices = client.ask("GET", "/devices?limit=1000")[1]["devices"]
        check(sum(sight["counts"].values()) == len(devices) + 1, f"{len(devices)} devices and one of the ledger have a dot each: {sight['counts']}")

        paint, weld = networks[HIDDEN], networks[ONE_SIDED]
        hidden = {one["device"]["address"]: one["sight"] for one in paint["devices"]}
        check(paint["counts"]["seen"] == 0 and paint["counts"]["one_sided"] == 0, f"nothing of the paint shop is seen: {paint['counts']}")
        check({ip for device in inside(HIDDEN) for ip in device["ip"]} <= hidden.keys() and set(hidden.values()) <= {"heard", "named"}, f"but its devices are known: {hidden}")
        check([one.get("address") for one in paint["missing"]] == ["10.10.5.99"], f"and one that only the ledger has: {paint['missing']}")
        half = {one["device"]["address"] for one in weld["devices"] if one["sight"] == "one_sided"}
        of_weld = {device["name"]: ip for device in inside(ONE_SIDED) for ip in device["ip"]}
        pairs = [(one["carrier"], one["client"], one["server"]) for one in TRUTH["needs"]]
        tcp = {name for carrier, *ends in pairs if carrier == "tcp" for name in ends}
        other = {name for carrier, *ends in pairs if carrier != "tcp" for name in ends}
        # Of what two on the line say to each other nothing is left.
        beyond = {name for carrier, *ends in pairs if carrier == "tcp" and not set(ends) <= of_weld.keys() for name in ends if name in of_weld}
        wanted = {of_weld[name] for name in beyond - other}
        check(wanted and half == wanted, f"who speaks TCP alone, beyond the welding line, is seen one-sided: {sorted(half)}, by the truth {sorted(wanted)}")
        check(weld["counts"]["seen"] <= len(other & of_weld.keys()), f"and nobody there is seen who speaks TCP alone: {weld['counts']}")

        elsewhere = [(name, one["device"]["name"], one["sight"]) for name, net in networks.items() if name not in (HIDDEN, ONE_SIDED) for one in net["devices"]]
        speaks = {ip for device in TRUTH["devices"] if device["name"] in tcp | other for ip in device["ip"]}
        lost = [one for name, net in networks.items() if name not in (HIDDEN, ONE_SIDED) for one in net["devices"] if one["device"].get("address") in speaks and one["device"].get("role") not in ("switch", "router")]
        check(not lost, f"elsewhere everybody's conversations are seen: {lost[:3]}; not seen there: {elsewhere[:8]}")

        first = sight["networks"][0]
        moving = sum(1 for device in inside(first["network"]) if device["role"] in MOVING)
        check(first["next"] and sum(one["next"] for one in sight["networks"]) == 1, f"the next sensor belongs in one network: {first['network']}")
        check(first["network"] == ONE_SIDED and 0 < first["controllers"] <= moving, f"where most of what moves is hidden: {first['controllers']} of {moving}")
        check("weld-switch" in json.dumps(first["switches"]) or "10.10.2.2" in json.dumps(first["switches"]), f"and the switch there is named: {first['switches']}")
        client.close()
    print(f"sight: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
