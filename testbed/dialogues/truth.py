"""What a client is about to do, written down before its first packet, so that nobody can fit it to what was read."""

import json
import os
import sys

SERVER, CLIENT = "10.77.0.2", "10.77.0.1"


def will(**operation):
    """Members of an operation as `yagura read --what operations` tells it."""
    with open(os.environ["YAGURA_TRUTH"], "a") as file:
        file.write(json.dumps(operation, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def reveals(ip, attribute, value):
    """What one of them says about itself."""
    will(ip=ip, attribute=attribute, value=value)


def role(serve, talk):
    {"serve": serve, "talk": talk}[sys.argv[1]]()
