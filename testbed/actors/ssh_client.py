"""A maintenance PC that opens SSH now and then. It has no key there: the refusal is all we need."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
for cycle in cycles.each(0.65):
    if cycles.is_due(cycle, settings["every"], settings.get("offset", 20)):
        subprocess.run(["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                        "-o", "ConnectTimeout=1", "-o", "IdentityFile=/dev/null", f"maintenance@{settings['ip']}", "true"],
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False)
