"""The plant's DHCP and DNS server: dnsmasq."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-dnsmasq-")
os.execvp("dnsmasq", ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
                      f"--pid-file={folder}/pid", f"--dhcp-leasefile={folder}/leases", "--interface=eth0", "--bind-interfaces",
                      f"--dhcp-range={settings['range']},255.255.255.0,12h", "--dhcp-option=option:router,10.10.0.1",
                      "--dhcp-option=option:dns-server,10.10.0.5", "--dhcp-authoritative", "--no-ping",
                      f"--domain={settings['domain']}", f"--local=/{settings['domain']}/",
                      f"--host-record=scada.{settings['domain']},10.10.0.10", f"--server={settings['upstream']}",
                      *(f"--dhcp-host={mac},{ip}" for mac, ip in settings["leases"]), "--log-facility=-"])
