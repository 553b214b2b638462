"""The commands of docs/service.md and docs/audit.md, as they stand, on a service that runs."""
import json
import pathlib
import subprocess

import harness
from harness import ROOT
from test_docs import commands
from test_service import ServiceTest


class ServiceDocs(ServiceTest):
    def shell(self, command):
        ran = subprocess.run(["bash", "-c", command], cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=120)
        self.assertEqual(ran.returncode, 0, f"$ {command}\n{harness.masked(ran.stdout + ran.stderr)}")
        return ran.stdout

    def setUp(self):
        super().setUp()
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "portalkey").symlink_to(harness.PROGRAM)
        journal = programs / "journalctl"  # what systemd would have kept
        journal.write_text(f"#!/bin/sh\ncat {self.service.errors.name}\n")
        journal.chmod(0o755)
        self.environment = harness.environment(self.home, {"PATH": f"{programs}:/usr/bin:/bin", "KEY": self.service.key,
                                                           "CERTIFICATE": self.service.certificate})
        file, self.rows = self.seeds(2)
        file.rename(self.home / "seeds.csv")

    def test_the_service(self):
        ran = 0
        for command in commands((ROOT / "docs" / "service.md").read_text()):
            if command.endswith(" serve"):
                continue  # it runs already
            self.shell(command.replace("portalkey-sandbox", str(self.sandbox.folder)).replace(":8443", f":{self.service.port}"))
            ran += 1
        self.assertGreaterEqual(ran, 8)
        self.assertEqual(self.sandbox.active(), harness.serials(self.rows))

    def test_the_audit_trail(self):
        self.service.job(self.call("POST", "/v1/tenants/default/tokens", self.row(self.rows[0])))
        self.service.stop()  # its last checkpoint goes out
        checkpoint = next(line for line in self.service.said.splitlines() if "audit checkpoint" in line)
        log = self.folder / "log"
        log.write_text(self.service.said)
        (self.folder / "bin" / "journalctl").write_text(f"#!/bin/sh\ncat {log}\n")
        text = checkpoint.replace('\\"', '"')
        key = text[text.index('"key":"') + 7:].split('"', 1)[0]
        sandbox = f"portalkey --sandbox {self.sandbox.folder} audit"
        self.shell(f"{sandbox} export trail.jsonl")
        ran = 0
        for command in commands((ROOT / "docs" / "audit.md").read_text()):
            command = command.replace("--state DIR", f"--state {self.service.state}").replace("FILE", str(log)).replace("PUBLIC_KEY", key)
            self.shell(command)
            ran += 1
        self.assertGreaterEqual(ran, 4)


if __name__ == "__main__":
    harness.main()
