"""A panel whose screen can be looked at from elsewhere: TigerVNC's server with a small screen."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-vnc-")
os.environ["HOME"] = folder
# Each one's display has a number of its own: they share this machine's /tmp.
os.execvp("Xtigervnc", ["Xtigervnc", f":{settings['display']}", "-geometry", "160x120", "-depth", "16", "-SecurityTypes", "None",
                        "-desktop", settings["desktop"], "-rfbport", "5900", "-nolisten", "tcp"])
