"""Drives the real program against the real sandbox, over TLS. Python's standard library only.

A test gets a folder, a home folder, an environment without a trace of the machine it runs on, and a sandbox of its own. When it
fails, what the program said and what the sandbox said is printed, with secrets masked.
"""
import base64
import csv
import hmac
import http.client
import io
import json
import os
import pathlib
import pty
import random
import re
import select
import shlex
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import termios
import fcntl
import time
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEEDS = ROOT / "tests" / "data" / "seeds"
DEMO = SEEDS / "demo" / "contoso-tokens.csv"
LONG = os.environ.get("PORTALKEY_LONG", "") not in ("", "0")

POWERSHELL = "1950a258-227b-4e31-a9cf-717495945fc2"
PORTAL_RESOURCE = "74658136-14ec-4630-ad9b-26e160ff0fc6"
PORTAL_HOST = "main.iam.ad.ext.azure.com"
SERVICE_ACCOUNT = "svc-portalkey@contoso.com"
ADMIN_ACCOUNT = "admin@contoso.com"
GRAPH_HOST = "graph.microsoft.com"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
GRAPH_RIGHTS = ["Policy.ReadWrite.AuthenticationMethod", "UserAuthenticationMethod.ReadWrite.All", "User.Read.All"]
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
HARDWARE_TOKEN = "/api/MultiFactorAuthentication/HardwareToken/"

os.umask(0o077)  # what tests put into files is as private as a user's should be; the program starts with CALLERS_UMASK
CALLERS_UMASK = 0o022

DONE, FAILED, USAGE, PARTLY, NEEDS_PERSON, INTERRUPTED = 0, 1, 2, 3, 4, 130


def program():
    candidates = [os.environ.get("PORTALKEY", ""), str(ROOT / "build" / "portalkey"), str(ROOT / "build" / "dev" / "portalkey")]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return os.path.abspath(candidate)
    raise RuntimeError("no portalkey to test: build it, or set PORTALKEY")


PROGRAM = program()


# --- Secrets never reach the screen ------------------------------------------------------------------------------------------

_masked = set()
_PATTERNS = [
    re.compile(r"eyJ[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*)*"),  # JWTs
    re.compile(r"[01]\.A[A-Za-z0-9_-]{3,}\.[A-Za-z0-9_-]{20,}"),  # refresh tokens
    re.compile(r"\b[A-Z2-7]{16,}\b"),  # base32 keys
]


def mask(secret):
    """Registers a value that must not be printed; returns it."""
    if secret:
        _masked.add(secret)
    return secret


def masked(text):
    for secret in sorted(_masked, key=len, reverse=True):
        text = text.replace(secret, "***")
    for pattern in _PATTERNS:
        text = pattern.sub("***", text)
    return text


# --- One run of the program --------------------------------------------------------------------------------------------------

_REPEATED_OPTIONS = re.compile(r"portalkey (?:--(?:config|profile|sandbox|backend|credential) \S+ )+")


class Ran:
    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    @property
    def text(self):
        return self.out + self.err

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError("standard output is not JSON:\n" + masked(str(self))) from None

    def json_error(self):
        try:
            return json.loads(self.err.strip().splitlines()[-1])["error"]
        except (ValueError, KeyError, IndexError):
            raise AssertionError("standard error does not end with a JSON error:\n" + masked(str(self))) from None

    def __str__(self):
        def short(text, most=4000):
            return text if len(text) <= most else f"{text[:most // 2]}\n[... {len(text) - most} characters ...]\n{text[-most // 2:]}"
        return masked(f"$ portalkey {' '.join(shlex.quote(a) for a in self.args)}\n{short(self.out)}{short(self.err)}[exit {self.code}]\n")


def environment(home, extra=None):
    keep = {k: v for k, v in os.environ.items() if k.split("_")[0] in ("ASAN", "UBSAN", "TSAN", "LSAN")}
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", **keep}
    env.update({k: str(v) for k, v in (extra or {}).items()})
    return env


