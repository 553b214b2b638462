"""Every command shown in README.md and docs/ is run here, as a reader would run it, on a sandbox in the tenant's place."""
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import time
import unittest

import harness
from harness import PROGRAM, ROOT, EndToEnd

PLACEHOLDER_CLIENT = "00000000-0000-0000-0000-000000000000"
WHOLE_SCRIPTS = {"./demo.sh", "./test.sh"}  # what runs this test, and what test_the_demonstration runs after the build


def blocks(document, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)


def commands(document):
    """The commands of all shell blocks, in order."""
    return [line for block in blocks(document, "sh") for line in block.splitlines() if line.strip()]


class Docs(EndToEnd):
    SANDBOX = (*EndToEnd.SANDBOX, "--portal-activation-window", "wide")  # as Entra is documented, for drift.md

    def setUp(self):
        super().setUp()
        seeds, rows = self.seeds(3)
        seeds.rename(self.home / "seeds.csv")
        shutil.copy(harness.SEEDS / "pskc" / "multiotp-totp-passphrase.xml", self.home / "vendor.xml")
        (self.home / "passphrase.txt").write_text("qwerty\n")
        (self.home / "who.csv").write_text("serial number,upn\nZZ1000000002,helga@contoso.com\n")
        step = int(self.sandbox.now() // 30)
        shown = ",".join(harness.totp(rows[2]["secret key"], step + later) for later in (-240, -239))  # two hours behind
        read_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(step * 30))
        (self.home / "clocks.csv").write_text(f"serial number,code,next code,read at\n{rows[2]['serial number']},{shown},{read_at}\n")
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "portalkey").symlink_to(PROGRAM)
        self.environment = harness.environment(self.home, {"PATH": f"{programs}:/usr/bin:/bin", "BROWSER": harness.browser(self.folder)})

    def shell(self, command, **env):
        ran = subprocess.run(["bash", "-c", command], cwd=self.home, env={**self.environment, **env}, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, f"$ {command}\n{harness.masked(ran.stdout + ran.stderr)}")
        return ran.stdout

    def write_readmes_profile(self, readme):
        """The README's profile, with this sandbox's application in place of the placeholder."""
        (toml,) = blocks(readme, "toml")
        self.assertIn(PLACEHOLDER_CLIENT, toml)
        folder = self.home / ".config" / "portalkey"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(toml.replace(PLACEHOLDER_CLIENT, self.sandbox.facts["clientId"]))
        (folder / "client-secret").write_bytes(pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_bytes())
        (folder / "client-secret").chmod(0o600)

    def test_readme(self):
        readme = (ROOT / "README.md").read_text()
        self.write_readmes_profile(readme)
        ran = 0
        for command in commands(readme):
            if command in WHOLE_SCRIPTS:
                self.assertTrue(os.access(ROOT / command, os.X_OK), command)
                continue
            command = command.replace("/tmp/sandbox", str(self.sandbox.folder))
            if command.startswith("portalkey sandbox run"):
                self.run_and_stop_sandbox(command)
                continue
            if command.startswith("portalkey --sandbox"):
                self.shell(command)
            else:  # the quick start against a tenant: only the wire goes elsewhere
                self.shell(command, PORTALKEY_SANDBOX=str(self.sandbox.folder), PORTALKEY_PROFILE="default")
            ran += 1
        self.assertGreaterEqual(ran, 10, "the README's shell blocks were not found")
        self.assertEqual(len(self.sandbox.active()), 3)

    def run_and_stop_sandbox(self, command):
        """On the same folder: it takes the place of the test's own."""
        self.sandbox.stop()
        process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.home, env=self.environment, stdout=subprocess.PIPE)
        try:
            ready, _, _ = select.select([process.stdout], [], [], 60)
            self.assertTrue(ready, f"no ready line from: {command}")
            self.assertIn("port", json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            self.assertEqual(process.wait(30), 0, f"{command} did not end cleanly on SIGTERM")
            process.stdout.close()
        self.sandbox.start()

    def test_other_documents(self):
        self.grant_graph_rights()  # which backends.md asks for
        for path in sorted((ROOT / "docs").glob("*.md")):
            if path.name == "command-line.md":
                self.sign_in()
            if path.name in ("daily-work.md", "service.md", "audit.md"):
                continue  # a day needs people and their tokens: below; a service: test_service_docs.py
            for command in commands(path.read_text()):
                with self.subTest(document=path.name, command=command):
                    if command.startswith("portalkey sandbox run"):
                        continue  # the sandbox that runs already
                    for placeholder, fact in (("ADMINPORT", "adminPort"), ("PORT", "port")):
                        command = command.replace(placeholder, str(self.sandbox.facts[fact]))
                    if path.name in ("backends.md", "command-line.md"):
                        self.shell(command, PORTALKEY_SANDBOX=str(self.sandbox.folder))
                        continue
                    if path.name == "setup.md":  # only the wire goes elsewhere, and the sandbox approves in a person's place
                        command = command.replace("portalkey setup", "portalkey --credential device_code setup")
                        self.shell(command, PORTALKEY_SANDBOX=str(self.sandbox.folder))
                        continue
                    self.shell(command.replace("portalkey-sandbox", str(self.sandbox.folder)))

    def test_a_day(self):
        self.grant_graph_rights("GroupMember.Read.All")
        self.sign_in()
        people = (("7001001", "helga", "seeds.csv", "portal"), ("7001002", "zoe", "zoe.csv", "portal"), ("7001003", "hugo", "hugo.csv", "graph"),
                  ("7001004", "max", "trial.csv", "portal"))  # the last one is taken back
        for row, (serial, name, file, backend) in zip(harness.seed_rows(len(people)), people):
            row.update({"serial number": serial, "upn": name + "@contoso.com"})
            harness.write_seeds(self.home / file, [row])
            self.expect(harness.DONE, self.pk("--backend", backend, "tokens", "import", self.home / file))
        self.sandbox.admin("POST", "/groups", {"displayName": "Field staff", "members": ["helga@contoso.com", "max@contoso.com"]})
        (self.home / "people.csv").write_text("upn\nhelga@contoso.com\nmax@contoso.com\n")
        (self.home / "leavers.csv").write_text("upn\nzoe@contoso.com\n")
        for command in commands((ROOT / "docs" / "daily-work.md").read_text()):
            with self.subTest(command=command):
                self.shell(command, PORTALKEY_SANDBOX=str(self.sandbox.folder))
        self.assertEqual({"7001001": "graph", "7001003": "graph"}, {t["serialNumber"]: t["backend"] for t in self.sandbox.tokens()})

    def test_every_command_and_option_named_in_the_documents_exists(self):
        helps = {}
        for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
            for words in re.findall(r"`portalkey ((?:[a-z-]+ ?)+)", path.read_text()):
                verbs = tuple(words.split())
                if verbs not in helps:
                    helps[verbs] = self.bare(*verbs, "--help")
                self.expect(harness.DONE, helps[verbs])

    def test_the_demonstration(self):
        if PROGRAM != str(ROOT / "build" / "portalkey"):
            self.skipTest("the demonstration runs build/portalkey")
        out = self.shell(str(ROOT / "docs" / "demo" / "run.sh"))
        self.assertIn("159 tokens: 150 active, 8 rejected, 1 failed", out)
        self.assertIn("159 tokens: 150 already active, 8 rejected, 1 failed", out)


if __name__ == "__main__":
    harness.main()
