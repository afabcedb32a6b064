"""A page as panels and cameras serve it: Python's own HTTP server."""

import http.server
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import cycles

settings = cycles.settings()
PAGE = f"<!doctype html><title>{settings['title']}</title><h1>{settings['title']}</h1><p>RUN</p>".encode()


class Panel(http.server.BaseHTTPRequestHandler):
    server_version = settings["server"]
    sys_version = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("0.0.0.0", 80), Panel).serve_forever()