def start(args, home, env=None, stdin=None, cwd=None):
    """Starts the program without a terminal of any kind."""
    return subprocess.Popen([PROGRAM, *map(str, args)], env=environment(home, env), cwd=cwd or home, start_new_session=True,
                            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, bufsize=0, umask=CALLERS_UMASK)


def browser(folder):
    """A program for $BROWSER that follows a sign-in as the sandbox's auto-approval decides, and comes back to this machine."""
    script = pathlib.Path(folder) / "browser"
    script.write_text("""#!/bin/bash
page=$(printf '%b' "$(printf '%s' "$1" | sed -e 's,^file://,,' -e 's/%/\\\\x/g')")
address=$(sed -e 's/.*content="0;url=//' -e 's/".*//' -e 's/&amp;/\\&/g' "$page" | head -n 1)
exec curl --silent --noproxy '*' --location "$address"
""")
    script.chmod(0o755)
    return script


def finish(process, args, stdin=None, timeout=60):
    try:
        out, err = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {timeout} s:\n" +
                             str(Ran(list(map(str, args)), None, out.decode(errors="replace"), err.decode(errors="replace")))) from None
    return Ran(list(map(str, args)), process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))


def run(*args, home, env=None, stdin=None, timeout=60):
    return finish(start(args, home, env, stdin), args, stdin, timeout)


def typed(text):
    """As a person types it: Ctrl-C takes no Enter."""
    return text.encode() + (b"" if text == "\x03" else b"\n")


def run_on_terminal(*args, home, env=None, answers=(), timeout=60, stdout_too=True, columns=None):
    """Runs it as the leader of a session whose controlling terminal is a pty. `answers`: (what it asks, what is typed: a text, or
    a function that makes it of all that was shown). The Ran's `out` is all that appeared on the terminal."""
    master, slave = pty.openpty()
    if columns is not None:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def own_terminal():
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    process = subprocess.Popen([PROGRAM, *map(str, args)], env=environment(home, env), cwd=home, start_new_session=True,
                               preexec_fn=own_terminal, stdin=slave, stdout=slave if stdout_too else subprocess.DEVNULL, stderr=slave,
                               umask=CALLERS_UMASK)
    os.close(slave)
    shown, left, end = b"", list(answers), time.monotonic() + timeout
    searched = 0
    try:
        while True:
            ready, _, _ = select.select([master], [], [], max(0, end - time.monotonic()))
            if not ready:
                process.kill()
                raise AssertionError(f"still waiting after {timeout} s, the terminal shows:\n{masked(shown.decode(errors='replace'))}")
            try:
                chunk = os.read(master, 65536)
            except OSError:  # EIO: the other side is closed
                break
            if not chunk:
                break
            shown += chunk
            while left and left[0][0].encode() in shown[searched:]:
                searched = shown.index(left[0][0].encode(), searched) + len(left[0][0])
                answer = left.pop(0)[1]
                os.write(master, typed(answer(shown.decode(errors="replace")) if callable(answer) else answer))
    finally:
        os.close(master)
        process.wait(timeout)
    return Ran(list(map(str, args)), process.returncode, shown.decode(errors="replace").replace("\r\n", "\n"), "")


