"""The programs as a person starts them, and the API as a person's program asks it."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

PASSWORD = "Minamo press line 7, east"


class Yagura:
    """`yagura run`, what it says, and which processes it has."""

    def __init__(self, program, folder, port, *arguments):
        self.program, self.folder, self.port, self.arguments = program, folder, port, arguments
        self.log = folder.parent / "run.log"
        self.process, self.pids = None, {}
        self.heard = []  # (time, line)

    def start(self):
        reading, writing = os.pipe()
        self.process = subprocess.Popen([self.program, "run", "--data", str(self.folder), "--listen", f"127.0.0.1:{self.port}", *self.arguments], stdout=writing, stderr=writing, stdin=subprocess.DEVNULL)
        os.close(writing)
        threading.Thread(target=self.read, args=(reading,), daemon=True).start()

    def read(self, reading):
        with open(reading, errors="replace") as lines, open(self.log, "a") as log:
            for line in lines:
                now = time.time()
                print(f"{now:.3f} {line}", end="", file=log, flush=True)
                name, _, rest = line.partition(": running (process ")
                if rest:
                    self.pids[name] = int(rest.split(")")[0])
                self.heard.append((now, line))

    def said(self, words, since):
        return next((at for at, line in self.heard if at >= since and words in line), None)

    def readers(self):
        """The sensors that read uploads: children of the center."""
        found = []
        for task in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = task.read_text().rsplit(")", 1)[1].split()
                if int(fields[1]) == self.pids.get("center") and fields[0] != "Z":
                    found.append(int(task.parent.name))
            except (OSError, IndexError):
                pass
        return found

    def kill(self, name):
        """The moment of its death, or nothing if it does not run."""
        if name == "supervisor":
            pid = self.process.pid
        elif name == "reader":
            pid = next(iter(self.readers()), None)
        else:
            pid = self.pids.get(name)
        if pid is None:
            return None
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        at = time.time()
        if name == "supervisor":
            self.process.wait()
            self.start()
        return at

    def wait(self, seconds=60):
        """Until the API answers."""
        client, until = Client(self.port), time.monotonic() + seconds
        while client.ask("GET", "/session")[0] not in (200, 401):
            if time.monotonic() > until:
                raise TimeoutError(self.log.read_text()[-2000:])
            time.sleep(0.05)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Client:
    """A connection to the API that is made again when it breaks."""

    def __init__(self, port, token=None):
        self.port, self.token, self.connection = port, token, None
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE

    def ask(self, method, path, body=None, headers=None, timeout=20, as_bytes=False):
        """Status and answer; (0, why) when there was none."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        every = {"Content-Type": "application/octet-stream" if isinstance(body, bytes) else "application/json"}
        if self.token:
            every["Authorization"] = f"Bearer {self.token}"
        try:
            if self.connection is None:
                self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.context)
            self.connection.request(method, "/api/v1" + path, raw, {**every, **(headers or {})})
            answer = self.connection.getresponse()
            text = answer.read()
            self.cookie = (answer.headers.get("Set-Cookie") or "").split(";")[0]
            return answer.status, text if as_bytes else json.loads(text) if text else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return 0, error

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def sign_in(folder, port):
    """The first sign-in, as a person does it: the token that everybody here asks with."""
    client = Client(port)
    first = (folder / "first-password").read_text().strip()
    status, answer = client.ask("POST", "/session", {"name": "admin", "password": first})
    assert status == 200, answer
    headers = {"Cookie": client.cookie, "X-CSRF-Token": answer["csrf_token"]}
    status, answer = client.ask("PUT", "/session/password", {"current": first, "new": PASSWORD}, headers)
    assert status == 200, answer
    headers = {"Cookie": client.cookie, "X-CSRF-Token": answer["csrf_token"]}
    status, answer = client.ask("POST", "/tokens", {"name": "kills", "rights": answer["rights"], "days": 2}, headers)
    assert status == 201, answer
    return answer["secret"]


@contextlib.contextmanager
def running(program, name, wrong, *arguments):
    """`yagura run` in a folder of its own, which stays where something went `wrong`; says how it ended."""
    above = pathlib.Path(tempfile.mkdtemp(prefix=f"yagura-{name}-"))
    yagura = Yagura(os.path.abspath(program), above / "data", random.randrange(20000, 60000), *arguments)
    try:
        yagura.start()
        yagura.wait()
        yield yagura, above
        if yagura.end() != 0:
            wrong.append("it did not end well")
    finally:
        if yagura.process and yagura.process.poll() is None:
            yagura.process.terminate()
            yagura.process.wait(60)
        if wrong or sys.exc_info()[0]:
            print(f"{name}:", above)
        else:
            shutil.rmtree(above)
    print("FAILED" if wrong else "passed")


def read_in_peace(client, capture):
    status, answer = client.ask("POST", f"/captures?name={capture.name}", capture.read_bytes())
    assert status == 201, answer
    while client.ask("GET", f"/captures/{answer['id']}")[1].get("state") != "read":
        time.sleep(0.1)
    return answer["id"]
