"""The captures that ./yagura bench measures on: others' merged and repeated, plants side by side, floods of flows.

Every repetition has times and addresses of its own (MAC, IPv4, IPv6 and those in ARP, checksums set right), so that
its flows are new ones and tables really grow. What is built is kept in build/bench and built again when what it is
made of, or this file, has changed.
"""

import hashlib
import os
import pathlib
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/bench"
SHARED = ROOT.parent / "shared/captures"
HOUR = 3600 * 10**9
START = 1_700_000_000 * 10**9
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
RECORD = struct.Struct("<IIII")


def made_of(sources):
    told = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for path in sources:
        told.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
    return told.hexdigest()


def stamp(goal):
    return goal.with_name(goal.name + ".made-of")


def fresh(goal, *sources):
    """Is `goal` there, and made of just these by just this program?"""
    return goal.exists() and stamp(goal).exists() and stamp(goal).read_text() == made_of(sources)


def finished(part, goal, *sources):
    part.rename(goal)
    stamp(goal).write_text(made_of(sources))
    return goal


# --- what there is ---------------------------------------------------------------------------------

def own_captures():
    """The project's own, unpacked."""
    for file in sorted((ROOT / "tests/captures").rglob("*.pcap*")):
        plain = WORK / "plain" / file.name.removesuffix(".zst")
        if not fresh(plain, file):
            plain.parent.mkdir(parents=True, exist_ok=True)
            part = plain.with_suffix(".part")
            subprocess.run(["zstd", "-dqf", file, "-o", part], check=True)
            finished(part, plain, file)
        yield plain


def shared_captures():
    if SHARED.is_dir():
        yield from (p for p in sorted(SHARED.rglob("*")) if p.suffix in (".pcap", ".pcapng", ".cap"))


def of_ethernet(files):
    """Those that can go into one Ethernet capture: other link types would need a file each."""
    for file in files:
        about = subprocess.run(["capinfos", "-TrE", file], capture_output=True, text=True).stdout
        if about.split("\t")[-1].strip() == "ether":
            yield file


def merged():
    """All of them one after the other in one pcap with nanoseconds. Not by time: their clocks are decades apart."""
    goal = WORK / "merged.pcap"
    files = list(of_ethernet([*own_captures(), *shared_captures()]))
    if not fresh(goal, *files):
        part = goal.with_suffix(".part")
        subprocess.run(["mergecap", "-a", "-F", "nsecpcap", "-w", part, *files], check=True, stderr=subprocess.DEVNULL)
        finished(part, goal, *files)
    return goal, len(files)


def records(path):
    data = memoryview(path.read_bytes())
    assert struct.unpack_from("<I", data)[0] == 0xA1B23C4D, "not a little-endian pcap with nanoseconds"
    at = 24
    while at + 16 <= len(data):
        seconds, nanoseconds, captured, original = RECORD.unpack_from(data, at)
        yield seconds * 10**9 + nanoseconds, original, bytes(data[at + 16:at + 16 + captured])
        at += 16 + captured


# --- other addresses -------------------------------------------------------------------------------

def places(frame):
    """Where a frame has bytes that tell one repetition from another: those that no checksum covers, those that one
    does, and where those checksums are."""
    free, summed, sums = [], [], []
    for mac in (0, 6):
        if len(frame) >= 14 and not frame[mac] & 1:
            free.append(mac + 3)
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, at = frame[at:at + 2], at + 2
    if kind == b"\x08\x06" and len(frame) >= at + 28 and frame[at:at + 6] == b"\x00\x01\x08\x00\x06\x04":
        for mac in (at + 8, at + 18):
            if any(frame[mac:mac + 6]):
                free.append(mac + 3)
        free += [ip + 1 for ip in (at + 14, at + 24) if 0 < frame[ip] < 224]
    elif kind == b"\x08\x00" and len(frame) >= at + 20:
        summed = [ip + 1 for ip in (at + 12, at + 16) if 0 < frame[ip] < 224 and frame[ip] != 127]
        sums = [at + 10]
        if not struct.unpack_from(">H", frame, at + 6)[0] & 0x1FFF:
            sums += {6: [at + (frame[at] & 15) * 4 + 16], 17: [at + (frame[at] & 15) * 4 + 6]}.get(frame[at + 9], [])
    elif kind == b"\x86\xdd" and len(frame) >= at + 40:
        summed = [ip + 7 for ip in (at + 8, at + 24) if frame[ip] != 255 and any(frame[ip:ip + 15])]
        sums = {6: [at + 56], 17: [at + 46], 58: [at + 42]}.get(frame[at + 6], [])
    sums = [p for p in sums if p + 2 <= len(frame) and not (frame[p:p + 2] == b"\0\0" and p != at + 10)]
    return free, summed, sums