# --- The sandbox -------------------------------------------------------------------------------------------------------------

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Sandbox:
    """A sandbox process on a folder."""

    def __init__(self, folder, *flags, start=True):
        self.folder = pathlib.Path(folder)
        self.flags = list(map(str, flags))
        self.process = None
        self.errors = []  # what it wrote to standard error, run by run
        self.facts = {}
        if start:
            self.start()

    def start(self, *more, flags=None):
        args = ["sandbox", "run", "--dir", str(self.folder), *(self.flags if flags is None else map(str, flags)), *map(str, more)]
        self.error_file = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROGRAM, *args], env=environment(self.folder.parent), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.error_file, start_new_session=True, umask=CALLERS_UMASK)
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.stop()
            raise AssertionError("the sandbox did not become ready:\n" + masked("".join(self.errors)))
        self.facts = json.loads(line)
        if pathlib.Path(self.facts["clientSecretFile"]).exists():
            mask(pathlib.Path(self.facts["clientSecretFile"]).read_text().strip())
        return self

    def stop(self, sig=signal.SIGTERM):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "killed: it did not stop"
        self.process.stdout.close()
        self.error_file.seek(0)
        self.errors.append(self.error_file.read().decode(errors="replace"))
        self.error_file.close()
        self.process = None
        return code

    def said(self):
        if self.process is not None:
            self.error_file.seek(0)
            return "".join(self.errors) + self.error_file.read().decode(errors="replace")
        return "".join(self.errors)

    # The admin port

    def http(self, method, path, body=None, headers=None):
        """As anybody may speak to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.facts["adminPort"], timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def driven(self, method, path, content=None):
        headers = {"X-Sandbox-Token": pathlib.Path(self.facts["adminTokenFile"]).read_text(), "Content-Type": "application/json"}
        return self.http(method, path, None if content is None else json.dumps(content), headers)

    def admin(self, method, path, content=None):
        answer = self.driven(method, path, content)
        if answer.status != 200:
            raise AssertionError(f"the sandbox's admin API answered {answer.status} to {method} {path}: {masked(answer.body)}")
        return answer.json()

    def tokens(self):
        return self.admin("GET", "/tokens")["tokens"]

    def active(self):
        return {t["serialNumber"] for t in self.tokens() if t["enabled"]}

    def requests(self, **wanted):
        """The journal's entries; filtered by member, and `part`: a part of the path, letter case ignored."""
        part = wanted.pop("part", "").lower()
        return [r for r in self.admin("GET", "/requests")["requests"]
                if part in r["path"].lower() and all(r.get(k) == v for k, v in wanted.items())]

    def forget_requests(self):
        self.admin("DELETE", "/requests")

    def fault(self, *rules, **rule):
        return self.admin("POST", "/faults", list(rules) + ([rule] if rule else []))["ids"]

    def no_faults(self):
        self.admin("DELETE", "/faults")

    def policy(self, **policy):
        return self.admin("POST", "/policy", policy)

    def clock(self, **change):
        return self.admin("POST", "/clock", change) if change else self.admin("GET", "/clock")

    def now(self):
        return self.clock()["unixMilliseconds"] / 1000

    def go_to(self, second_of_step, step=60):
        """Moves the clock forward so that `second_of_step` seconds of the step have passed; returns the number of 30-second steps."""
        now = self.now()
        self.clock(advanceSeconds=int((second_of_step - now) % step))
        return int(self.now() // 30)

    # The services, spoken to by Python itself

    def https(self, method, host, path, form=None, content=None, bearer=None, headers=None):
        context = ssl.create_default_context(cafile=self.facts["caFile"])
        headers = dict(headers or {})
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if content is not None:
            body = json.dumps(content)
            headers["Content-Type"] = "application/json"
        if bearer:
            headers["Authorization"] = "Bearer " + bearer
        raw = socket.create_connection(("127.0.0.1", self.facts["port"]), 30)
        with context.wrap_socket(raw, server_hostname=host) as tls:
            connection = http.client.HTTPConnection(host)
            connection.sock = tls
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())

    def login(self, endpoint, **form):
        return self.https("POST", "login.microsoftonline.com", f"/{self.facts['tenantId']}/oauth2/v2.0/{endpoint}", form=form)

    def refresh_token_of(self, upn=SERVICE_ACCOUNT):
        """A refresh token as another tool would have got it."""
        self.policy(nextApprover=upn)
        code = self.login("devicecode", client_id=POWERSHELL, scope=PORTAL_RESOURCE + "/.default offline_access openid").json()
        answer = self.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=POWERSHELL,
                            device_code=code["device_code"]).json()
        return mask(answer["refresh_token"])

    def redeem(self, refresh_token):
        return self.login("token", grant_type="refresh_token", client_id=POWERSHELL, refresh_token=refresh_token,
                          scope=PORTAL_RESOURCE + "/.default offline_access")

    def vault(self, method, path, content=None):
        secret = pathlib.Path(self.facts["clientSecretFile"]).read_text().strip()
        token = self.login("token", grant_type="client_credentials", client_id=self.facts["clientId"], client_secret=secret,
                           scope="https://vault.azure.net/.default").json()["access_token"]
        host = urllib.parse.urlsplit(self.facts["vaultUrl"]).hostname
        return self.https(method, host, path + ("&" if "?" in path else "?") + "api-version=7.4", content=content, bearer=token)

    def stored(self):
        """The refresh token in the vault; None if there is none."""
        answer = self.vault("GET", "/secrets/RefreshToken")
        return mask(answer.json()["value"]) if answer.status == 200 else None

    def versions(self):
        answer = self.vault("GET", "/secrets/RefreshToken/versions")
        return [item["id"].rsplit("/", 1)[1] for item in answer.json()["value"]] if answer.status == 200 else []


