#!/usr/bin/env python3
"""Builds the plant in a box, lets it run, and writes its capture with its ground truth.

usage: record.py MODE OUTPUT_FOLDER [HOURS]      (as root; README.md says what it needs)

  day        24 plant hours of 60 s each, nobody does anything wrong
  incident   2 plant hours: a laptop appears, scans, writes to a controller, loads programs into two and stops another; an
             office PC talks to somebody outside and spreads in the office
  smoke      10 cycles, to see whether everything talks

HOURS makes it shorter, to try something out.

It writes MODE.pcap.zst and MODE.truth.json. Time is stretched between cycles, never inside one: a packet
`offset` seconds into cycle n gets the time begins + n x cycle x stretch + offset. What came before cycle 0
(the servers' start) is left out.
"""

import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import tomllib
from datetime import datetime

import network
from needs import needs
import zstandard

HERE = pathlib.Path(__file__).resolve().parent
LOGS = HERE.parent / "build/log/testbed"
MODES = {"day": (720, 0), "incident": (60, 720), "smoke": (10, 0)}  # cycles, and the first one's place in plant time
SCENARIOS = {"laptop": ("scan", "modbus_writes", "program_download", "plc_stop"), "office-pc-24": ("beacon", "smb_spread")}
# Programs that replace the interpreter by somebody else's daemon: each gets a process of its own, the others one a kind.
DAEMONS = ("dns_dhcp", "dns_outside", "dhcp_client", "ssh_server", "cip_server", "lldp", "snmp_agent", "smb_server", "ntp_server", "vnc_server")
READY = 60  # seconds of real time until everything serves


def start(words, environment):
    return subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=open(environment["YAGURA_LOG"], "a"), start_new_session=True)


def start_actors(devices, environment):
    """Every program of every device, in its namespace: host.py runs all of one kind."""
    running, kinds = [], {}
    for device in devices:
        for program in device["programs"]:
            settings = {k: v for k, v in program.items() if k != "run"}
            if program["run"] in DAEMONS:
                words = [sys.executable, str(HERE / "actors" / f"{program['run']}.py"), json.dumps(settings)]
                running.append(start(network.inside(network.namespace(device), *words), environment))
            else:
                kinds.setdefault(program["run"], []).append((network.namespace(device), settings))
    for kind, rows in kinds.items():
        running.append(start([sys.executable, str(HERE / "host.py"), str(HERE / "actors" / f"{kind}.py"), json.dumps(rows)], environment))
    return running


def start_scenarios(devices, environment):
    return [start(network.inside(network.namespace(device), sys.executable, str(HERE / "scenarios" / f"{scenario}.py")), environment)
            for device in devices for scenario in SCENARIOS.get(device["name"], ())]


def packets(path):
    """(seconds, original length, bytes) of a pcap with nanoseconds in this machine's order, as tcpdump writes it."""
    with open(path, "rb") as file:
        magic, = struct.unpack("=I", file.read(4))
        assert magic == 0xA1B23C4D, hex(magic)
        file.read(20)
        while len(header := file.read(16)) == 16:
            seconds, nanoseconds, captured, original = struct.unpack("=IIII", header)
            yield seconds * 10**9 + nanoseconds, original, file.read(captured)


def stretched(at, epoch, plant, first_cycle):
    length = int(plant["cycle"] * 1e9)
    cycle, offset = divmod(at - int(epoch * 1e9), length)
    begins = int(datetime.fromisoformat(plant["begins"].replace("Z", "+00:00")).timestamp()) * 10**9
    return begins + (first_cycle + cycle) * length * plant["stretch"] + offset


