"""An office PC: asks for names, opens pages in the plant and, behind the router, over TLS."""

import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import browsing
import cycles

settings = cycles.settings()
agent = {"User-Agent": settings["agent"]} if "agent" in settings else {}


def attempt(cycle, what, does, *words):
    try:
        return does(*words)
    except Exception as error:
        print(cycle, what, repr(error), file=sys.stderr)


def open_page(url):
    urllib.request.urlopen(urllib.request.Request(url, headers=agent), timeout=0.5).read()


for cycle in cycles.each(settings.get("phase", 0.60)):
    if not cycles.is_due(cycle, settings["every"], settings.get("offset", 3)):
        continue
    for name in settings.get("names", []):
        attempt(cycle, name, browsing.resolve, name, settings["resolver"])
    for name in settings.get("sites", []):
        if address := attempt(cycle, name, browsing.resolve, name, settings["resolver"]):
            attempt(cycle, name, browsing.fetch, name, address)
    for url in settings.get("urls", []):
        attempt(cycle, url, open_page, url)
