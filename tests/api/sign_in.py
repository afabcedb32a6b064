#!/usr/bin/env python3
"""Signs in to a fresh center, for tests that ask its API.

usage: sign_in.py PORT DATA_FOLDER OUT_FOLDER

Changes the first password, adds a viewer, and writes OUT_FOLDER/admin.token, viewer.token and known.json: ids of what is
there, and of an account and tokens that a test may end.
"""

import http.client
import json
import pathlib
import ssl
import sys
import time

FIRST, CHOSEN = "first of two for the tests", "second of two for the tests"


class Person:
    def __init__(self, port):
        self.port, self.headers = port, {"Content-Type": "application/json"}

    def __call__(self, method, path, body=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=ssl._create_unverified_context(), timeout=30)
        connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, self.headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"error: {method} {path}: {answer.status} {text.decode(errors='replace')}")
        if cookie := answer.getheader("Set-Cookie"):
            self.headers["Cookie"] = cookie.split(";")[0]
        body = json.loads(text) if text else {}
        if "csrf_token" in body:
            self.headers["X-CSRF-Token"] = body["csrf_token"]
        return body

    def sign_in(self, name, password):
        self("POST", "/session", {"name": name, "password": password})
        self.session = self("PUT", "/session/password", {"current": password, "new": CHOSEN})

    def token(self, name):
        return self("POST", "/tokens", {"name": name, "rights": self.session["rights"], "days": 1})


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    port, data, out = int(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    admin, viewer = Person(port), Person(port)
    admin.sign_in("admin", (data / "first-password").read_text().strip())
    for _ in range(300):  # Whole, so that no id changes under the test.
        captures = admin("GET", "/captures")["captures"]
        if captures and all(one["state"] in ("read", "damaged", "failed") for one in captures):
            break
        time.sleep(0.2)
    added = [admin("POST", "/accounts", {"name": name, "role": role, "password": FIRST})["id"]
             for name, role in (("viewer", "viewer"), ("spare", "operator"), ("spare2", "auditor"))]
    viewer.sign_in("viewer", FIRST)
    tokens = {"admin": admin.token("asks"), "viewer": viewer.token("asks")}
    spare = [admin.token(f"spare {i}")["token"]["id"] for i in range(3)]
    admin("POST", "/lines", {"name": "Line of the test", "subnets": ["10.10.0.0/24"]})
    time.sleep(1.5)  # Projected.
    ids = lambda path, member, most=40: [one["id"] for one in admin("GET", path)[member]][:most]
    known = {"devices": ids("/devices", "devices"), "lines": ids("/lines", "lines"), "operations": ids("/operations", "operations"),
             "sensors": ids("/sensors", "sensors"), "captures": ids("/captures", "captures"), "accounts": added[1:], "tokens": spare,
             "own": [admin.session["account"]["id"], added[0]] + [one["token"]["id"] for one in tokens.values()]}
    for kind in ("devices", "operations", "captures"):
        if not known[kind]:
            sys.exit(f"error: there are no {kind} to ask for")
    (out / "known.json").write_text(json.dumps(known))
    for name, token in tokens.items():
        (out / f"{name}.token").write_text(token["secret"])


if __name__ == "__main__":
    main()
