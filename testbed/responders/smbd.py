"""Samba's server in a folder of its own, so that several run beside each other and none touches the host's."""

import pathlib


def prepare(folder, address, name, workgroup, share, files):
    """Writes what it needs below `folder`; the words to run it with. `files`: what lies in the share, by name."""
    folder.chmod(0o755)
    place = folder / share
    place.mkdir()
    place.chmod(0o777)
    for file, text in files.items():
        (place / file).write_text(text)
    for sub in ("state", "lock", "cache", "pid", "private", "ncalrpc"):
        (folder / sub).mkdir()
    settings = folder / "smb.conf"
    settings.write_text(f"""[global]
netbios name = {name}
workgroup = {workgroup}
server string = {share}
map to guest = Bad User
guest account = root
interfaces = {address}/24
bind interfaces only = yes
state directory = {folder}/state
lock directory = {folder}/lock
cache directory = {folder}/cache
pid directory = {folder}/pid
private dir = {folder}/private
ncalrpc dir = {folder}/ncalrpc
log file = /dev/null
load printers = no
disable spoolss = yes
[{share}]
path = {place}
guest ok = yes
read only = no
force user = root
""")
    return ["/usr/sbin/smbd", "-F", "--no-process-group", "-s", str(settings)]
