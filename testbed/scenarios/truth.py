"""What a scenario is about to do, written down before its first packet: the tests compare with this file,
and nobody can fit the truth to what was detected."""

import json
import os
import subprocess
import time


def own_address():
    words = subprocess.run(["ip", "-4", "-o", "address", "show", "eth0"], capture_output=True, text=True, check=True).stdout.split()
    return words[words.index("inet") + 1].split("/")[0]


class Deed:
    """`with Deed("scan", ...)`: begins before the first packet; the end is added when it is over."""

    def __init__(self, name, what, targets, ports):
        self.row = {"scenario": name, "what": what, "client": own_address(), "targets": targets, "ports": ports}

    def write(self, **more):
        with open(os.environ["YAGURA_TRUTH"], "a") as file:
            file.write(json.dumps({**self.row, **more}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def __enter__(self):
        self.write(event="begins", at=time.time())
        return self

    def __exit__(self, *_):
        time.sleep(0.2)  # The last answers.
        self.write(event="ends", at=time.time())
