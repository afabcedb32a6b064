"""The plant's clock: chronyd, which tells this machine's time and leaves it alone (-x)."""

import os
import pathlib
import tempfile

folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-ntp-"))
(folder / "conf").write_text(f"local stratum 1\nallow\ncmdport 0\nbindcmdaddress /\npidfile {folder}/pid\nuser root\n")
os.execv("/usr/sbin/chronyd", ["/usr/sbin/chronyd", "-d", "-x", "-f", str(folder / "conf")])
