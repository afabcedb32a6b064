"""A PC that fetches and leaves files on a share: smbclient."""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
folder = tempfile.mkdtemp(prefix="yagura-smbclient-")
(pathlib.Path(folder) / "report.csv").write_text("lot;count;scrap\n4711;1200;3\n" * 20)
for cycle in cycles.each(settings["phase"]):
    if not cycles.is_due(cycle, settings["every"], settings["offset"]):
        continue
    says = f"get {settings['get']} got; put report.csv {settings['name'].lower()}-{cycle:03}.csv"
    done = subprocess.run(["smbclient", f"//{settings['ip']}/{settings['share']}", "-s", "/dev/null", "-n", settings["name"], "-W", "MINAMO",
                           "-U", f"{settings['user']}%never-shown", "-c", says], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=10, check=False)
    if done.returncode:
        print(cycle, settings["ip"], done.stdout[-200:], file=sys.stderr)
