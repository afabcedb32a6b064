"""The plant's cables: a network namespace for each device, one switch (a Linux bridge in a namespace of its
own, whose bridge device is the SPAN port), a router with a leg in each subnet and one cable to what is beyond.

Nothing here touches the host's own network: all links live inside namespaces named yg-*.
"""

import pathlib
import subprocess

SWITCH = "yg-switch"
SPAN = "span"


def run(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True)


def inside(namespace, *words):
    return ["ip", "netns", "exec", namespace, *words]


def namespace(device):
    return f"yg-{device['name']}"


def leave():
    """Takes down whatever an earlier run left behind."""
    for line in run("ip", "netns", "list").stdout.splitlines():
        name = line.split()[0]
        if name.startswith("yg-"):
            for pid in run("ip", "netns", "pids", name, check=False).stdout.split():
                run("kill", "-9", pid, check=False)
            run("ip", "netns", "del", name, check=False)


def build(devices):
    leave()
    run("ip", "netns", "add", SWITCH)
    run(*inside(SWITCH, "ip", "link", "add", SPAN, "type", "bridge", "stp_state", "0", "mcast_snooping", "0"))
    # LLDP is not forwarded by a bridge; a mirror port shows it all the same.
    run(*inside(SWITCH, "sh", "-c", f"echo 0x4000 > /sys/class/net/{SPAN}/bridge/group_fwd_mask"), check=False)
    run(*inside(SWITCH, "sysctl", "-qw", f"net.ipv6.conf.{SPAN}.disable_ipv6=1"), check=False)
    run(*inside(SWITCH, "ip", "link", "set", SPAN, "up", "promisc", "on"))
    for number, device in enumerate(devices):
        plug_in(device, f"port{number}")


def plug_in(device, port):
    name = namespace(device)
    run("ip", "netns", "add", name)
    run("ip", "link", "add", "eth0", "netns", name, "address", device["mac"], "type", "veth", "peer", "name", port, "netns", SWITCH)
    run(*inside(SWITCH, "sysctl", "-qw", f"net.ipv6.conf.{port}.disable_ipv6=1"), check=False)
    run(*inside(SWITCH, "ip", "link", "set", port, "master", SPAN, "up"))
    settle(name, "eth0", v6=device["role"] in ("workstation", "camera", "printer", "server"))
    for ip in device["ip"]:
        run(*inside(name, "ip", "address", "add", f"{ip}/24", "dev", "eth0"))
    if device["role"] == "router":
        run(*inside(name, "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        # One cable with all subnets on it: redirects would be right, and no plant's router sends them.
        run(*inside(name, "sysctl", "-qw", "net.ipv4.conf.all.send_redirects=0"))
        run(*inside(name, "sysctl", "-qw", "net.ipv4.conf.eth0.send_redirects=0"))
    elif device["ip"]:
        run(*inside(name, "ip", "route", "add", "default", "via", device["ip"][0].rsplit(".", 1)[0] + ".1"))


def settle(name, link, v6):
    # Stretched time would contradict TCP's own clock.
    run(*inside(name, "sysctl", "-qw", "net.ipv4.tcp_timestamps=0"))
    if not v6:
        run(*inside(name, "sysctl", "-qw", f"net.ipv6.conf.{link}.disable_ipv6=1"), check=False)
    run(*inside(name, "ip", "link", "set", "lo", "up"))
    run(*inside(name, "ip", "link", "set", link, "up"))
    run(*inside(name, "ethtool", "-K", link, "tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"), check=False)


def go_out(router, outside, number):
    """A cable from the router to what is beyond it; the mirror port does not see it."""
    name, here, link = namespace(outside), namespace(router), f"wan{number}"
    run("ip", "netns", "add", name)
    run("ip", "link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", link, "netns", here)
    settle(name, "eth0", v6=False)
    settle(here, link, v6=False)
    for ip in outside["ip"]:
        run(*inside(name, "ip", "address", "add", f"{ip}/24", "dev", "eth0"))
    run(*inside(here, "ip", "address", "add", f"{outside['gateway']}/24", "dev", link))
    run(*inside(name, "ip", "route", "add", "default", "via", outside["gateway"]))


def record(path):
    """tcpdump at the SPAN port; it writes nanoseconds and all bytes."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        inside(SWITCH, "tcpdump", "-i", SPAN, "-w", str(path), "-U", "-s", "0", "-n", "--time-stamp-precision=nano",
               "-B", "16384", "-Z", "root"),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
