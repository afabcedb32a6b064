"""lldpd, telling the name and description that the plant's file gives it."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
import own_name

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-lldp-")
os.chmod(folder, 0o755)  # lldpd talks to itself as its own user.
# Its socket and its privilege-separation folder are its own: several run beside each other.
daemon = subprocess.Popen(own_name.words(folder, settings["name"], ["lldpd", "-d", "-u", f"{folder}/socket", "-S", settings["description"],
                                                                   "-I", "eth0", "-C", "eth0"]))
control = ["lldpcli", "-u", f"{folder}/socket", "configure"]
capabilities = {"bridge": "bridge", "router": "router,bridge", "station": "station"}[settings["capability"]]
for words in (["system", "hostname", settings["name"]], ["system", "capabilities", "enabled", capabilities],
              ["lldp", "tx-interval", "30"], ["lldp", "status", "tx-only"]):
    # On a busy machine the daemon takes its time. What was not taken in time would be told in the wrong words for
    # the whole recording, so that it is better not told at all.
    for _ in range(300):
        if subprocess.run([*control, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            break
        time.sleep(0.1)
    else:
        daemon.kill()
        sys.exit(f"lldpd did not take: {' '.join(words)}")
sys.exit(daemon.wait())
