"""An EtherNet/IP device: cpppo's server with its own identity object."""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
major, minor = settings["revision"]
# cpppo reads its identity from cpppo.cfg in the working directory.
os.chdir(tempfile.mkdtemp(prefix="yagura-cip-"))
pathlib.Path("cpppo.cfg").write_text(f"""[Identity]
Vendor Number = {settings["vendor_id"]}
Device Type = {settings["device_type"]}
Product Code Number = {settings["product_code"]}
Product Revision = {major | minor << 8}
Status Word = 48
Serial Number = {settings["serial"]}
Product Name = {settings["product"]}
State = 3
""")
os.execv(sys.executable, [sys.executable, "-m", "cpppo.server.enip", "--config", "cpppo.cfg", "-a", "0.0.0.0:44818", *settings["tags"]])
