"""An office PC: asks for names, opens pages."""

import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles
from dnslib import DNSRecord

settings = cycles.settings()
for cycle in cycles.each(0.60):
    if not cycles.is_due(cycle, settings["every"], 3):
        continue
    for name in settings["names"]:
        try:
            DNSRecord.question(name).send(settings["resolver"], 53, timeout=0.3)
        except Exception as error:
            print(cycle, name, error, file=sys.stderr)
    for url in settings["urls"]:
        try:
            urllib.request.urlopen(url, timeout=0.5).read()
        except Exception as error:
            print(cycle, url, error, file=sys.stderr)