def move(out, at, where, by):
    """Adds `by` to those bytes of the frame at `at`, and keeps its checksums as right or wrong as they were
    (RFC 1624): each byte is the low one of its 16 bits."""
    free, summed, sums = where
    for place in free:
        out[at + place] = (out[at + place] + by) & 0xFF
    delta = 0
    for place in summed:
        old = out[at + place]
        new = out[at + place] = (old + by) & 0xFF
        delta += new - old
    if delta:
        for place in sums:
            value = (~(out[at + place] << 8 | out[at + place + 1]) & 0xFFFF) + delta % 0xFFFF
            value = ~((value & 0xFFFF) + (value >> 16)) & 0xFFFF
            out[at + place], out[at + place + 1] = value >> 8, value & 0xFF


# --- captures ----------------------------------------------------------------------------------------

def repeated(path, times, goal):
    """`times` copies one after the other, each an hour after the one before. Gives back the number of frames."""
    rows = list(records(path))
    if fresh(goal, path):
        return len(rows) * times
    clock, last = [], 0
    for at, _, _ in rows:  # One clock for all files: jumps of more than a second become one of a microsecond.
        step = at - last if clock else 0
        clock.append((clock[-1] if clock else 0) + (step if 0 <= step <= 10**9 else 1000))
        last = at
    span = clock[-1] + HOUR
    base, plan = bytearray(), []
    for _, original, frame in rows:
        plan.append((len(base), places(frame)))
        base += RECORD.pack(0, 0, len(frame), original) + frame
    part = goal.with_suffix(".part")
    part.write_bytes(FILE_HEADER)

    def turns(which):
        with open(part, "r+b") as out:
            for turn in which:
                copy = bytearray(base)
                for (at, where), time in zip(plan, clock):
                    now = START + turn * span + time
                    struct.pack_into("<II", copy, at, now // 10**9, now % 10**9)
                    if turn:
                        move(copy, at + 16, where, turn)
                out.seek(len(FILE_HEADER) + turn * len(base))
                out.write(copy)

    children = []
    for half in range(os.cpu_count()):  # All copies are equally long, so each has its place in the file.
        child = os.fork()
        if child == 0:
            turns(range(half, times, os.cpu_count()))
            os._exit(0)
        children.append(child)
    if any(os.waitpid(child, 0)[1] for child in children):
        raise SystemExit(f"error: {goal} could not be built; is the disk full?")
    finished(part, goal, path)
    return len(rows) * times


def plants(count, goal):
    """The recorded plant, `count` times side by side: the same day, each with its own hosts. Many host pairs talk at
    once and none of them has more than a small share. Gives back the numbers of frames and of IPv4 host pairs."""
    day = next(p for p in own_captures() if p.name == "day.pcap")
    rows = list(records(day))
    pairs = {frozenset((f[26:30], f[30:34])) for _, _, f in rows if f[12:14] == b"\x08\x00"}
    if not fresh(goal, day):
        plan = [places(frame) for _, _, frame in rows]
        order = sorted((at + turn * 137_000_001, turn, i) for i, (at, _, _) in enumerate(rows) for turn in range(count))
        part = goal.with_suffix(".part")
        with open(part, "wb", buffering=1 << 22) as out:
            out.write(FILE_HEADER)
            for at, turn, i in order:
                _, original, frame = rows[i]
                copy = bytearray(frame)
                if turn:
                    move(copy, 0, plan[i], turn)
                out.write(RECORD.pack(at // 10**9, at % 10**9, len(copy), original) + copy)
        finished(part, goal, day)
    return len(rows) * count, len(pairs) * count


class Writer:
    """A capture of made-up frames."""

    def __init__(self, goal):
        self.out, self.now = open(goal, "wb", buffering=1 << 22), START
        self.out.write(FILE_HEADER)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.out.close()

    def frame(self, data, after=10_000):
        self.now += after
        self.out.write(RECORD.pack(self.now // 10**9, self.now % 10**9, len(data), len(data)) + data)

    def tcp(self, source, target, ports, sequence, acknowledged, flags, payload=b""):
        """Without checksums: they cost more than all else here and change nothing in what is kept."""
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(payload), self.now // 10_000 & 0xFFFF, 0, 64, 6, 0, source, target)
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 8192, 0, 0)
        ends = struct.pack(">HI", 0x0200, target) + struct.pack(">HI", 0x0200, source)
        self.frame(ends + b"\x08\x00" + ip + tcp + payload)


SYN, ACK, PSH = 2, 16, 8
PLC = 0x0A640001
QUESTION = bytes.fromhex("000100000006 01 03 0000 007D".replace(" ", ""))


def modbus_flows(count, goal):
    """`count` open connections of as many hosts, in each a Modbus request for 125 registers and its answer: the
    conversation, its protocol's state and what the fold keeps of both."""
    if fresh(goal):
        return goal
    answer = bytes.fromhex("0001000000FD0103FA") + bytes(range(250))
    part = goal.with_suffix(".part")
    with Writer(part) as out:
        for i in range(count):
            host, ports = 0x0A000001 + i, (40000, 502)
            out.tcp(host, PLC, ports, 1, 0, SYN)
            out.tcp(PLC, host, ports[::-1], 1, 2, SYN | ACK)
            out.tcp(host, PLC, ports, 2, 2, PSH | ACK, QUESTION)
            out.tcp(PLC, host, ports[::-1], 2, 14, PSH | ACK, answer)
    return finished(part, goal)


def half_open(count, goal):
    """A scan: `count` SYNs that nobody answers, from as many addresses."""
    if fresh(goal):
        return goal
    part = goal.with_suffix(".part")
    with Writer(part) as out:
        for i in range(count):
            out.tcp(0x0B000000 + i * 7 % (1 << 24), PLC, (1024 + i % 60000, 502), i, 0, SYN)
    return finished(part, goal)


def hoarder(goal):
    """Whatever makes a sensor keep something, from 150,000 hosts at once: beginnings of messages that never end, segments
    before a hole, fragments of datagrams that never become whole, requests for ever other objects, connections of
    CIP, names and addresses that nobody has."""
    if fresh(goal):
        return goal
    part = goal.with_suffix(".part")
    with Writer(part) as out:
        for i in range(150_000):
            host = 0x0A000001 + i
            ports = (40000, 502)
            out.tcp(host, PLC, ports, 1, 1, PSH | ACK, struct.pack(">HHHBBHH", i & 0xFFFF, 0, 6, 1, 3, i & 0xFFFF, 125))
            out.tcp(host, PLC, ports, 13, 1, PSH | ACK, QUESTION[:7])
            answer = struct.pack(">HHHBBB", i & 0xFFFF, 0, 253, 1, 3, 250) + hashlib.sha256(str(i).encode()).digest() * 7 + bytes(26)
            out.tcp(PLC, host, ports[::-1], 1, 13, PSH | ACK, answer)
            out.tcp(PLC, host, ports[::-1], 5000 + 1460 * (i % 3), 13, PSH | ACK, answer * 5)
            size = 1200
            ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + size, i & 0xFFFF, 0x2000 | i % 5 * 150, 64, 17, 0, host, PLC)
            out.frame(struct.pack(">HI", 0x0200, PLC) + struct.pack(">HI", 0x0200, host) + b"\x08\x00" + ip + bytes(size))
            cotp = bytes.fromhex("0300FFFF02F000") + bytes(1200)  # A TPKT of 64 KiB, not its last part
            out.tcp(host, PLC, (40001, 102), 1, 1, PSH | ACK, cotp)
            mac = struct.pack(">HI", 0x0200, host)
            out.frame(b"\xff" * 6 + mac + bytes.fromhex("08060001080006040001") + mac + struct.pack(">I", host) + bytes(6) +
                      struct.pack(">I", host + 1) + bytes(18))
    return finished(part, goal)
