"""A page as panels, cameras and web sites serve it: Python's own HTTP server, with `tls` for one behind TLS, too."""

import http.server
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading

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


def encrypted(names):
    """Port 443 with a certificate that it made for itself."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="yagura-web-"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365", "-subj",
                    f"/CN={names[0]}", "-keyout", folder / "key", "-out", folder / "cert"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 443), Panel)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if "tls" in settings:
    threading.Thread(target=encrypted, args=(settings["tls"],), daemon=True).start()
http.server.ThreadingHTTPServer(("0.0.0.0", 80), Panel).serve_forever()
