#!/usr/bin/env python3
"""yagura-ask and other people's stacks, on a switch of its own: who is asked says who it is, and nothing else leaves.

usage: ask.py build/release/yagura BUILD_ASK   (as root; BUILD_ASK: a Python environment with tests/ask/requirements.txt)

What is proved here by tshark, which reads every frame that the switch saw:
  * without a plan not one packet leaves;
  * with one, only the questions that docs/operating/active-queries.md names leave, to the addresses of the plan, and no
    faster than it says;
  * a device that answers with noise is left alone;
  * of a plan of the console nothing leaves before a person approved it, and nothing after somebody pressed stop.
"""

import collections
import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ask_switch
import programs

ROOT = pathlib.Path(__file__).resolve().parents[2]
US = "10.77.0.1"
V3 = ["yagura", "SHA-256", "auth secret of switches", "AES", "privacy secret of switches"]
SNMPD = {"user": V3, "name": "sw-press", "description": "Moxa EDS-408A", "location": "press line", "object": "1.3.6.1.4.1.8691.7.15",
         "firmware": "V3.12", "serial": "TAHBB1030", "vendor": "Moxa", "product": "EDS-408A"}
# address: actor of testbed/, its settings, the service to ask, and what the device page has to say.
PEERS = {
    "10.77.0.10": ("modbus_server", {"vendor": "WAGO", "product": "750-362", "revision": "01.04.12", "units": [255]}, "modbus",
                   {"vendor": "WAGO", "product": "750-362", "firmware": "01.04.12"}),
    "10.77.0.11": ("s7_server", {"stack": "snap7"}, "s7", {"product": "CPU 315-2 PN/DP", "firmware": "V3.2.6"}),
    "10.77.0.12": ("cip_server", {"vendor_id": 356, "device_type": 12, "product_code": 6, "product": "R-30iB Plus", "revision": [9, 40],
                                  "serial": 2882400001, "tags": ["Position=DINT[6]"]}, "cip",
                   {"vendor": "FANUC", "product": "R-30iB Plus", "firmware": "9.040"}),
    "10.77.0.13": ("bacnet_device", {"ip": "10.77.0.13", "instance": 1111, "name": "AHU-1", "vendor": "Azbil", "product": "WY5511",
                                     "version": "2.10", "inputs": [], "middle": 20}, "bacnet",
                   {"vendor": "Azbil", "product": "WY5511", "firmware": "2.10"}),
    "10.77.0.14": ("opcua_server", {"ip": "10.77.0.14", "name": "Line 3", "uri": "urn:minamo:line3", "vendor": "Minamo", "product": "Gate",
                                    "version": "1.0", "object": "Line", "values": ["a", "b"]}, "opcua", {"application": "Line 3"}),
    "10.77.0.15": ("fins_server", {"model": "CJ2M-CPU33", "version": "02.01", "node": 15}, "fins", {"product": "CJ2M-CPU33", "firmware": "02.01"}),
    "10.77.0.16": ("slmp_server", {"port": 5007, "model": "R04ENCPU", "code": 0x4801}, "slmp", {"product": "R04ENCPU"}),
    "10.77.0.17": ("snmp_agent", SNMPD, "snmp", {"vendor": "Moxa", "product": "EDS-408A", "firmware": "V3.12", "serial": "TAHBB1030"}),
}
SWITCH, CABLED, PLUGGED = "10.77.0.17", "10.77.0.18", "10.77.0.10"
CLOSED, NOBODY, UNLISTED, NOISY = "10.77.0.25", "10.77.0.26", "10.77.0.27", "10.77.0.28"
NOISE = "import socket,sys\ns=socket.socket(); s.setsockopt(1,2,1); s.bind(('0.0.0.0',502)); s.listen()\nwhile True:\n    c,_=s.accept(); c.recv(99); c.send(bytes(range(256))*4)"
EVERY = 0.5
# What may leave, by what tshark calls it: field, and the values that it may have.
ALLOWED = {
    "modbus": ("modbus.func_code", {"43"}), "s7comm": ("s7comm.param.func", {"0xf0", ""}), "enip": ("enip.command", {"0x0063"}),
    "bacapp": ("bacapp.unconfirmed_service", {"8", ""}), "opcua": ("opcua.servicenodeid.numeric", {"422", "446", "452", ""}),
    "omron": ("omron.command", {"1281", "0x0501"}), "snmp": ("snmp.data", {"0", "1", "5"}),
}


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def build_switch(hosts):
    """This process in a namespace of its own, with a bridge; every host in one more."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:
        return False
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "switch", "type", "bridge", "mcast_snooping", "0")
    pathlib.Path("/proc/sys/net/ipv6/conf/switch/disable_ipv6").write_text("1")
    run("ip", "link", "set", "switch", "up")
    run("ip", "address", "add", f"{US}/24", "dev", "switch")
    here = os.getpid()
    for number, host in enumerate(hosts):
        name = f"ya{here % 10000}-{number}"
        run("ip", "netns", "add", name)
        hosts[host] = name
        run("ip", "link", "add", f"p{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
        pathlib.Path(f"/proc/sys/net/ipv6/conf/p{number}/disable_ipv6").write_text("1")
        run("ip", "link", "set", f"p{number}", "master", "switch", "up")
        inside = ["ip", "netns", "exec", name]
        run(*inside, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        for words in (["link", "set", "lo", "up"], ["address", "add", f"{host}/24", "dev", "eth0"], ["link", "set", "eth0", "up"]):
            run(*inside, "ip", *words)
        # Checksums are the card's work; there is no card.
        subprocess.run([*inside, "ethtool", "-K", "eth0", "tx", "off"], capture_output=True, check=False)
    return True


def mac_of(name):
    return json.loads(run("ip", "-n", name, "-j", "link", "show", "eth0"))[0]["address"]


def start_peers(hosts, python, folder):
    started = []
    environment = {**os.environ, "YAGURA_EPOCH": str(time.time()), "PYTHONDONTWRITEBYTECODE": "1"}
    for host, name in hosts.items():
        if host == UNLISTED:
            words = [python, str(ROOT / "testbed/actors/modbus_server.py"), json.dumps(PEERS["10.77.0.10"][1])]
        elif host == NOISY:
            words = [python, "-c", NOISE]
        elif host in PEERS:
            settings = PEERS[host][1]
            if host == SWITCH:  # It has everybody behind a port of his own, and another switch behind port 40.
                settings = {**settings, "ports": [[number + 1, f"Gi0/{number + 1}", [mac_of(other)]] for number, other in enumerate(hosts.values())] +
                            [[40, "Gi0/40", [f"02:00:00:00:00:{last:02x}" for last in range(16)]]]}
            words = [python, str(ROOT / f"testbed/actors/{PEERS[host][0]}.py"), json.dumps(settings)]
        else:
            continue
        log = open(folder / f"{host}.log", "w")
        started.append(subprocess.Popen(["ip", "netns", "exec", name, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment))
    return started


def listening(hosts):
    """Until everybody has its socket."""
    ports = {"modbus": 502, "s7": 102, "cip": 44818, "bacnet": 47808, "opcua": 4840, "fins": 9600, "slmp": 5007, "snmp": 161}
    wanted = {host: ports[PEERS[host][2]] for host in PEERS} | {UNLISTED: 502, NOISY: 502}
    until = time.monotonic() + 40
    while wanted and time.monotonic() < until:
        for host, port in list(wanted.items()):
            if f":{port} " in run("ip", "netns", "exec", hosts[host], "ss", "-lntuH"):
                del wanted[host]
        time.sleep(0.3)
    assert not wanted, f"did not start: {wanted}"


def plan():
    """One [[subnet]] for each stack, and one for the three who are not well, asked by two services."""
    out = []
    everybody = {host: ([PEERS[host][2]] + ["switch_ports"] * (host == SWITCH), [host]) for host in PEERS} | {NOISY: (["modbus", "cip"], [NOISY, CLOSED, NOBODY])}
    for name, (services, addresses) in everybody.items():
        out.append(f"""[[subnet]]
