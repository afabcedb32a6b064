"""Looks at a panel's screen from elsewhere: vncsnapshot."""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-viewer-")
for cycle in cycles.each(settings["phase"]):
    if cycle not in settings["cycles"]:
        continue
    for ip in settings["ips"]:
        try:
            subprocess.run(["vncsnapshot", "-quiet", f"{ip}:0", f"{folder}/screen.jpg"], capture_output=True, timeout=0.6, check=False)
        except subprocess.TimeoutExpired:
            pass  # It waits for more than a screen sends on which nothing moves: looked at for long enough.
