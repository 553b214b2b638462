"""What a worker has: a sandbox, an evil server in front of it, and a folder for each run of the program."""
import dataclasses
import functools
import json
import os
import pathlib
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # noqa: E402
from evil_server import Authority, EvilServer  # noqa: E402

VICTIM, STRANGER = "victim@contoso.com", "helpdesk@contoso.com"
SANDBOX = ("--auto-approve", "--upload-delay", "0", "--activation-limit", "0", "--arm-polls", "0", "--seed", "16")
ADDRESS_SPACE = 3 << 30
CLIENT = harness.PROGRAM  # what is attacked; the sandbox is always harness.PROGRAM


@dataclasses.dataclass
class Ran:
    args: list
    code: object  # None: it had to be killed
    out: bytes
    err: bytes
    seconds: float
    kilobytes: int
    interrupted: bool = False  # it did not end in time, and was asked to

    def __str__(self):
        text = (self.out + self.err).decode(errors="backslashreplace")
        if len(text) > 3000:
            text = text[:1500] + f"\n[... {len(text) - 3000} characters ...]\n" + text[-1500:]
        shown = "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in harness.masked(text))
        return f"$ portalkey {' '.join(self.args)}\n{shown}\n[exit {self.code}, {self.seconds:.1f} s, {self.kilobytes // 1024} MB]"


def run(args, home, env=None, patience=30.0):
    """Runs it with bounds. After `patience` seconds it is interrupted, five later killed."""
    args = list(map(str, args))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen([CLIENT, *args], env=harness.environment(home, env), cwd=home, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=err, start_new_session=True)
        if not sanitized():
            resource.prlimit(process.pid, resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        pidfd = os.pidfd_open(process.pid)
        interrupted = killed = False
        try:
            if not select.select([pidfd], [], [], patience)[0]:
                interrupted = True
                process.send_signal(signal.SIGTERM)
                if not select.select([pidfd], [], [], 8)[0]:
                    killed = True
                    process.kill()
        finally:
            os.close(pidfd)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        return Ran(args, None if killed else process.returncode, out.read(50 << 20), err.read(50 << 20), time.monotonic() - began, usage.ru_maxrss,
                   interrupted)


@functools.cache
def sanitized():
    return b"__asan_init" in pathlib.Path(CLIENT).read_bytes()


class Setting(harness.EndToEnd):
    """Makes the folder that every worker's sandbox begins with. A test case only for the harness's sake."""
    SANDBOX, SIGNED_IN = SANDBOX, False

    def runTest(self):
        self.sandbox.policy(graphThrottling=False)
        self.sign_in()
        self.grant_graph_rights()
        for _ in range(12):  # so that the vault's older versions are disabled in each run
            self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": self.sandbox.stored()})
        self.expect(harness.DONE, self.pk("session", "refresh"))
        for n in range(60):  # so that there is a second page
            self.sandbox.admin("POST", "/tokens", {"upn": f"bystander{n}@contoso.com", "serialNumber": f"B{n:04d}", "timeInterval": 30,
                                                   "secretKey": "JBSWY3DPEHPK3PXP" * 2})
        victims = {}
        for n, backend in enumerate(("portal", "graph")):
            self.sandbox.admin("POST", "/tokens", {"upn": VICTIM, "serialNumber": f"VICTIM{n}", "secretKey": harness.mask("JBSWY3DPEHPK3PXP" * 2),
                                                   "timeInterval": 30, "backend": backend})
        for token in self.sandbox.tokens():
            victims[token["backend"]] = token
        client = harness.POWERSHELL
        self.sandbox.policy(nextApprover=STRANGER)
        code = self.sandbox.login("devicecode", client_id=client, scope=harness.PORTAL_RESOURCE + "/.default offline_access openid").json()
        tokens = self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=client,
                                    device_code=code["device_code"]).json()
        others = {"upn": VICTIM, "userPrincipalName": VICTIM, "mail": VICTIM, "serialNumber": victims["portal"]["serialNumber"],
                  "id": victims["graph"]["oathId"], "oathId": victims["portal"]["oathId"], "objectId": "33333333-3333-3333-3333-333333333333",
                  "tokens": {name: harness.mask(tokens[name]) for name in ("access_token", "refresh_token")}}
        self.sandbox.stop()
        target = pathlib.Path(self.target)
        shutil.copytree(self.sandbox.folder, target)
        (target / "others.json").write_text(json.dumps(others))


def make_pristine(folder):
    import unittest
    case, result = Setting(), unittest.TestResult()
    case.target = str(folder)
    case.run(result)
    if result.failures or result.errors:
        raise RuntimeError("no sandbox to attack: " + "".join(text for _, text in result.failures + result.errors))


