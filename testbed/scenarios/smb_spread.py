"""An office PC that copies itself: within seconds it knocks at every neighbour's port 445 and leaves a file wherever it may."""

import pathlib
import socket
import subprocess
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import cycles
from truth import Deed

targets = [f"10.10.0.{last}" for last in [*range(1, 31), *range(100, 151)]]
shares = {"10.10.0.20": "plant2", "10.10.0.122": "work", "10.10.0.123": "work", "10.10.0.125": "work", "10.10.0.126": "work"}


def knock(target):
    probe = socket.socket()
    probe.setblocking(False)
    probe.connect_ex((target, 445))
    return probe


def leave(folder, target):
    """The same few words at each one: the shares, then a program into the first that takes it."""
    login = ["-s", "/dev/null", "-n", "OFFICE-PC-24", "-U", "Administrator%Passw0rd"]
    subprocess.run(["smbclient", "-g", "-L", f"//{target}", *login], stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False)
    subprocess.run(["smbclient", f"//{target}/{shares[target]}", *login, "-c", "put update.exe"], cwd=folder, stdin=subprocess.DEVNULL,
                   capture_output=True, timeout=5, check=False)


if cycles.wait_for(48, 0.80):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-spread-"))
    (folder / "update.exe").write_bytes(b"MZ" + bytes(range(256)) * 16)
    with Deed("smb_spread", "TCP connections to port 445 of eighty-one addresses; a program is left on five shares", targets, [445, 139]):
        probes = [knock(target) for target in targets]
        for target in shares:
            leave(folder, target)
        for probe in probes:
            probe.close()
