#!/usr/bin/env python3
"""The confined sensor reads a flood of connections to its end: its tables grow and change hands under the system-call
filter, where everything that a library asks the kernel for has to be allowed.

usage: flood.py YAGURA_SENSOR      exit: 0 passed, 1 failed
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import captures  # noqa: E402

FLOWS = 300_000


def read(program, file, workers):
    """Its exit code and how many bytes it said."""
    reading, writing = os.pipe()
    said = [0]

    def drain():
        with open(reading, "rb", buffering=0) as pipe:
            while piece := pipe.read(1 << 16):
                said[0] += len(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    words = [program, "--file", file, "--records-fd", str(writing), "--workers", str(workers)]
    process = subprocess.Popen(words, pass_fds=(writing,))
    os.close(writing)
    code = process.wait()
    reader.join()
    return code, said[0]


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # The sensor becomes somebody else.
        file = captures.half_open(FLOWS, pathlib.Path(folder) / "half-open.pcap")
        for workers in (1, 2):
            code, said = read(sys.argv[1], file, workers)
            print(f"  {workers} workers: exit {code}, {said:,} bytes of records")
            if code != 0 or said < FLOWS * 100:
                print(f"FAILED: {workers} workers did not come to the end (a signal where the code is negative: -31 is the filter)")
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
