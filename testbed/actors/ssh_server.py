"""OpenSSH's server with a key of its own."""

import os
import pathlib
import subprocess
import tempfile

folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-ssh-"))
subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
pathlib.Path("/run/sshd").mkdir(exist_ok=True)
os.execv("/usr/sbin/sshd", ["/usr/sbin/sshd", "-D", "-f", "/dev/null", "-h", str(folder / "key"), "-o", f"PidFile={folder}/pid",
                            "-o", "UsePAM=no", "-o", "PasswordAuthentication=no"])
