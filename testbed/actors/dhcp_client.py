"""A PC that asks for its address: ISC's dhclient. It configures its own namespace and nothing else."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-dhclient-"))
(folder / "conf").write_text(f'send host-name "{settings["hostname"]}";\n'
                             f'send vendor-class-identifier "{settings["vendor_class"]}";\n'
                             "request subnet-mask, routers, domain-name, domain-name-servers, netbios-name-servers;\n")
# The usual script writes the host's /etc/resolv.conf: this one sets address and route, and stops there.
script = folder / "script"
script.write_text("""#!/bin/sh
case $reason in BOUND|RENEW|REBIND|REBOOT)
    ip address replace "$new_ip_address/24" dev eth0
    ip route replace default via "$new_routers";;
esac
""")
script.chmod(0o755)
cycles.wait_for(settings.get("cycle", 0), 0.02)
subprocess.run(["dhclient", "-d", "-4", "-cf", folder / "conf", "-lf", folder / "leases", "-pf", folder / "pid", "-sf", script, "eth0"],
               env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, check=False)
