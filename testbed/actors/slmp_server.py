"""A MELSEC controller: the responder from the manual, with words that change."""

import math
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from responders import slmp


def change(memory):
    """The process: counters and a slow wave in D0 to D15, points in M0 to M7."""
    words, points = memory.setdefault("D", [0] * 12288), memory.setdefault("M", [0] * 12288)
    while True:
        turn = time.time() - cycles.EPOCH
        words[0:16] = [int(1200 + 60 * math.sin(turn / 50 + at)) for at in range(16)]
        points[0:8] = [int(turn / 4) >> at & 1 for at in range(8)]
        time.sleep(1)


settings = cycles.settings()
memory = {}
threading.Thread(target=change, args=(memory,), daemon=True).start()
slmp.serve("0.0.0.0", settings["port"], memory, (settings["model"], settings["code"]))
