"""`sandbox run` on a terminal: what it tells a visitor to type works as it stands, from any folder, with any folder's name."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import time

import harness
from harness import DONE, PROGRAM, EndToEnd, masked, mask


class Visitor(EndToEnd):
    SANDBOX = None

    def on_a_terminal(self, folder, *flags):
        """Starts it as a person does; returns what the terminal shows once the commands stand there."""
        master, slave = pty.openpty()
        process = subprocess.Popen([PROGRAM, "sandbox", "run", "--dir", str(folder), *flags], env=harness.environment(self.home),
                cwd=self.home,
                                   stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)

        def stop():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            code = process.wait(30)
            os.close(master)
            return code

        shown, end = b"", time.monotonic() + 60
        while not re.search(rb"tokens list\r\n\r\n.*\n|setup apply .*\n", shown, re.DOTALL):
            ready, _, _ = select.select([master], [], [], max(0, end - time.monotonic()))
            if not ready:
                stop()
                self.fail("it does not say what to type:\n" + masked(shown.decode(errors="replace")))
            shown += os.read(master, 65536)
        while select.select([master], [], [], 0.3)[0]:
            shown += os.read(master, 65536)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return shown.decode().replace("\r\n", "\n"), stop

    def test_without_the_sandboxs_program(self):
        alone = self.folder / "alone"
        alone.mkdir()
        shutil.copy(PROGRAM, alone / "portalkey")
        ran = subprocess.run([alone / "portalkey", "-v", "sandbox", "run"], env=harness.environment(self.home), cwd=self.home,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.assertEqual((harness.FAILED, ""), (ran.returncode, ran.stdout))
        self.assertIn("a program of its own, which could not be started: No such file or directory", ran.stderr)
        self.assertIn(f"file: {alone / 'portalkey-sandbox'}", ran.stderr)

    def typed_elsewhere(self, text):
        """Each command that is shown, in a shell, in another folder; returns what they printed."""
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        if not (programs / "portalkey").exists():
            (programs / "portalkey").symlink_to(PROGRAM)
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        commands = [line.strip() for line in text.splitlines() if line.startswith("  portalkey ")]
        out = []
        for command in commands:
            ran = subprocess.run(["bash", "-c", command], cwd=elsewhere, env=harness.environment(self.home,
                    {"PATH": f"{programs}:/usr/bin:/bin", "BROWSER": harness.browser(self.folder)}),
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
            self.assertEqual(0, ran.returncode, f"$ {command}\n{masked(ran.stdout + ran.stderr)}")
            out.append(ran.stdout)
        return commands, out

    def test_what_it_says_can_be_typed(self):
        folder = self.folder / "it's a sandbox; $HOME"
        shown, stop = self.on_a_terminal(folder, "--auto-approve", "--grant-graph", "--upload-delay", "0")
        commands, out = self.typed_elsewhere(shown)
        self.assertEqual(5, len(commands), shown)
        self.assertIn("6 tokens: 6 active", out[1])
        self.assertEqual(6, out[2].count("@contoso.com"), "the portal's tokens have no users")
        self.assertIn("6 tokens", out[3])
        self.assertEqual(0, stop())
        for name in ("seeds.csv", "people.csv", "config.toml"):
            self.assertEqual(0o600, stat.S_IMODE((folder / name).stat().st_mode), name)

    def test_what_is_there_stays(self):
        folder = self.folder / "sandbox"
        sandbox = self.new_sandbox(*("--auto-approve", "--upload-delay", "0"))
        before = {name: (folder / name).read_text() for name in ("seeds.csv", "people.csv", "config.toml")}
        (folder / "config.toml").write_text("# mine\n")
        (folder / "people.csv").unlink()
        sandbox.stop()
        sandbox.start()
        self.assertEqual("# mine\n", (folder / "config.toml").read_text())
        self.assertEqual(before["seeds.csv"], (folder / "seeds.csv").read_text())
        self.assertFalse((folder / "people.csv").exists(), "it belongs to seeds of another run")

    def test_elsewhere_it_is_one_line_for_programs(self):
        sandbox = self.new_sandbox("--auto-approve")
        line = json.loads(json.dumps(sandbox.facts))
        self.assertIn("port", line)
        self.assertEqual([], select.select([sandbox.process.stdout], [], [], 0.2)[0], "more than one line")

    def test_without_consent_it_says_how_to_get_it(self):
        shown, stop = self.on_a_terminal(self.folder / "s", "--auto-approve", "--upload-delay", "0")
        self.assertIn("--grant-graph", shown)
        self.assertNotIn("--profile graph tokens", shown)
        stop()

    def test_an_empty_subscription_is_set_up_first(self):
        shown, stop = self.on_a_terminal(self.folder / "s p", "--auto-approve", "--empty-subscription", "--arm-polls", "0")
        commands, out = self.typed_elsewhere(shown)
        self.assertEqual(1, len(commands), shown)
        following = re.search(r"^Next: (portalkey .*)$", out[0], re.MULTILINE).group(1)
        commands, _ = self.typed_elsewhere("  " + following + "\n")
        self.assertEqual(1, len(commands))
        stop()

    def test_only_listed_people_where_no_others_exist(self):
        sandbox = self.new_sandbox("--auto-approve", "--strict-users", "--upload-delay", "0")
        before = ["--config", sandbox.folder / "config.toml"]
        self.expect(DONE, self.bare(*before, "login", "--device-code"))
        self.expect(DONE, self.bare(*before, "tokens", "import", sandbox.folder / "seeds.csv", "--assign",
                sandbox.folder / "people.csv"), "3 active")


class Consent(EndToEnd):
    SANDBOX = ("--auto-approve", "--grant-graph")

    def test_graph_works_at_once_and_after_a_restart(self):
        for again in (False, True):
            with self.subTest(again=again):
                self.expect(DONE, self.pk("--backend", "graph", "doctor"), " 0 warnings, 0 failures")
                seeds, _ = self.seeds(2, seed=2 if again else 1)
                self.expect(DONE, self.pk("--backend", "graph", "tokens", "import", seeds), "2 active")
                self.sandbox.stop()
                self.sandbox.start(flags=("--auto-approve", "--grant-graph") if again else ("--auto-approve",
                        ))  # it was granted, for good

    def test_without_it_graph_refuses(self):
        other = self.new_sandbox("--auto-approve", name="other")
        self.expect(harness.FAILED, self.bare("--sandbox", other.folder, "--backend", "graph", "tokens", "list"),
                "UserAuthenticationMethod.ReadWrite.All")


if __name__ == "__main__":
    harness.main()
