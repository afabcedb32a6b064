#!/usr/bin/env python3
"""The sensor on a real interface, in a network namespace made here with a cable between two interfaces.

1. self-test: no way to send works, and the interface's counter of sent frames stays.
2. live is offline: what the sensor says of frames on the cable equals what it says of the same frames as tcpdump
   kept them, with one worker and with two, at 100,000 packets a second if this box can send them so fast.
3. at full speed, with a small ring: sent = seen + dropped, exactly.

usage: live.py YAGURA_SENSOR [CAPTURE]      exit: 0 passed, 1 failed, 77 skipped (not root)
"""

import collections
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPACE = f"yagura-live-{os.getpid()}"
REPEATS, REPEATS_FRAMES = 6, (13,)  # where the last one was seen
CONTEXT = {64, 65, 66, 68}  # source, parties, text, protocol: told as often as needed
COVERAGE, LOST = 14, 67


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def sent_by(name):
    out = subprocess.run(["ip", "netns", "exec", SPACE, "cat", "/proc/net/dev"], capture_output=True, text=True).stdout
    line = next(line for line in out.splitlines() if line.strip().startswith(name + ":"))
    return int(line.split(":")[1].split()[9])


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = 8 if key & 7 == 1 else 4
            value, at = data[at:at + size], at + size
        yield key >> 3, value


class Sensor:
    """Runs one and keeps what it says."""

    def __init__(self, program, *arguments, workers=1, inside=True):
        self.workers = workers
        self.records = collections.Counter()
        self.coverage = collections.Counter()
        self.lost = 0
        reading, writing = os.pipe()
        words = ["ip", "netns", "exec", SPACE] if inside else []
        self.process = subprocess.Popen([*words, program, "--records-fd", str(writing), "--workers", str(workers),
                                         *arguments],
                                        pass_fds=(writing,), stderr=subprocess.PIPE, text=True)
        os.close(writing)
        self.raw = []
        self.thread = threading.Thread(target=self.read, args=(reading,))
        self.thread.start()

    def read(self, reading):
        while batch := os.read(reading, 1 << 16):
            self.raw.append(batch)
        os.close(reading)

    def ready(self):
        line = self.process.stderr.readline()
        assert line.startswith("listening"), line

    def end(self, how=None):
        if how:
            self.process.send_signal(how)
        self.thread.join(60)
        code = self.process.wait(10)
        for batch in self.raw:
            assert batch[:4] == b"YGB1" and struct.unpack("<I", batch[4:8])[0] + 8 == len(batch), "a torn batch"
            at = 8
            while at < len(batch):
                length, _ = struct.unpack("<II", batch[at:at + 8])
                self.take(batch[at + 8:at + 8 + length])
                at += 8 + length
        return code

    def take(self, body):
        parts = list(fields(body))
        kind = parts[0][1]
        if kind == COVERAGE:
            for number, value in fields(dict(parts).get(5, b"")):
                self.coverage[number] += value
        elif kind == LOST:
            self.lost += 1
        elif kind not in CONTEXT:
            # Not compared: sequence; the conversation's number, which every run salts anew; with several workers
            # the frames' numbers, which live are each worker's own count.
            left_out = (2, 4) if self.workers == 1 else (2, 4, 7)
            if kind == REPEATS and self.workers != 1:
                parts = [(n, tuple(p for p in fields(v) if p[0] not in REPEATS_FRAMES)) if n == 5 else (n, v)
                         for n, v in parts]
            self.records[tuple(p for p in parts if p[0] not in left_out)] += 1


def frames_of(path):
    data = path.read_bytes()
    if data[:4] == b"\n\r\r\n" or path.suffix in (".gz", ".zst"):
        out = subprocess.run(["editcap", "-F", "pcap", str(path), "-"], capture_output=True, check=True)
        data = out.stdout
    order = "<" if data[0] in (0xD4, 0x4D) else ">"
    out, at = [], 24
    while at + 16 <= len(data):
        kept, wire = struct.unpack(order + "II", data[at + 8:at + 16])
        # What the cable takes: whole frames that fit.
        if 14 <= kept == wire and kept <= 1514:
            out.append(data[at + 16:at + 16 + kept])
        at += 16 + kept
    return out


def without_copies(frames):
    """Each IPv4 packet gets an identification of its own. Sent a thousand times as fast as they were captured,
    packets that were seconds apart would look like a mirror port's copies, of which only as many are recognised
    as a table of bounded size remembers: not the same ones in every run."""
    out = []
    for count, frame in enumerate(frames, 1):
        if frame[12:14] != b"\x08\x00" or len(frame) < 34 or frame[14] != 0x45:
            continue
        header = bytearray(frame[14:34])
        header[4:6] = struct.pack(">H", count % 65_535 + 1)
        header[10:12] = b"\0\0"
        total = sum(struct.unpack(">10H", header))
        total = (total & 0xFFFF) + (total >> 16)
        header[10:12] = struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF)
        out.append(frame[:14] + bytes(header) + frame[34:])
    return out