name = "{name}"
network = "{'10.77.0.24/29' if name == NOISY else name + '/32'}"
addresses = {json.dumps(addresses)}
services = {json.dumps(services)}
windows = ["Mon-Sun 00:00-24:00"]
every-ms = {int(EVERY * 1000)}
again-hours = 24
approved = "2026-01-01T00:00:00Z"
approved-by = "the test"
snmp-community = "minamo"
""")
    return "\n".join(out)


def frames(capture, *fields, where=""):
    words = ["tshark", "-r", str(capture), "-n", "-T", "fields", "-E", "separator=|", "-d", "tcp.port==5007,data"]
    for field in fields:
        words += ["-e", field]
    return [line.split("|") for line in run(*words, "-Y", where or "frame").splitlines()]


@contextlib.contextmanager
def recording(path):
    tcpdump = subprocess.Popen(["tcpdump", "-i", "switch", "-w", str(path), "-U", "-n", "-Z", "root"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    tcpdump.stderr.readline()
    time.sleep(0.3)
    yield
    time.sleep(0.5)
    tcpdump.terminate()
    tcpdump.wait()


def look_at_frames(capture, own, wrong):
    """What left, read by somebody else's dissectors."""
    ours = f"eth.src=={own} && ip"
    targets = {row[0] for row in frames(capture, "ip.dst", where=ours)}
    asked = set(PEERS) | {CLOSED, NOBODY, NOISY}
    if targets - asked:
        wrong.append(f"packets to {targets - asked}, whom nobody allowed")
    if set(PEERS) - targets:
        wrong.append(f"no packets to {set(PEERS) - targets}")
    if rows := frames(capture, "eth.dst", "frame.protocols", where=f"{ours} && eth.dst[0] & 1"):
        wrong.append(f"sent to a group: {rows[:3]}")
    payload = f"{ours} && (udp.length > 8 || tcp.len > 0)"
    seen = collections.Counter()
    for protocol, (field, values) in ALLOWED.items():
        with_it = frames(capture, field, "frame.number", where=f"{payload} && {protocol}")
        for value, number in with_it:
            seen[protocol] += 1
            if not set(value.split(",")) <= values:
                wrong.append(f"frame {number}: {field} is {value}")
    # S7's lists, BACnet's confirmed services and SLMP's command by their own fields.
    for field, values, where in (("s7comm.data.userdata.szl_id", {"0x0011", "0x001c"}, "s7comm.data.userdata.szl_id"),
                                 ("bacapp.confirmed_service", {"12"}, "bacapp.confirmed_service"),
                                 ("modbus.mei", {"14"}, "modbus.func_code==43"),
                                 ("data.data", {"500000ffff03000600080001010000"}, "tcp.dstport==5007")):
        for value, number in frames(capture, field, "frame.number", where=f"{payload} && {where}"):
            seen[field] += 1
            if value not in values:
                wrong.append(f"frame {number}: {field} is {value}")
    missing = [name for name in (*ALLOWED, "s7comm.data.userdata.szl_id", "bacapp.confirmed_service", "data.data") if not seen[name]]
    if missing:
        wrong.append(f"tshark saw none of {missing}: {dict(seen)}")
    # Everything else that carries data is COTP's connection request.
    known = " || ".join(ALLOWED) + " || cotp.type==0x0e || tcp.dstport==5007"
    if rows := frames(capture, "frame.number", "frame.protocols", where=f"{payload} && !({known})"):
        wrong.append(f"what is this? {rows}")
    times = collections.defaultdict(list)
    for at, target in frames(capture, "frame.time_epoch", "ip.dst", where=payload):
        times[NOISY if target in (CLOSED, NOBODY) else target].append(float(at))
    for target, moments in times.items():
        if close := [round(b - a, 3) for a, b in zip(moments, moments[1:]) if b - a < EVERY - 0.02]:
            wrong.append(f"requests to {target} after {close} s")
    if len(frames(capture, "frame.number", where=f"{ours} && ip.dst=={NOBODY} && tcp.flags.syn==1")) > 1:
        wrong.append("knocked more than once where nobody is")
    return dict(seen)