# --- Seeds -------------------------------------------------------------------------------------------------------------------

def totp(base32, step_number, digits=6, hash_name="sha1"):
    """RFC 6238."""
    key = base64.b32decode(base32 + "=" * (-len(base32) % 8))
    digest = hmac.new(key, struct.pack(">Q", step_number), hash_name).digest()
    at = digest[-1] & 15
    return str((struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF) % 10 ** digits).zfill(digits)


def new_key(dice):
    return base64.b32encode(dice.randbytes(20)).decode()


def seed_rows(count, seed=1, interval=30, prefix="70", fits=lambda key: True):
    """`count` good rows; `fits` chooses keys."""
    dice = random.Random(f"portalkey seeds {seed}")
    rows = []
    while len(rows) < count:
        key = new_key(dice)
        if fits(key):
            n = len(rows) + 1
            rows.append({"upn": f"user.{seed}.{n}@contoso.com", "serial number": f"{prefix}{seed:02d}{n:05d}", "secret key": mask(key),
                         "time interval": str(interval), "manufacturer": "Contoso", "model": "C100"})
    return rows


def write_seeds(path, rows):
    text = io.StringIO()
    names = ["upn", "serial number", "secret key", "time interval", "manufacturer", "model"]
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    pathlib.Path(path).write_text(text.getvalue())
    return pathlib.Path(path)


def serials(rows):
    return {row["serial number"] for row in rows}


# --- The test case -----------------------------------------------------------------------------------------------------------

