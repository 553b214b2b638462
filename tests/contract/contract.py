"""What the parts of the contract tests share: a sandbox on port 443 of a namespace, commands, and operations whose results are recorded.

A part runs in a namespace of its own (namespace.sh), where the production names lead to its sandbox. Python's standard library only.
"""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from harness import PROGRAM, Sandbox, mask, masked  # noqa: E402,F401

SYSTEM = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


class Failed(Exception):
    """An operation did not do what it has to; the text says what differed."""


def check(holds, what):
    if not holds:
        raise Failed(what)


def equal(found, wanted, what):
    check(found == wanted, f"{what}: expected {wanted!r}, found {found!r}")


class Ran:
    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise Failed(f"not JSON:\n{self}") from None

    def __str__(self):
        return f"$ {' '.join(self.args)}\n{self.out[-3000:]}{self.err[-3000:]}[exit {self.code}]"


class Part:
    """One part: its folder, its sandbox, its results."""

    def __init__(self, name, results, recording, *flags, approve=True):
        self.name, self.results = name, results
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"portalkey-contract-{name}-"))
        self.home = self.folder / "home"
        self.home.mkdir()
        self.sandbox = Sandbox(self.folder / "sandbox", "--port", "443", *(["--auto-approve"] if approve else []), "--upload-delay", "0", *(["--record", recording] if not os.environ.get("CONTRACT_NO_RECORDING") else []), *flags)
        self.facts = self.sandbox.facts
        self.ca = self.facts["caFile"]
        self.secret_file = pathlib.Path(self.facts["clientSecretFile"])

    def run(self, *args, env=None, stdin=None, timeout=120):
        """A command as an administrator's shell would run it, without a trace of this machine's settings."""
        environment = {**SYSTEM, "HOME": str(self.home), **(env or {})}
        done = subprocess.run(list(map(str, args)), env=environment, cwd=self.folder, input=stdin, timeout=timeout, text=True,
                              stdin=subprocess.DEVNULL if stdin is None else None, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return Ran(list(map(str, args)), done.returncode, done.stdout, done.stderr)

    def record(self, **line):
        if "detail" in line:
            line["detail"] = masked(line["detail"])
        with open(self.results, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    @contextlib.contextmanager
    def operation(self, client, version, name):
        """What is done in the block is one operation; a failure is recorded and does not end the others."""
        line = {"client": client, "version": version, "operation": name, "result": "ok"}
        try:
            yield
        except (Failed, subprocess.TimeoutExpired) as failure:
            line.update(result="failed", detail=str(failure))
        except Exception:  # a test that is wrong must be seen too
            line.update(result="failed", detail=traceback.format_exc())
        self.record(**line)


def main(name, run, *flags, approve=True):
    """`PART.py RESULTS RECORDING`. `approve`: sign-ins need nobody."""
    part = Part(name, sys.argv[1], sys.argv[2], *flags, approve=approve)
    try:
        run(part)
    finally:
        part.sandbox.stop()
        if part.sandbox.said():
            print(f"----- {name}: the sandbox said -----\n{masked(part.sandbox.said())}", file=sys.stderr)
        subprocess.run(["rm", "-rf", str(part.folder)], check=False)