def look_at_log(folder, wrong):
    lines = [json.loads(line) for file in sorted(folder.glob("ask-*.log")) for line in file.read_text().splitlines()]
    sent = [line for line in lines if line["way"] == "sent"]
    came = [line for line in lines if line["way"] == "received"]
    asked = {line["address"] for line in sent}
    if not set(PEERS) | {NOISY} <= asked or asked - set(PEERS) - {NOISY, CLOSED, NOBODY}:
        wrong.append(f"the log has requests to {sorted(asked)}")
    if not all(line["bytes"] for line in sent + came):
        wrong.append("a line of the log has no bytes")
    noisy = [line["service"] for line in sent if line["address"] == NOISY]
    if noisy != ["modbus"] and noisy != ["cip", "modbus"]:
        wrong.append(f"a device that answers noise was asked {noisy}")
    return sent


def stop_now(program, folder, wrong):
    """Started by hand, and stopped while it waits for somebody who does not answer."""
    (folder / "by-hand").mkdir()
    reading, writing = os.pipe()
    words = [str(pathlib.Path(program).with_name("yagura-ask")), "--plan", str(folder / "ask.toml"), "--folder", str(folder / "by-hand")]
    asking = subprocess.Popen([*words, "--records-fd", str(writing)], pass_fds=[writing], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while time.monotonic() < until and not any(file.stat().st_size for file in (folder / "by-hand").glob("ask-*.log")):
        time.sleep(0.05)
    at = time.monotonic()
    asking.terminate()
    code, took = asking.wait(10), time.monotonic() - at
    os.close(reading)
    os.close(writing)
    if code != 0 or took > 1:
        wrong.append(f"stopped with {code} after {took:.2f} s")
    if "asked within the interval" not in run(*words, "--preview") and "left alone" not in run(*words, "--preview"):
        wrong.append("the preview does not know whom it asked")
    return took


def look_at_devices(client, wrong):
    until = time.monotonic() + 15
    while True:
        found = {}
        for device in client.ask("GET", "/devices?limit=100")[1]["devices"]:
            found[device.get("address", "")] = device
        if set(PEERS) <= set(found) or time.monotonic() > until:
            break
        time.sleep(0.3)
    if ghosts := {CLOSED, NOBODY, UNLISTED} & set(found):
        wrong.append(f"who never answered is a device: {ghosts}")
    for host, (_, _, _, wanted) in PEERS.items():
        device = found.get(host)
        if device is None:
            wrong.append(f"{host} is no device")
            continue
        _, one = client.ask("GET", f"/devices/{device['id']}")
        text = json.dumps(one, ensure_ascii=False)
        for name, value in wanted.items():
            if value not in text:
                wrong.append(f"{host}: no {name} {value} in {text[:600]}")
        _, answer = client.ask("GET", f"/devices/{device['id']}/evidence")
        if "Yagura, asked" not in json.dumps(answer):
            wrong.append(f"{host}: the ground is not that it was asked: {json.dumps(answer)[:400]}")
    return found


def look_at_ports(client, hosts, wrong):
    """Each station's port, as the switch's table has it; nothing of those behind the other switch."""
    ports = {device.get("mac"): device.get("switch_port") for device in client.ask("GET", "/devices?limit=100")[1]["devices"]}
    for number, name in enumerate(hosts.values()):
        if ports.get(mac_of(name)) != f"sw-press Gi0/{number + 1}":
            wrong.append(f"{name} is at {ports.get(mac_of(name))} instead of port {number + 1}")
    if behind := [mac for mac in ports if mac and mac.startswith("02:00:00:00:00:")]:
        wrong.append(f"told of stations behind an uplink: {behind}")


def subnet(name, addresses, services, **more):
    return {"name": name, "network": "10.77.0.0/24", "addresses": addresses, "services": services, "windows": ["Mon-Sun 00:00-24:00"], "every_ms": int(EVERY * 1000), **more}


def sent_until(client, wanted, seconds=20):
    """Lines of the log, as the console shows them, once this many questions left."""
    until = time.monotonic() + seconds
    while True:
        lines = client.ask("GET", "/active-queries/log?limit=1000")[1]["lines"]
        if sum(line["way"] == "sent" for line in lines) >= wanted or time.monotonic() > until:
            return lines
        time.sleep(0.2)


def look_at_version_3(client, wrong):
    """Its table of stations, over messages that nobody can read."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        devices = client.ask("GET", "/devices?limit=100")[1]["devices"]
        if any((device.get("switch_port") or "").startswith("sw-press") for device in devices):
            break
        time.sleep(0.5)
    else:
        wrong.append(f"by version 3 the switch told no port: {client.ask('GET', f'/active-queries/log?limit=20&address={SWITCH}')[1]}")


def look_at_sealed(capture, own, wrong):
    """tshark: version 3 alone, encrypted but for the discovery; no secret in any frame."""
    rows = frames(capture, "snmp.msgVersion", "snmp.msgFlags", "snmp.encryptedPDU", "snmp.msgAuthoritativeEngineID", "udp.srcport", where=f"snmp && ip.addr=={SWITCH}")
    ours = [row for row in rows if row[4] != "161"]
    if not rows or {row[0] for row in rows} != {"3"}:
        wrong.append(f"the switch was asked by {[row[:2] for row in rows[:5]]}")
    if bare := [row for row in ours if row[3] and int(row[1], 16) & 3 == 3 and not row[2]]:
        wrong.append(f"in the clear: {bare[:3]}")
    if sum(bool(row[2]) for row in ours) < 4:
        wrong.append(f"hardly anything was encrypted: {len(ours)} questions")
    whole = pathlib.Path(capture).read_bytes()
    if secret := [word for word in ("minamo", V3[2], V3[4]) if word.encode() in whole]:
        wrong.append(f"frames hold {secret}")
    return len(ours)


def from_the_console(program, folder, own, cabled, wrong):
    """A person draws it up and approves it; nothing leaves before, nothing but that, and nothing after a stop."""
    secrets = folder / "credentials.toml"
    secrets.write_text(f'''[[credential]]
name = "switches"
user = "{V3[0]}"
auth = "sha256"
auth-password = "{V3[2]}"
privacy = "aes128"
privacy-password = "{V3[4]}"
[[credential]]
name = "wrong"
user = "{V3[0]}"
auth = "sha256"
auth-password = "another secret of switches"
''')
    secrets.chmod(0o400)
    (folder / "console.toml").write_text(f'[ask]\nplan = "console"\ncredentials = "{secrets}"\n')
    asked = ["10.77.0.10", "10.77.0.12"]
    with recording(folder / "console.pcap"), programs.running(program, "ask-console", wrong, "--config", str(folder / "console.toml")) as (yagura, above):
        client = programs.Client(yagura.port, programs.sign_in(above / "data", yagura.port))

        def say(method, path, body, status=200):
            got, answer = client.ask(method, f"/active-queries{path}", body)
            if got != status:
                wrong.append(f"{method} {path}: {got} {answer}")
            return answer or {}
        say("POST", "/approve", {"version": 0, "why": "nothing yet"}, 409)
        say("PUT", "/draft", {"version": 0, "subnets": [subnet("cells", [*asked, "10.77.0.255"], ["modbus", "cip"])]}, 400)
        say("PUT", "/draft", {"version": 0, "subnets": [subnet("cells", asked, ["modbus", "cip"])]})
        preview = say("GET", "/preview", None)
        if [(one["address"], one["service"], one["state"]) for one in preview["subnets"][0]["questions"]] != [(host, service, "due") for host in asked for service in ("modbus", "cip")]:
            wrong.append(f"the preview is {preview}")
        time.sleep(3)
        before_approval = time.time()
        if lines := [line for line in client.ask("GET", "/active-queries/log")[1]["lines"] if line["way"] != "note"]:
            wrong.append(f"before the approval: {lines}")
        say("POST", "/approve", {"version": 1, "why": "types for the list"})
        lines = sent_until(client, 4)
        if {line["address"] for line in lines if line["way"] == "sent"} != set(asked):
            wrong.append(f"asked {lines}")
        if not all(line.get("bytes") and line["device"]["name"] for line in lines if line["way"] == "received" and line["address"] == "10.77.0.10"):
            wrong.append("an answer has no bytes, or its device no name")
        # A switch by SNMP version 3: with a password that is not its own, and with the right one.
        say("PUT", "/draft", {"version": 1, "subnets": [subnet("switch", [SWITCH], ["snmp"], credential="wrong")]})
        say("POST", "/approve", {"version": 2, "why": "a wrong password"})
        lines = sent_until(client, sum(line["way"] == "sent" for line in lines) + 2)
        time.sleep(1)
        if "refused: wrong password" not in json.dumps(client.ask("GET", f"/active-queries/log?address={SWITCH}")[1]):
            wrong.append("a wrong password is not told of")
        say("PUT", "/draft", {"version": 2, "subnets": [
            subnet("switch", [SWITCH], ["switch_ports"], network=f"{SWITCH}/32", credential="switches"), subnet("cabled", [CABLED], ["switch_state"], network=f"{CABLED}/32")]})
        say("POST", "/approve", {"version": 3, "why": "where is what plugged in"})
        look_at_version_3(client, wrong)
        # The same plan once more, as if its interval were over: meanwhile somebody pulled a cable.
        device = ask_switch.look_before(client, cabled, mac_of(cabled.far), wrong)
        cabled.traps(US)
        cabled.pull()
        (above / "data/ask/asked").unlink()
        yagura.kill("ask")
        ask_switch.look_after(client, cabled, device, wrong)
        for text in (json.dumps(client.ask("GET", path)[1]) for path in ("/active-queries", "/active-queries/log?limit=1000", "/devices?limit=100")):
            if secret := [word for word in (V3[2], V3[4], "another secret", "minamo") if word in text]:
                wrong.append(f"an answer of the API tells {secret}")
        known = sum(line["way"] == "sent" for line in client.ask("GET", "/active-queries/log?limit=1000")[1]["lines"])
        # Stopped in the middle of many more.
        say("PUT", "/draft", {"version": 3, "subnets": [subnet("many", [f"10.77.0.{last}" for last in range(11, 17)], ["s7", "fins", "opcua"])]})
        say("POST", "/approve", {"version": 4, "why": "the others"})
        sent_until(client, known + 3)
        say("POST", "/stop", {"why": "a trial run begins"})
        stopped = time.time()
        time.sleep(3)
        after = client.ask("GET", "/active-queries")[1]
        if after["state"] != "stopped" or after["decisions"][0]["why"] != "a trial run begins" or len(after["decisions"]) != 5:
            wrong.append(f"after the stop: {after['state']} {after['decisions']}")
        audit = json.dumps(client.ask("GET", "/audit")[1])
        if any(word not in audit for word in ("draftAsking", "approveAsking", "stopAsking", "types for the list")):
            wrong.append(f"the audit log does not know it: {audit[:600]}")
        yagura.kill("center")  # It comes back stopped.
        yagura.wait()
        time.sleep(3)
        client.close()
        if client.ask("GET", "/active-queries")[1]["state"] != "stopped":
            wrong.append("a center that fell forgot the stop")
    print(look_at_sealed(folder / "console.pcap", own, wrong), "questions of SNMP version 3")
    ask_switch.look_at_traps(program, folder / "console.pcap", cabled, wrong)
    if others := [row for row in frames(folder / "console.pcap", "snmp.data", "frame.number", where=f"eth.src=={own} && udp.dstport==161 && !icmp && ip.dst=={CABLED}") if row[0] != "5"]:
        wrong.append(f"something else than get bulk to the cabled switch: {others[:3]}")
    moments = [float(row[0]) for row in frames(folder / "console.pcap", "frame.time_epoch", where=f"eth.src=={own} && ip")]
    if early := [at for at in moments if at < before_approval]:
        wrong.append(f"{len(early)} packets before the approval")
    # Its own end of a connection that stood is all that may follow.
    if late := [round(at - stopped, 3) for at in moments if at > stopped + 0.3]:
        wrong.append(f"packets {late[:5]} s after the stop was answered")
    if not moments:
        wrong.append("nothing left after the approval")
    return max((at - stopped for at in moments if at < stopped + 3), default=0)


def main():
    program, environment = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    hosts = dict.fromkeys([*PEERS, CLOSED, UNLISTED, NOISY, CABLED])
    if os.geteuid() != 0 or not build_switch(hosts):
        print("not root, or there are no network namespaces here")
        return 77
    wrong, folder = [], pathlib.Path(tempfile.mkdtemp(prefix="yagura-ask-"))
    cabled = None
    peers = start_peers(hosts, str(environment / "bin/python"), folder)
    try:
        cabled = ask_switch.Cabled(hosts[CABLED], hosts[PLUGGED], CABLED)
        listening(hosts)
        own = json.loads(run("ip", "-j", "link", "show", "switch"))[0]["address"]
        with recording(folder / "off.pcap"), programs.running(program, "ask-off", wrong):
            time.sleep(3)
        if rows := frames(folder / "off.pcap", "frame.number", "frame.protocols", "_ws.col.Info", where=f"eth.src=={own}"):
            wrong.append(f"with active queries off: {rows}")

        (folder / "ask.toml").write_text(plan())
        (folder / "yagura.toml").write_text(f'[ask]\nplan = "{folder}/ask.toml"\n')
        with recording(folder / "on.pcap"), programs.running(program, "ask", wrong, "--config", str(folder / "yagura.toml")) as (yagura, above):
            client = programs.Client(yagura.port, programs.sign_in(above / "data", yagura.port))
            log, until, size, quiet = above / "data/ask", time.monotonic() + 60, -1, 0
            while time.monotonic() < until and quiet < 4:  # An answer is waited for three seconds.
                now = sum(file.stat().st_size for file in log.glob("*.log"))
                size, quiet = now, quiet + 1 if now == size else 0
                time.sleep(1)
            found = look_at_devices(client, wrong)
            look_at_ports(client, hosts, wrong)
            asker = found.get(US)
            name = json.dumps(client.ask("GET", f"/devices/{asker['id']}")[1]) if asker else ""
            if "Yagura active queries" not in name or asker["name"] != "Yagura" or asker["role"] != "server":
                wrong.append(f"who asks is not known as Yagura itself: {name[:600]}")
            sent = look_at_log(log, wrong)
            before = len(sent)
            # Killed and started again it asks nobody a second time.
            yagura.kill("ask")
            time.sleep(4)
            if len(look_at_log(log, wrong)) != before:
                wrong.append("after kill -9 somebody was asked twice")
        took = stop_now(program, folder, wrong)
        last = from_the_console(program, folder, own, cabled, wrong)
        seen = look_at_frames(folder / "on.pcap", own, wrong)
        print(f"{len(sent)} requests in the log; stopped within {took:.2f} s; last packet {last:+.2f} s after the stop in the console; tshark: {seen}")
    finally:
        if cabled:
            cabled.end()
        for peer in peers:
            peer.kill()
            peer.wait()
        for name in hosts.values():
            for pid in run("ip", "netns", "pids", name).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), 9)
            run("ip", "netns", "del", name)
    for one in wrong:
        print("WRONG:", one)
    if wrong:
        print("kept in", folder)
    else:
        shutil.rmtree(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
