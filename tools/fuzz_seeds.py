"""Inputs to begin fuzzing with, made from what stands in the tree: the dissectors' cases and the smoke capture.

Called by fuzz.py. A seed that is made does not have to be kept, and follows when cases are added.
"""

import pathlib
import re
import struct
import subprocess
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "spine/dissect/protocols"
CAPTURE = ROOT / "tests/captures/plant/smoke.pcap.zst"
LEDGERS = ROOT / "tests/ledger"
COMMENTS = ROOT / "tests/comments"
FRAMES_A_SEED = 6
SEEDS_OF_CAPTURE = 200


def cases(protocol):
    """Every case of a protocol as a list of (speaker: 0 client, 1 server; bytes)."""
    path = CASES / f"{protocol}.cases"
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("case "):
            found.append([])
        elif line[:2] in ("> ", "< ") and found:
            digits = re.sub(r"[^0-9a-fA-F]", "", line[2:])
            found[-1].append((0 if line[0] == ">" else 1, bytes.fromhex(digits)))
    return [case for case in found if case]


def frames():
    """The smoke capture's frames (classic pcap, little-endian, as the testbed writes it)."""
    packed = subprocess.run(["zstd", "-dcq", CAPTURE], capture_output=True)
    data, at = packed.stdout, 24
    while at + 16 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 8)
        yield data[at + 16 : at + 16 + length]
        at += 16 + length


def groups():
    group = []
    for number, frame in enumerate(frames()):
        group.append(frame)
        if len(group) == FRAMES_A_SEED:
            yield group
            group = []


def ledgers():
    """Whole files, and a workbook's sheets with the parts that they need; the form stands in fuzz/ledger_file.cpp."""
    for path in sorted(LEDGERS.glob("*.csv")) + sorted(LEDGERS.glob("*.xlsx")):
        yield b"\0" + path.read_bytes()
    for path in sorted(LEDGERS.glob("*.xlsx")):
        with zipfile.ZipFile(path) as book:
            names = set(book.namelist())
            beside = [b"", b"", b""] + [book.read(n) if n in names else b"" for n in ("xl/sharedStrings.xml", "xl/styles.xml")]
            for name in sorted(n for n in names if n.startswith("xl/worksheets/sheet")):
                yield b"\1" + b"".join(struct.pack("<H", len(part)) + part for part in beside) + book.read(name)


def make(target):
    """Yields the seeds of a target as bytes, in that target's own form (described at the head of its source)."""
    for case in cases(target):
        for as_messages in (0, 2):
            yield b"".join(struct.pack(">BH", speaker | as_messages, len(piece)) + piece for speaker, piece in case)
    if target == "ledger_file":
        yield from ledgers()
    if target == "comment_list":
        yield from (path.read_bytes() for path in sorted(COMMENTS.iterdir()) if path.suffix != ".md")
    if target == "decode":
        for group in list(groups())[:SEEDS_OF_CAPTURE]:
            yield struct.pack(">H", 1) + b"".join(struct.pack(">BH", 0x40, len(f)) + f for f in group)
    if target == "pipeline":
        for group in list(groups())[:SEEDS_OF_CAPTURE]:
            yield b"".join(struct.pack(">BBH", 1, 0, len(f)) + f for f in group)