def write_capture(raw, out, epoch, plant, first_cycle):
    """The stretched capture, and where each of its frames was in real time."""
    body = bytearray(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
    frames = []
    for at, original, data in packets(raw):
        if at < epoch * 1e9:
            continue
        plant_time = stretched(at, epoch, plant, first_cycle)
        body += struct.pack("<IIII", plant_time // 10**9, plant_time % 10**9, len(data), original) + data
        frames.append((at / 1e9, data))
    out.write_bytes(zstandard.ZstdCompressor(level=19).compress(bytes(body)))
    return frames, len(body)


def belongs(data, deed):
    """Whether a frame is the deed's: TCP or UDP in IPv4 between its client and one of its targets and ports."""
    if data[12:14] != b"\x08\x00" or data[23] not in (6, 17):
        return False
    size = (data[14] & 15) * 4
    source, target = (".".join(map(str, data[i:i + 4])) for i in (26, 30))
    ports = struct.unpack(">HH", data[14 + size:18 + size])
    return (source == deed["client"] and target in deed["targets"] and ports[1] in deed["ports"]) or \
           (target == deed["client"] and source in deed["targets"] and ports[0] in deed["ports"])


def attacks(path, frames):
    """The deeds of the truth file, each with the numbers (from 1) of its frames. What is done again and again is one deed."""
    found, begun = {}, {}
    for line in path.read_text().splitlines() if path.exists() else []:
        row = json.loads(line)
        if row["event"] == "begins":
            begun[row["scenario"]] = row
            continue
        deed = begun.pop(row["scenario"])
        numbers = [n for n, (at, data) in enumerate(frames, 1) if deed["at"] - 0.001 <= at <= row["at"] and belongs(data, deed)]
        known = found.setdefault(row["scenario"], {k: deed[k] for k in ("scenario", "what", "client", "targets", "ports")} | {"frames": []})
        known["frames"] += numbers
    return list(found.values())


def run(mode, plant, devices, cycles, work):
    """Builds the plant and lets it live for so many cycles; the real time of the first one, in seconds."""
    network.build(devices)
    router = next(d for d in devices if d["role"] == "router")
    for number, outside in enumerate(plant["outside"]):
        network.go_out(router, outside, number)
    recorder = network.record(work / "raw.pcap")
    time.sleep(1)
    epoch = time.time() + READY
    environment = {**os.environ, "YAGURA_EPOCH": str(epoch), "YAGURA_CYCLE": str(plant["cycle"]), "YAGURA_CYCLES": str(cycles),
                   "YAGURA_TRUTH": str(work / "deeds"), "YAGURA_LOG": str(work / "log"), "TMPDIR": str(work)}
    running = []
    try:
        running += start_actors(devices + plant["outside"], environment)
        if mode == "incident":
            running += start_scenarios(devices, environment)
        end = epoch + cycles * plant["cycle"]
        while (left := end - time.time()) > 0:
            print(f"\r{mode}: {left:.0f} s left, {(work / 'raw.pcap').stat().st_size / 1e6:.1f} MB ", end="", flush=True)
            time.sleep(min(left, 5))
        print()
    finally:
        for process in running:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        recorder.send_signal(signal.SIGINT)
        _, said = recorder.communicate(timeout=10)
        network.leave()
    print("tcpdump:", " ".join(said.split("\n")[1:4]))
    return epoch


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in MODES:
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("error: namespaces need root\n  next:  run it as root")
    mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    plant = tomllib.loads((HERE / "plant.toml").read_text())
    cycles, first_cycle = MODES[mode]
    if len(sys.argv) == 4:
        cycles = round(float(sys.argv[3]) * 3600 / plant["cycle"] / plant["stretch"])
    devices = [d for d in plant["device"] if d.get("only", mode) == mode]
    work = pathlib.Path(tempfile.mkdtemp(prefix="yagura-testbed-"))
    work.chmod(0o755)  # Some daemons leave root behind.
    truth = folder / f"{mode}.truth.json"
    known = [{k: v for k, v in d.items() if k not in ("programs", "only")} for d in devices]
    wanted = {"needs": needs(plant)} if mode == "day" else {}  # In less than a day not everybody has asked everything.
    truth.write_text(json.dumps({"devices": known, **wanted}, ensure_ascii=False, indent=1) + "\n")  # Before the packets.

    epoch = run(mode, plant, devices, cycles, work)
    frames, size = write_capture(work / "raw.pcap", folder / f"{mode}.pcap.zst", epoch, plant, first_cycle)
    truth.write_text(json.dumps({"devices": known, "attacks": attacks(work / "deeds", frames), **wanted}, ensure_ascii=False, indent=1) + "\n")
    if (work / "log").exists():
        LOGS.mkdir(parents=True, exist_ok=True)
        shutil.copy(work / "log", LOGS / f"{mode}.log")
    print(f"what the actors said: {LOGS / mode}.log")
    print(f"{len(frames)} frames, {size / 1e6:.1f} MB, {(folder / f'{mode}.pcap.zst').stat().st_size / 1e6:.2f} MB compressed: {folder}")
    heard = {data[6:12].hex(":") for _, data in frames}
    silent = [d["name"] for d in devices if d["mac"].lower() not in heard]
    if silent:
        sys.exit(f"error: the truth names devices that said nothing: {', '.join(silent)}\n"
                 f"  next:  look at what the actors said, and record {mode} again")
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
