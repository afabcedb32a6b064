"""An S7 controller with two data blocks that change. `stack` chooses whose: "snap7" is the C library (as
python-snap7 1.4 carries it: it tells a CPU 315-2 PN/DP), "python" is python-snap7 3's own server."""

import ctypes
import math
import pathlib
import struct
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))
import cycles

settings = cycles.settings()
blocks = [(ctypes.c_uint8 * 256)(), (ctypes.c_uint8 * 256)()]
if settings["stack"] == "snap7":
    sys.path.insert(0, str(pathlib.Path(sys.prefix) / "snap7"))
    from snap7.server import Server
    from snap7.types import srvAreaDB as area
    from snap7.types import srvAreaMK as markers
    start = lambda server: server.start(tcpport=102)
else:
    from snap7.server import Server, SrvArea
    area, markers = SrvArea.DB, SrvArea.MK
    blocks = [bytearray(256), bytearray(256)]
    start = lambda server: server.start(tcp_port=102)

server = Server(log=False)
for number, block in enumerate(blocks, 1):
    server.register_area(area, number, block)
start(server)
while True:
    turn = time.time() - cycles.EPOCH
    blocks[0][0:8] = struct.pack(">hhf", int(1000 + 50 * math.sin(turn / 30)), int(turn) % 500, 20 + 3 * math.sin(turn / 60))
    time.sleep(1)
