"""lldpd, telling the name and description that the plant's file gives it."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-lldp-")
os.chmod(folder, 0o755)  # lldpd talks to itself as its own user.
# Its socket and its privilege-separation folder are its own: several run beside each other.
daemon = subprocess.Popen(["lldpd", "-d", "-u", f"{folder}/socket", "-S", settings["description"], "-I", "eth0", "-C", "eth0"])
for _ in range(50):
    time.sleep(0.1)
    if os.path.exists(f"{folder}/socket"):
        break
control = ["lldpcli", "-u", f"{folder}/socket", "configure"]
capabilities = {"bridge": "bridge", "router": "router,bridge", "station": "station"}[settings["capability"]]
for words in (["system", "hostname", settings["name"]], ["system", "capabilities", "enabled", capabilities],
              ["lldp", "tx-interval", "30"], ["lldp", "status", "tx-only"]):
    subprocess.run([*control, *words], check=False)
sys.exit(daemon.wait())