def far_socket():
    """A socket in the namespace, for this process outside of it."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/var/run/netns/{SPACE}", os.O_RDONLY)
    libc = __import__("ctypes").CDLL(None, use_errno=True)
    assert libc.setns(there, 0x40000000) == 0
    try:
        out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        out.bind(("far", 0))
        return out
    finally:
        libc.setns(here, 0x40000000)
        os.close(here)
        os.close(there)


def send(out, frames, rate=None):
    start = time.monotonic()
    for count, frame in enumerate(frames, 1):
        out.send(frame)
        if rate and count % 100 == 0:
            while time.monotonic() - start < count / rate:
                pass
    return len(frames) / (time.monotonic() - start)


def live_is_offline(program, frames, out, folder, workers):
    kept = folder / f"kept-{workers}.pcap"
    dump = subprocess.Popen(["ip", "netns", "exec", SPACE, "tcpdump", "-i", "near", "-j", "host", "-B", "65536", "-Z", "root",
                             "--time-stamp-precision=nano", "-U", "-w", str(kept)], stderr=subprocess.PIPE, text=True)
    sensor = Sensor(program, "--interface", "near", workers=workers)
    sensor.ready()
    while "listening" not in dump.stderr.readline():
        pass
    rate = send(out, frames, 105_000)
    time.sleep(0.5)
    code = sensor.end(signal.SIGTERM)
    # tcpdump forgets what it has not read yet when it is stopped, and does not call it dropped.
    whole, until = 24 + sum(16 + len(frame) for frame in frames), time.monotonic() + 10
    while kept.stat().st_size < whole and time.monotonic() < until:
        time.sleep(0.05)
    dump.send_signal(signal.SIGINT)
    words = dump.stderr.read()
    dump.wait()
    lost_by_dump = next((int(line.split()[0]) for line in words.splitlines() if "dropped by kernel" in line), 0)
    offline = Sensor(program, "--file", str(kept), workers=workers, inside=False)
    assert offline.end() == 0, "the capture cannot be read"
    seen, dropped = sensor.coverage[1], sensor.coverage[3]
    print(f"  {workers} workers: {len(frames)} frames at {rate:,.0f}/s, {seen} seen, {dropped} dropped "
          f"({lost_by_dump} by tcpdump), {sum(sensor.records.values())} records live, "
          f"{sum(offline.records.values())} offline")
    wrong = []
    if code != 0:
        wrong.append(f"the sensor exits {code}")
    if seen + dropped != len(frames):
        wrong.append(f"sent {len(frames)}, seen {seen} + dropped {dropped}")
    if dropped == 0 and lost_by_dump == 0 and sensor.records != offline.records:
        only_live, only_offline = sensor.records - offline.records, offline.records - sensor.records
        wrong.append(f"{sum(only_live.values())} records only live, {sum(only_offline.values())} only offline")
        for name, some in (("live", only_live), ("offline", only_offline)):
            wrong += [f"only {name}: {record}" for record in list(some)[:3]]
    return wrong, rate, dropped + lost_by_dump


def full_speed(program, frames, out):
    sensor = Sensor(program, "--interface", "near", "--ring-mib", "2")
    sensor.ready()
    os.kill(sensor.process.pid, signal.SIGSTOP)  # A worker that is late: the ring has to overflow.
    rate = send(out, frames)
    os.kill(sensor.process.pid, signal.SIGCONT)
    rate = max(rate, send(out, frames))
    time.sleep(0.5)
    code = sensor.end(signal.SIGTERM)
    seen, dropped = sensor.coverage[1], sensor.coverage[3]
    print(f"  full speed: {2 * len(frames)} frames at {rate:,.0f}/s, {seen} seen, {dropped} dropped")
    wrong = [] if code == 0 else [f"the sensor exits {code}"]
    if seen + dropped != 2 * len(frames):
        wrong.append(f"sent {2 * len(frames)}, seen {seen} + dropped {dropped}")
    if dropped == 0:
        wrong.append("nothing was dropped: the test shows nothing")
    return wrong


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    if os.geteuid() != 0 or not shutil.which("tcpdump"):
        print("SKIPPED: needs root, to make a network namespace, and tcpdump")
        return 77
    program = os.path.abspath(sys.argv[1])
    shared = pathlib.Path(os.environ.get("YAGURA_SHARED", ROOT.parent / "shared")) / "captures"
    captures = [pathlib.Path(p) for p in sys.argv[2:]] or sorted((ROOT / "testbed").rglob("*.pcap*")) or [
        *sorted((shared / "modbus").glob("*.pcap")), *sorted((shared / "s7comm").glob("*.pcap"))]
    captures = [p for p in captures if p.suffix in (".pcap", ".pcapng", ".gz", ".zst") and p.stat().st_size > 50_000]
    if not captures:
        print("SKIPPED: no capture to send")
        return 77
    frames = [frame for path in captures[:4] for frame in frames_of(path)]
    frames = without_copies((frames * (150_000 // len(frames) + 1))[:150_000])
    wrong = []
    ip("netns", "add", SPACE)
    try:
        ip("netns", "exec", SPACE, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
           "net.ipv6.conf.default.disable_ipv6=1")
        ip("-n", SPACE, "link", "add", "near", "type", "veth", "peer", "name", "far")
        for name in ("near", "far"):
            ip("-n", SPACE, "link", "set", name, "up")
        tested = subprocess.run(["ip", "netns", "exec", SPACE, program, "--self-test", "--interface", "near"],
                                capture_output=True, text=True)
        print("  self-test:", tested.stdout.splitlines()[-1] if tested.stdout else tested.stderr)
        if tested.returncode != 0:
            wrong.append(tested.stdout)
        before = sent_by("near")
        out = far_socket()
        with tempfile.TemporaryDirectory() as folder:
            for workers in (1, 2):
                for _ in range(3):  # A box that is busy may lose frames: that proves nothing either way.
                    more, _, losses = live_is_offline(program, frames, out, pathlib.Path(folder), workers)
                    if losses == 0 or more:
                        break
                wrong += more
        wrong += full_speed(program, frames, out)
        if sent_by("near") != before:
            wrong.append(f"{sent_by('near') - before} frames were sent by the interface that only listens")
        print(f"  near sent {sent_by('near') - before} frames")
    finally:
        ip("netns", "del", SPACE)
    for line in wrong:
        print("FAILED:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
