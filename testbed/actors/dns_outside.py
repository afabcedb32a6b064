"""A name server beyond the plant's router: dnsmasq."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-outside-")
os.execvp("dnsmasq", ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
                      f"--pid-file={folder}/pid", "--interface=eth0", "--bind-interfaces", "--log-facility=-",
                      *(f"--host-record={name},{ip}" for name, ip in settings["names"].items())])
