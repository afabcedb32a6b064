"""A file server, or a PC that shares a folder: Samba."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
import own_name
from responders import smbd

settings = cycles.settings()
while "inet" not in (words := subprocess.run(["ip", "-4", "-o", "address", "show", "eth0"], capture_output=True, text=True).stdout.split()):
    time.sleep(0.2)  # By DHCP, later.
address = words[words.index("inet") + 1].split("/")[0]
folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-smb-"))
command = smbd.prepare(folder, address, settings["name"], "MINAMO", settings["share"], {name: name * 20 for name in settings["files"]})
command = own_name.words(folder, settings["name"].lower(), command)  # NTLM tells it, beside the one in the settings.
os.execvp(command[0], command)
