#!/usr/bin/env python3
"""Records two independent stacks that talk to each other on one cable, and what they meant to say.

    sudo /tmp/dialogues/bin/python testbed/dialogue.py tests/captures/dialogues [NAME...]

dialogues/NAME.py is run twice: with "serve" in the server's namespace (10.77.0.2), and, once its port answers, with "talk" in the
client's (10.77.0.1). What the client is about to do it writes down before the packets, one JSON object a line: members of
an operation as `yagura read` tells it, or {"attribute", "value"} of an identity. tests/dialogues.py compares.
"""

import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "dialogues"), str(HERE)]
SERVER, CLIENT = "10.77.0.2", "10.77.0.1"


def run(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True)


def inside(name, *words):
    return ["ip", "netns", "exec", name, *words]


def lay_cable():
    for name in ("yd-server", "yd-client"):
        for pid in run("ip", "netns", "pids", name, check=False).stdout.split():
            run("kill", "-9", pid, check=False)
        run("ip", "netns", "del", name, check=False)
        run("ip", "netns", "add", name)
    run("ip", "link", "add", "eth0", "netns", "yd-server", "address", "02:77:00:00:00:02", "type", "veth", "peer", "name", "eth0",
        "address", "02:77:00:00:00:01", "netns", "yd-client")
    for name, ip in (("yd-server", SERVER), ("yd-client", CLIENT)):
        run(*inside(name, "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1"))
        for link in ("lo", "eth0"):
            run(*inside(name, "ip", "link", "set", link, "up"))
        run(*inside(name, "ethtool", "-K", "eth0", "tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"), check=False)
        run(*inside(name, "ip", "address", "add", f"{ip}/24", "broadcast", "+", "dev", "eth0"))


def wait_for(port, kind, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        if f":{port} " in run(*inside("yd-server", "ss", "-Hln" + ("t" if kind == "tcp" else "u"))).stdout:
            return
        time.sleep(0.1)
    sys.exit(f"error: nobody serves {kind} port {port} after {seconds} s")


def record(name, out):
    file = HERE / "dialogues" / f"{name}.py"
    about = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    lay_cable()
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"yagura-{name}-"))
    truth = folder / "truth.ndjson"
    env = {**os.environ, "YAGURA_TRUTH": str(truth), "HOME": str(folder), "PYTHONPATH": f"{HERE / 'dialogues'}:{HERE}"}
    with open(folder / "words", "w") as words:
        dump = subprocess.Popen(inside("yd-client", "tcpdump", "-i", "eth0", "-w", str(folder / "pcap"), "-U", "-s", "0", "-n",
                                       "--time-stamp-precision=nano", "-Z", "root"), stdout=words, stderr=words)
        while "listening on" not in (folder / "words").read_text():
            time.sleep(0.1)
        serve = subprocess.Popen(inside("yd-server", sys.executable, str(file), "serve"), stdout=words, stderr=words, env=env, cwd=folder,
                                 start_new_session=True)
        try:
            wait_for(module.PORT, module.KIND)
            talk = subprocess.run(inside("yd-client", sys.executable, str(file), "talk"), stdout=words, stderr=words, env=env, cwd=folder,
                                  timeout=60)
            time.sleep(1.5)  # What tcpdump has not seen yet.
        except subprocess.TimeoutExpired:
            sys.exit(f"error: {name} hangs\n{(folder / 'words').read_text()[-3000:]}")
        finally:
            os.killpg(serve.pid, signal.SIGTERM)
            dump.send_signal(signal.SIGINT)
            dump.wait(10)
    if talk.returncode or not truth.exists():
        sys.exit(f"error: {name} did not say everything\n{(folder / 'words').read_text()[-3000:]}")
    out.mkdir(parents=True, exist_ok=True)
    run("zstd", "-q", "-19", "-f", str(folder / "pcap"), "-o", str(out / f"{name}.pcap.zst"))
    (out / f"{name}.truth.ndjson").write_text(truth.read_text())
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    print(f"{name}: {len(lines)} truths, {(out / f'{name}.pcap.zst').stat().st_size} bytes", flush=True)
    shutil.rmtree(folder)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names = sys.argv[2:] or sorted(p.stem for p in (HERE / "dialogues").glob("*.py") if p.stem != "truth")
    for name in names:
        record(name, pathlib.Path(sys.argv[1]))


if __name__ == "__main__":
    main()
