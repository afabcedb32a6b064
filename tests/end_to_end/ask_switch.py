"""A switch with a cable that can be pulled: net-snmp's agent with lldpd beside it, and lldpd at the other end."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "testbed"))
import own_name

SWITCH, FAR = "sw-cabled", "wago-press"


def inside(name, *words, check=True):
    return subprocess.run(["ip", "netns", "exec", name, *words], check=check, capture_output=True, text=True).stdout


class Cabled:
    """`switch` and `far` are namespaces; between them there is one cable, at the switch's port eth1."""

    def __init__(self, switch, far, address):
        self.switch, self.far, self.address, self.running = switch, far, address, []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-cabled-"))
        self.folder.chmod(0o755)  # lldpd talks to itself as its own user.
        subprocess.run(["ip", "link", "add", "eth1", "netns", switch, "type", "veth", "peer", "name", "eth1", "netns", far], check=True)
        # A controller has one card: what the other switch knows it by.
        inside(far, "ip", "link", "set", "eth1", "address", json.loads(inside(far, "ip", "-j", "link", "show", "eth0"))[0]["address"])
        for name in (switch, far):
            inside(name, "ip", "link", "set", "eth1", "up")
        self.index = json.loads(inside(switch, "ip", "-j", "link", "show", "eth1"))[0]["ifindex"]
        agent = self.folder / "agent"
        agent.mkdir()
        (agent / "snmpd.conf").write_text(f"agentaddress udp:{address}:161\nrocommunity public\nmaster agentx\nagentXSocket {agent}/agentx\n"
                                          f"sysname {SWITCH}\nsysdescr a switch of the test\nsysobjectid 1.3.6.1.4.1.8691.7.15\n")
        self.start(switch, ["snmpd", "-f", "-Lf", str(agent / "log"), "-C", "-c", str(agent / "snmpd.conf"), "-p", str(agent / "pid")], SNMP_PERSISTENT_DIR=str(agent))
        self.wait(lambda: (agent / "agentx").exists(), "the agent")
        for name, called, more in ((switch, SWITCH, ["-x", "-X", str(agent / "agentx")]), (far, FAR, [])):
            own = self.folder / called
            own.mkdir()
            own.chmod(0o755)
            self.start(name, own_name.words(own, called, ["lldpd", "-d", "-u", f"{own}/socket", "-I", "eth1", *more]))
            self.wait(lambda own=own, name=name: self.told(name, own, "configure", "lldp", "tx-interval", "1"), called)
        self.wait(lambda: FAR in inside(switch, "lldpcli", "-u", f"{self.folder}/{SWITCH}/socket", "show", "neighbors", check=False), "a neighbour")
        # The agent has it, too, before anybody of ours asks.
        self.wait(lambda: FAR in inside(switch, "snmpbulkwalk", "-v2c", "-c", "public", "-On", address, "1.0.8802.1.1.2.1.4.1.1.9", check=False), "LLDP-MIB")

    def told(self, name, own, *words):
        return subprocess.run(["ip", "netns", "exec", name, "lldpcli", "-u", f"{own}/socket", *words], capture_output=True, check=False).returncode == 0

    def start(self, name, words, **environment):
        log = open(self.folder / f"{len(self.running)}.log", "w")
        self.running.append(subprocess.Popen(["ip", "netns", "exec", name, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment}))

    @staticmethod
    def wait(until, what, seconds=30):
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"{what} did not come"
            time.sleep(0.1)

    def pull(self):
        inside(self.far, "ip", "link", "set", "eth1", "down")

    def traps(self, to):
        """linkDown and linkUp as net-snmp writes them: down, up, three times, and down for good."""
        for down in (True, False, True, False, True, False, True):
            inside(self.switch, "snmptrap", "-v2c", "-c", "public", to, "", f"1.3.6.1.6.3.1.1.5.{3 if down else 4}",
                   f"1.3.6.1.2.1.2.2.1.1.{self.index}", "i", str(self.index), f"1.3.6.1.2.1.2.2.1.7.{self.index}", "i", "1",
                   f"1.3.6.1.2.1.2.2.1.8.{self.index}", "i", "2" if down else "1", check=False)
            time.sleep(0.1)

    def end(self):
        for one in self.running:
            with contextlib.suppress(ProcessLookupError):
                one.kill()
            one.wait()
        shutil.rmtree(self.folder)


def port_of(client, address, wanted):
    """The switch's port eth1, once it is `wanted`; or the last that was seen."""
    end, port = time.monotonic() + 40, None
    while time.monotonic() < end:
        for device in client.ask("GET", "/devices?limit=100")[1]["devices"]:
            if device.get("address") == address:
                items = client.ask("GET", f"/devices/{device['id']}/ports")[1].get("items", [])
                port = next((one for one in items if one["name"] == "eth1"), port)
                if port and wanted(port):
                    return device["id"], port
        time.sleep(0.3)
    return None, port


def look_before(client, cabled, far_mac, wrong):
    """It is up, fast, without errors, and the far end is known by LLDP: by its name and as a device."""
    device, port = port_of(client, cabled.address, lambda one: one["state"] == "up" and one["there"])
    if device is None:
        wrong.append(f"the cabled switch tells of no port that is up with somebody there: {port}")
        return None
    there = port["there"][0]
    if there["how"] != "lldp" or there.get("name") != FAR or there.get("mac") != far_mac or not there.get("device", {}).get("id"):
        wrong.append(f"at the other end is {there} instead of {far_mac}")
    if port.get("speed_mbit", 0) < 1_000 or port.get("switched_off") or not port["cable"]:
        wrong.append(f"the port is {port}")
    stops = client.ask("GET", f"/stops?device={device}&port=eth1")[1]
    if there.get("device", {}).get("id") and there["device"]["id"] not in json.dumps(stops):
        wrong.append(f"what hangs on the port does not stop with it: {json.dumps(stops)[:400]}")
    return device


def look_after(client, cabled, device, wrong):
    """The cable was pulled and the switch asked again: the port is down, and network health says so."""
    _, port = port_of(client, cabled.address, lambda one: one["state"] != "up")
    if port is None or port["state"] == "up" or port["downs"] != 1 or not port.get("since"):
        wrong.append(f"after the cable was pulled the port is {port}")
    found = client.ask("GET", "/network-health?kind=link_down")[1]["items"]
    facts = {fact["name"]: fact["value"] for one in found for fact in one["facts"]}
    if len(found) != 1 or not found[0]["open"] or facts.get("port") != "eth1" or facts.get("neighbour") != FAR or facts.get("seen_by") != "answer":
        wrong.append(f"network health has {json.dumps(found)[:600]}")
    elif device not in [party.get("device", {}).get("id") for party in found[0]["parties"]]:
        wrong.append(f"the switch is no party: {found[0]['parties']}")


def look_at_traps(program, capture, cabled, wrong):
    """The same told by traps alone, as a sensor sees them at a mirror port."""
    found = json.loads(subprocess.run([program, "read", str(capture), "--what", "health", "--format", "json"], check=True, capture_output=True, text=True).stdout)
    kinds = {one["kind"]: one for one in found}
    for kind in ("link_down", "link_flapping"):
        if kind not in kinds or kinds[kind]["facts"].get("port") != f"#{cabled.index}":
            wrong.append(f"by its traps there is no {kind}: {json.dumps(found)[:600]}")
    if "link_flapping" in kinds and kinds["link_flapping"]["facts"]["downs"] != "4":
        wrong.append(f"four times down, and not {kinds['link_flapping']['facts']}")