class World:
    def __init__(self, folder, pristine, number):
        self.folder, self.pristine, self.number = pathlib.Path(folder), pathlib.Path(pristine), number
        self.folder.mkdir(parents=True)
        self.sandbox, self.evil, self.runs, self.count = None, None, 0, 0
        self.others = json.loads((self.pristine / "others.json").read_text())
        self.authority = Authority(self.folder / "authority")
        self.begin_anew()

    def begin_anew(self):
        """A sandbox as it was at first."""
        if self.sandbox is not None:
            self.sandbox.stop()
            shutil.rmtree(self.sandbox.folder, True)
        self.count += 1
        place = self.folder / f"sandbox{self.count}"
        shutil.copytree(self.pristine, place)
        (place / "sandbox.json").unlink(missing_ok=True)
        self.sandbox = harness.Sandbox(place, *SANDBOX)
        if self.evil is None:
            self.evil = EvilServer(self.authority, self.sandbox.facts)
        self.evil.stand_before(self.sandbox.facts)
        self.evil.others = self.others
        self.note_active()
        self.used = 0

    def note_active(self):
        """Those that are active now are no news."""
        self.active = {self.key(token) for token in self.sandbox.tokens() if token["enabled"]}

    @staticmethod
    def key(token):
        return token["serialNumber"], token["upn"].lower(), token["backend"]

    def close(self):
        if self.sandbox is not None:
            self.sandbox.stop()

    def place(self):
        """A folder for one run: seeds, a profile, a state folder."""
        self.runs += 1
        self.used += 1
        if self.used > 80:
            self.begin_anew()
        self.note_active()
        return Place(self, self.number * 100_000 + self.runs)


class Place:
    def __init__(self, world, n):
        self.world, self.n, self.sandbox = world, n, world.sandbox
        self.folder = world.folder / f"run{n}"
        self.canaries = []
        self.home, self.given, self.wire, self.state = (self.folder / name for name in ("home", "given", "wire", "home/state"))
        for folder in (self.folder, self.home, self.given, self.wire):
            folder.mkdir()
        config = self.folder / "config.toml"
        config.write_text("\n".join(["[profile.test]", f'sandbox = "{self.wire}"', f'service_account = "{harness.SERVICE_ACCOUNT}"',
                                     f'state_dir = "{self.state}"', "upload_timeout_seconds = 3", "[profile.test.limits]", "activations = 0"]) + "\n")
        self.profile = ["--config", config, "--profile", "test"]
        self.setup_profile = ["--sandbox", self.wire, "--credential", "device_code", "setup"]
        dice = harness.random.Random(f"attack {n}")
        self.rows = [{"upn": f"user.{n}.{i}@contoso.com", "serial number": f"S{n:09d}{i}", "secret key": harness.mask(harness.new_key(dice)),
                      "time interval": "30", "manufacturer": "Contoso", "model": "C100"} for i in range(2)]
        self.file = harness.write_seeds(self.given / "tokens.csv", self.rows)
        self.serials = [row["serial number"] for row in self.rows]

    def lead_to(self, **facts):
        (self.wire / "sandbox.json").write_text(json.dumps(self.sandbox.facts | facts))

    def run(self, args, env=None, patience=30.0):
        """Through the evil server."""
        evil = self.world.evil
        self.lead_to(port=evil.port, adminPort=evil.plain_port, caFile=str(evil.authority.file))
        return run(args, self.home, env, patience)

    def lead_directly(self):
        self.lead_to()

    def run_directly(self, args, env=None):
        self.lead_directly()
        return run(args, self.home, env, patience=60)

    def put(self, backend, enabled=False, rows=None, assigned=True):
        for row in rows or self.rows:
            token = {"serialNumber": row["serial number"], "secretKey": row["secret key"], "timeInterval": 30, "backend": backend}
            self.sandbox.admin("POST", "/tokens", token | ({"upn": row["upn"], "enabled": enabled} if assigned else {}))

    def list(self):
        """A file of serial numbers and who has them."""
        file = self.given / "list.csv"
        file.write_text("serial number,upn\n" + "".join(f"{row['serial number']},{row['upn']}\n" for row in self.rows))
        return file

    def secrets(self):
        """By text, with what they are."""
        out = {row["secret key"]: "secretKey" for row in self.rows}
        out[pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()] = "client_secret"
        return out | dict.fromkeys(self.world.others["tokens"].values(), "token of somebody else")

    def clear(self):
        shutil.rmtree(self.folder, True)
