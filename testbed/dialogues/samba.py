"""smbd and smbclient: the server's name, who signs in to which share, a file that is written and one that is read."""

import pathlib
import subprocess

from responders import smbd
from truth import SERVER, reveals, role, will

PORT, KIND = 445, "tcp"


def serve():
    subprocess.run(smbd.prepare(pathlib.Path.cwd(), SERVER, "RECIPES", "MINAMO", "recipes", {"recipe-12.txt": "kiln 842\n"}), check=True)


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
