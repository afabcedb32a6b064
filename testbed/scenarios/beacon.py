"""An office PC that somebody else steers: every cycle it asks for the same name and says a few bytes there over TLS."""

import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]
import browsing
import cycles
from truth import Deed

NAME, RESOLVER, HOME = "cdn-telemetry.update-node.example", "10.10.0.5", "203.0.113.66"
for cycle in range(6, 54):
    if cycles.wait_for(cycle, 1.40):
        with Deed("beacon", f"{NAME} is asked for, and a POST over TLS goes there, once a cycle", [RESOLVER, HOME], [53, 443]):
            browsing.fetch(NAME, browsing.resolve(NAME, RESOLVER), "/v2/ping", b"id=%08x" % (cycle * 2654435761 & 0xFFFFFFFF))
