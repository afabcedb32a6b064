"""What stands in a center's data folder, read without Yagura: the journal as spine/journal/record.h describes it, the
history and the state with Python's own SQLite."""

import collections
import sqlite3
import struct
import subprocess

CRC = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    CRC.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Journal:
    """Reads every segment as spine/journal/record.h describes it; what was good is not read again."""

    def __init__(self, folder):
        self.folder, self.good, self.torn = folder, {}, set()

    def look(self, quiet=False):
        wrong = []
        for path in sorted(self.folder.glob("*/*.ygj*")):
            if path.suffix == ".tmp":
                continue
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue  # Compressed meanwhile.
            if path.suffix == ".zst":
                if self.good.get(path) == len(data):
                    continue
                unpacked = subprocess.run(["zstd", "-dqc", str(path)], capture_output=True)
                if unpacked.returncode:
                    wrong.append(f"{path.name} cannot be unpacked: {unpacked.stderr}")
                    continue
                if self.records(unpacked.stdout, 0)[0] != len(unpacked.stdout):
                    wrong.append(f"{path.name} is damaged")
                self.good[path] = len(data)
                continue
            at, why = self.records(data, self.good.get(path, 0))
            self.good[path] = at
            if at != len(data):
                self.torn.add(path)
                if why == "checksum":
                    wrong.append(f"{path.parent.name}/{path.name}: a record with a wrong checksum at byte {at}")
        return wrong

    @staticmethod
    def records(data, at):
        if at == 0:
            if len(data) < 8:
                return 0, "torn"
            if data[:4] != b"YGJ1":
                return 0, "checksum"
            at = 8 + struct.unpack("<H", data[6:8])[0]
        while at < len(data):
            if len(data) - at < 8:
                return at, "torn"
            length, crc = struct.unpack("<II", data[at:at + 8])
            if at + 8 + length > len(data):
                return at, "torn"
            if crc32c(data[at + 8:at + 8 + length]) != crc:
                return at, "checksum"
            at += 8 + length
        return at, ""


# What a day's file has added up, and what its rows come to.
HALF_HOUR = "at / 1800000000000"
SUMS = {
    "kind_sum": ("SELECT half_hour, act, protocol, outcome, refused, rows, acts, refusals FROM kind_sum WHERE rows > 0",
                 f"SELECT {HALF_HOUR}, act, protocol, outcome, refusals > 0, count(*), total(acts), total(refusals) FROM operation GROUP BY 1, 2, 3, 4, 5"),
    "pair_sum": ("SELECT half_hour, whom, who, act, protocol, outcome, refused, sum(rows), total(acts), total(refusals) FROM (SELECT half_hour, whom, who, act, "
                 "protocol, outcome, refused, rows, acts, refusals FROM pair_sum UNION ALL SELECT half_hour, whom, who, act, protocol, outcome, refused, rows, "
                 "acts, refusals FROM pair_now) GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(rows) > 0",
                 f"SELECT {HALF_HOUR}, whom, who, act, protocol, outcome, refusals > 0, count(*), total(acts), total(refusals) FROM operation "
                 "GROUP BY 1, 2, 3, 4, 5, 6, 7"),
    "object_day": ("SELECT whom, protocol, part, object, who, writes, acts, first, last FROM object_day",
                   "SELECT whom, protocol, part, object, who, effect <> 1, total(acts), min(at), max(last) FROM operation WHERE object <> '' AND act IN "
                   "(3, 4, 19, 22, 26, 27, 28) GROUP BY 1, 2, 3, 4, 5, 6"),
    "object_hour": ("SELECT hour, whom, protocol, part, object, who, writes, acts, first, last FROM object_hour",
                    "SELECT at / 3600000000000, whom, protocol, part, object, who, effect <> 1, total(acts), min(at), max(last) FROM operation WHERE "
                    "object <> '' AND act IN (3, 4, 19, 22, 26, 27, 28) GROUP BY 1, 2, 3, 4, 5, 6, 7"),
}


def wrong_sums(day):
    """Names of the sums that are not what the rows come to, all seen in one moment."""
    day.execute("BEGIN")
    wrong = [name for name, (kept, rows) in SUMS.items()
             if any(day.execute(f"SELECT 1 FROM (SELECT * FROM ({a}) EXCEPT SELECT * FROM ({b})) LIMIT 1").fetchone() for a, b in ((kept, rows), (rows, kept)))]
    day.execute("ROLLBACK")
    return wrong


class History:
    """The writes that stand in the day files, read as they grow."""

    def __init__(self, folder):
        self.folder, self.seen, self.last = folder, collections.Counter(), {}

    def read(self):
        state = sqlite3.connect(f"file:{self.folder / 'state.sqlite'}?mode=ro", uri=True, timeout=10)
        live = ",".join(str(row[0]) for row in state.execute("SELECT id FROM source WHERE live = 1"))
        state.close()
        for path in sorted((self.folder / "history").glob("*.sqlite")):
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            try:
                for row in database.execute("SELECT id, object, value FROM operation WHERE id > ? AND many = 0 AND act = 4 "
                                            f"AND protocol = 'modbus' AND code = 6 AND source IN ({live}) ORDER BY id", (self.last.get(path, 0),)):
                    self.last[path] = row[0]
                    if row[1].startswith("holding register "):
                        self.seen[int(row[1].rsplit(" ", 1)[1]) | int(row[2] or 0) << 16] += 1
            finally:
                database.close()

    def integrity(self):
        wrong = []
        for path in [self.folder / "state.sqlite", self.folder / "accounts.sqlite", *(self.folder / "history").glob("*.sqlite")]:
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            try:
                found = database.execute("PRAGMA integrity_check(5)").fetchall()
                if found != [("ok",)]:
                    wrong.append(f"{path.name}: {found}")
                if path.name == "state.sqlite":
                    found = database.execute("PRAGMA foreign_key_check").fetchall()
                    if found:
                        wrong.append(f"{path.name}: rows that refer to nothing: {found[:3]}")
                if path.parent.name == "history":
                    wrong += [f"{path.name}: {name} is not what the rows come to" for name in wrong_sums(database)]
            except sqlite3.Error as error:
                wrong.append(f"{path.name}: {error}")
            finally:
                database.close()
        return wrong


def told_of(folder, upload):
    """What the store says came from one upload: not who else was seen since."""
    database = sqlite3.connect(f"file:{folder / 'state.sqlite'}?mode=ro", uri=True, timeout=10)
    number = int(upload.split("-")[1])
    sources = [row[0] for row in database.execute("SELECT id FROM source WHERE upload = ?", (number,))]
    marks = ",".join("?" * len(sources))
    out = {"packets": database.execute("SELECT packets FROM upload WHERE id = ?", (number,)).fetchone()[0],
           "source": database.execute(f"SELECT sum(packets), sum(bytes), min(first), max(last), sum(lost) FROM source WHERE id IN ({marks})",
                                      sources).fetchone()}
    database.close()
    for path in sorted((folder / "history").glob("*.sqlite")):
        day = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        operations = day.execute("SELECT at, last, act, protocol, code, object, value, outcome, status, many, messages, answers, "
                                 f"refusals, changes, frame FROM operation WHERE source IN ({marks})", sources).fetchall()
        told = day.execute(f"SELECT at, kind, what, value, frame FROM told WHERE source IN ({marks})", sources).fetchall()
        seen = day.execute(f"SELECT minute, seconds, packets, bytes FROM coverage WHERE source IN ({marks})", sources).fetchall()
        day.close()
        if operations or told or seen:
            out[path.name] = (collections.Counter(operations), collections.Counter(told), collections.Counter(seen))
    return out