class EndToEnd(unittest.TestCase):
    maxDiff = None
    SANDBOX = ("--auto-approve", "--upload-delay", "0")  # flags; None: the test starts its own
    SIGNED_IN = False  # put a session into the vault first

    def run(self, result=None):
        bad = lambda: len(result.failures) + len(result.errors) if result is not None else 0
        before, began = bad(), time.monotonic()
        super().run(result)
        if os.environ.get("PORTALKEY_TEST_TIMES"):
            print(f"[{time.monotonic() - began:.1f} s {self.id()}]", file=sys.stderr)
        if bad() != before:
            print(f"\n===== {self.id()}: what was run =====\n" + "".join(self.transcript), file=sys.stderr)
            for sandbox in self.sandboxes:
                if sandbox.said():
                    print("----- the sandbox said -----\n" + masked(sandbox.said()), file=sys.stderr)

    def setUp(self):
        self.transcript, self.sandboxes = [], []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portalkey-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.sandbox = None
        if self.SANDBOX is not None:
            self.sandbox = self.new_sandbox(*self.SANDBOX)
            if self.SIGNED_IN:
                self.sign_in()

    def new_sandbox(self, *flags, name="sandbox"):
        sandbox = Sandbox(self.folder / name, *flags, start=False)
        self.sandboxes.append(sandbox)
        self.addCleanup(sandbox.stop)
        return sandbox.start()

    def note(self, ran):
        self.transcript.append(str(ran))
        if len(self.transcript) > 60:
            self.transcript = ["(earlier ones left out)\n"] + self.transcript[-50:]
        return ran

    def bare(self, *args, env=None, stdin=None, timeout=60):
        """Runs the program as it is."""
        return self.note(run(*args, home=self.home, env=env, stdin=stdin, timeout=timeout))

    def pk(self, *args, env=None, stdin=None, timeout=60):
        """Runs the program on the test's sandbox."""
        return self.bare("--sandbox", self.sandbox.folder, *args, env=env, stdin=stdin, timeout=timeout)

    def on_terminal(self, *args, **more):
        return self.note(run_on_terminal("--sandbox", self.sandbox.folder, *args, home=self.home, **more))

    def expect(self, code, ran, *words, absent=()):
        """The exit code, and words in what it said (in either stream, letter case ignored). `portalkey COMMAND` is found also where the
        hint repeats the options of the run."""
        if ran.code != code:
            self.fail(f"expected exit code {code}:\n{ran}")
        text = ran.text.lower() + _REPEATED_OPTIONS.sub("portalkey ", ran.text.lower())
        for word in words:
            if word.lower() not in text:
                self.fail(f"expected to read {masked(str(word))!r}:\n{ran}")
        for word in absent:
            if word.lower() in text:
                self.fail(f"did not expect to read {masked(str(word))!r}:\n{ran}")
        return ran

    def expect_error(self, code, ran, *words):
        """An error says what, and what to do about it."""
        return self.expect(code, ran, "error: ", "what to do: ", *words)

    def sign_in(self, upn=SERVICE_ACCOUNT, *args):
        file = self.folder / "given-refresh-token"
        file.write_text(self.sandbox.refresh_token_of(upn))
        ran = self.pk("login", "--refresh-token-file", file, *args)
        file.unlink()
        return self.expect(DONE, ran)

    def grant_graph_rights(self, *more):
        """The admin gives the app registration what docs/backends.md names, and `more`."""
        self.sandbox.policy(nextApprover=ADMIN_ACCOUNT)
        code = self.sandbox.login("devicecode", client_id=AZURE_CLI, scope=f"https://{GRAPH_HOST}/.default").json()
        token = mask(self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=AZURE_CLI,
                                        device_code=code["device_code"]).json()["access_token"])
        call = lambda method, path, content=None: self.sandbox.https(method, GRAPH_HOST, "/v1.0" + path, content=content, bearer=token)
        own, graph = (call("GET", f"/servicePrincipals(appId='{app}')").json() for app in (self.sandbox.facts["clientId"], GRAPH_APP))
        for role in (one for one in graph["appRoles"] if one["value"] in [*GRAPH_RIGHTS, *more]):
            answer = call("POST", f"/servicePrincipals/{own['id']}/appRoleAssignments",
                          {"principalId": own["id"], "resourceId": graph["id"], "appRoleId": role["id"]})
            self.assertEqual(201, answer.status, masked(answer.body))

    def profile(self, text="", vault="", limits="", credential="", name="test", **settings):
        """Writes a config file with one profile on the test's sandbox; returns what to put before a command."""
        lines = [f"[profile.{name}]", f'sandbox = "{self.sandbox.folder}"']
        lines += [f"{k} = {json.dumps(v)}" for k, v in settings.items()]
        lines += [text]
        if vault:
            lines += [f"[profile.{name}.vault]", vault]
        if credential:
            lines += [f"[profile.{name}.credential]", credential]
        if limits:
            lines += [f"[profile.{name}.limits]", limits]
        file = self.folder / f"{name}.toml"
        file.write_text("\n".join(lines) + "\n")
        return ["--config", str(file), "--profile", name]

    def session_works(self, *before, why="", env=None):
        """A refresh, the portal API, and the token that is stored now can be redeemed."""
        with self.subTest("the session works" + (f" after {why}" if why else "")):
            use = (lambda *a: self.bare(*before, *a, env=env)) if before else (lambda *a: self.pk(*a, env=env))
            self.expect(DONE, use("session", "refresh"))
            self.expect(DONE, use("skus"), "contoso:")

    def state_files(self, folder=None):
        """What lies in the client's state folders."""
        folder = folder or self.sandbox.folder / "client"
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())

    def seeds(self, count, name="tokens.csv", **more):
        rows = seed_rows(count, **more)
        return write_seeds(self.folder / name, rows), rows


def main():
    unittest.main(verbosity=2)
