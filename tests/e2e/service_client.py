"""A running `portalkey serve`, and a caller of it. Python's standard library only."""
import http.client
import json
import os
import pathlib
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import harness


class Reply:
    def __init__(self, answer):
        self.status, self.headers, self.text = answer.status, answer.headers, answer.read().decode()

    def json(self):
        return json.loads(self.text)

    def __str__(self):
        return harness.masked(f"{self.status} {dict(self.headers)} {self.text[:2000]}")


class Service:
    """On a sandbox, with the first key, on a port that the system chooses."""

    def __init__(self, sandbox, home, *before, env=None):
        self.sandbox, self.home, self.before, self.env = sandbox, home, before, env
        self.key, self.url, self.certificate, self.process = None, None, None, None
        self.said = ""

    def start(self, *more):
        args = [*(self.before or ("--sandbox", str(self.sandbox.folder))), "serve", "--listen", "127.0.0.1:0", *more]
        self.errors = tempfile.NamedTemporaryFile(prefix="portalkey-serve-", mode="r+", errors="replace")
        self.process = subprocess.Popen([harness.PROGRAM, *args], env=harness.environment(self.home, self.env), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.errors, start_new_session=True, umask=harness.CALLERS_UMASK)
        until = time.monotonic() + 60
        while "its files:" not in self.log():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError("the service did not start:\n" + harness.masked(self.log()))
            time.sleep(0.02)
        lines = self.log().splitlines()
        self.url = next(line for line in lines if line.startswith("portalkey serves")).rsplit(" ", 1)[1]
        self.certificate = next((line.split(": ", 1)[1] for line in lines if line.startswith("  its certificate:")), None)
        self.state = pathlib.Path(next(line.split(": ", 1)[1] for line in lines if line.startswith("  its files:")))
        if self.key is None and select.select([self.process.stdout], [], [], 2)[0]:
            self.key = harness.mask(self.process.stdout.readline().decode().strip())
        return self

    def log(self):
        with open(self.errors.name, errors="replace") as file:
            return file.read()

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def connection(self, timeout=60):
        context = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=context)

    def call(self, method, path, body=None, key=True, headers=None, timeout=60):
        headers = dict(headers or {})
        if key:
            headers["Authorization"] = "Bearer " + (self.key if key is True else key)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body, headers)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def job(self, reply, timeout=120):
        """The job that a reply told of, at its end."""
        until = time.monotonic() + timeout
        while reply.status == 202:
            if time.monotonic() > until:
                raise AssertionError(f"the job goes on and on: {reply}")
            time.sleep(0.1)
            location = reply.headers["Location"]
            reply = self.call("GET", location[len(self.url):], key=None)
        return reply

    def stop(self, sig=signal.SIGTERM):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "killed: it did not stop"
        self.said += self.log()
        self.process.stdout.close()
        self.errors.close()
        self.process = None
        return code
