"""smbd and smbclient: the server's name, who signs in to which share, a file that is written and one that is read."""

import pathlib
import subprocess

from truth import SERVER, reveals, role, will

PORT, KIND = 445, "tcp"


def serve():
    folder = pathlib.Path.cwd()
    share = folder / "recipes"
    share.mkdir(mode=0o777)
    share.chmod(0o777)
    folder.chmod(0o755)
    (share / "recipe-12.txt").write_text("kiln 842\n")
    for name in ("state", "lock", "cache", "pid", "private", "ncalrpc"):
        (folder / name).mkdir()
    settings = folder / "smb.conf"
    settings.write_text(f"""[global]
netbios name = RECIPES
workgroup = MINAMO
server string = recipe store
map to guest = Bad User
guest account = root
interfaces = {SERVER}/24
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
[recipes]
path = {share}
guest ok = yes
read only = no
force user = root
""")
    subprocess.run(["/usr/sbin/smbd", "-F", "--no-process-group", "-s", str(settings)], check=True)


def talk():
    pathlib.Path("new.txt").write_text("kiln 850\n")
    share = f"share \\\\{SERVER}\\recipes"
    will(protocol="smb", act="authenticate", phase="request")
    will(protocol="smb", act="connect", phase="request", object=share)
    will(protocol="smb", act="connect", phase="response", object=share, outcome="done")
    for act, file in (("file_read", "recipe-12.txt"), ("file_write", "recipe-13.txt")):
        will(protocol="smb", act=act, phase="request", object=f"file {file}")
        will(protocol="smb", act=act, phase="response", object=f"file {file}", outcome="done")
    will(protocol="smb", act="browse", phase="response", object="file recipe-99.txt", outcome="refused", status=0xC0000034)
    reveals(SERVER, "name", "RECIPES")
    done = subprocess.run(["smbclient", f"//{SERVER}/recipes", "-U", "operator7%wrong", "-s", "/dev/null", "-c",
                           "get recipe-12.txt; put new.txt recipe-13.txt; get recipe-99.txt; ls"], capture_output=True, text=True, timeout=40)
    print(done)
    assert "recipe-13.txt" in done.stdout


role(serve, talk) if __name__ == "__main__" else None
