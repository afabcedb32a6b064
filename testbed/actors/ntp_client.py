"""A device that asks for the time: ntplib."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
import ntplib

settings = cycles.settings()
for cycle in cycles.each(settings["phase"]):
    if cycles.is_due(cycle, settings["every"], settings["offset"]):
        try:
            ntplib.NTPClient().request(settings["ip"], version=4, timeout=0.5)
        except Exception as error:
            print(cycle, settings["ip"], repr(error), file=sys.stderr)
