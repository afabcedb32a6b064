"""An Omron controller: the responder from the manual, with words that change."""

import math
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from responders import omron_fins


def change(memory):
    """The process: temperatures and flows in D0 to D15, points in CIO 0."""
    while True:
        turn = time.time() - cycles.EPOCH
        for at in range(16):
            memory[(omron_fins.DM, at)] = int(650 + 30 * math.sin(turn / 45 + at)).to_bytes(2, "big")
        memory[(omron_fins.CIO, 0)] = (int(turn / 4) & 0xFF).to_bytes(2, "big")
        time.sleep(1)


settings = cycles.settings()
controller = omron_fins.Controller(settings["model"], settings["version"], settings["node"])
threading.Thread(target=change, args=(controller.memory,), daemon=True).start()
omron_fins.serve("0.0.0.0", 9600, controller)
