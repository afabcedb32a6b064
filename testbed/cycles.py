"""The clock that all actors share: what happens in a cycle happens near its beginning, so that the time
between cycles can be stretched afterwards and no transaction is ever pulled apart.

The epoch (real time of cycle 0) and the number of cycles come from the environment: YAGURA_EPOCH,
YAGURA_CYCLE (seconds), YAGURA_CYCLES.
"""

import json
import os
import sys
import time

EPOCH = float(os.environ.get("YAGURA_EPOCH", "0"))
LENGTH = float(os.environ.get("YAGURA_CYCLE", "2.0"))
CYCLES = int(os.environ.get("YAGURA_CYCLES", "30"))


def settings():
    """What plant.toml says about this actor."""
    return json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}


def now():
    return time.time()


def wait_for(cycle, phase=0.0):
    """Sleeps until `phase` seconds into that cycle; False if it is over already."""
    due = EPOCH + cycle * LENGTH + phase
    now = time.time()
    if now > due + LENGTH / 2:
        return False
    if due > now:
        time.sleep(due - now)
    return True


def each(phase=0.0):
    """The numbers of the cycles, one after the other, each at its time. A late actor leaves cycles out."""
    for cycle in range(CYCLES):
        if wait_for(cycle, phase):
            yield cycle


def is_due(cycle, every, offset=0):
    return bool(every) and cycle % every == offset % every


def asks_who(cycle, settings, phase):
    """Whether a client that polls every `every` cycles asks for identity, too, which it does every `identify_every`. The
    first time the clients share out eight cycles, so that not all ask at once."""
    every, identify = settings["every"], settings.get("identify_every", 0)
    return bool(identify) and is_due(cycle // every, identify // every, round(phase * 100) % max(1, 8 // every))
