"""Imports are jobs of a journal: killed anywhere they can be resumed, and what they leave tells nothing."""
import base64
import json
import os
import shlex
import signal
import sqlite3
import subprocess
import unittest

import harness
from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd


class Jobs(EndToEnd):
    SIGNED_IN = True

    def jobs(self):
        return self.expect(DONE, self.pk("jobs", "list", "-o", "json")).json()

    def folder_of_jobs(self):
        (found,) = self.folder.rglob("jobs.db")
        return found.parent

    def assert_no_keys_in_the_journal(self, rows):
        for path in self.folder_of_jobs().iterdir():
            self.assertEqual(0, path.stat().st_mode & 0o077, f"{path.name} is readable for others")
            text = path.read_bytes()
            for row in rows:
                key = row["secret key"]
                raw = base64.b32decode(key + "=" * (-len(key) % 8))
                for form in (key.encode(), key.lower().encode(), raw, raw.hex().encode(), raw.hex().upper().encode()):
                    self.assertNotIn(form, text, f"a secret key is in {path.name}")

    def sealed(self):
        with sqlite3.connect(self.folder_of_jobs() / "jobs.db") as db:
            return db.execute("SELECT count(*) FROM token WHERE seed IS NOT NULL").fetchone()[0]

    def test_a_job_from_beginning_to_end(self):
        file, rows = self.seeds(5)
        file.write_text(file.read_text() + "bad.row@contoso.com,B1,not-base32!,30,C,M\n")
        self.expect(PARTLY, self.pk("tokens", "import", file), "5 active", "1 rejected")
        (job,) = self.jobs()
        self.assertEqual(("done", 6, 5), (job["state"], job["tokens"], job["good"]))
        shown = self.expect(DONE, self.pk("jobs", "show", job["id"], "-o", "json")).json()
        self.assertEqual(["active"] * 5 + ["rejected"], [token["state"] for token in shown["tokens"]])
        self.assertEqual(0, self.sealed(), "a secret key was kept")
        self.assert_no_keys_in_the_journal(rows)
        self.expect(PARTLY, self.pk("jobs", "resume", job["id"]), "5 active")
        self.expect_error(FAILED, self.pk("jobs", "cancel", job["id"]), "is done")
        self.expect(DONE, self.pk("jobs", "forget", job["id"]))
        self.assertEqual([], self.jobs())
        self.expect_error(FAILED, self.pk("jobs", "show", job["id"]), "no job", "jobs list")

    def test_what_failed_can_be_resumed_without_the_file(self):
        file, rows = self.seeds(4)
        self.sandbox.fault(host="portal", path="enable", kind="503")
        self.expect(FAILED, self.pk("tokens", "import", file), "jobs resume")
        (job,) = self.jobs()
        self.assertEqual("finished with failures", job["state"])
        self.assertEqual(4, self.sealed())
        self.assert_no_keys_in_the_journal(rows)
        file.unlink()
        self.sandbox.no_faults()
        self.expect(DONE, self.pk("jobs", "resume", job["id"]), "4 active")
        self.assertEqual({row["serial number"] for row in rows}, set(self.sandbox.active()))
        self.assertEqual(("done", 0), (self.jobs()[0]["state"], self.sealed()))

    def test_cancel_wipes_the_keys(self):
        file, rows = self.seeds(2)
        self.sandbox.fault(host="portal", path="enable", kind="503")
        self.pk("tokens", "import", file)
        (job,) = self.jobs()
        self.expect(DONE, self.pk("jobs", "cancel", job["id"]))
        self.assertEqual(0, self.sealed())
        self.sandbox.no_faults()
        self.expect_error(FAILED, self.pk("jobs", "resume", job["id"]), "was cancelled")

    def test_killed_at_every_write_and_resumed(self):
        file, rows = self.seeds(3)
        killed = 0
        for point in range(1, 200):
            ran = self.pk("tokens", "import", file, env={"PORTALKEY_TEST_CRASH_AT": str(point)})
            if ran.code != -signal.SIGKILL:
                self.expect(DONE, ran)
                break
            killed += 1
            for job in self.jobs():
                if job["state"] != "done":
                    self.assertEqual("interrupted", job["state"])
                    self.expect(DONE, self.pk("jobs", "resume", job["id"], timeout=120))
            if self.jobs():  # it had come as far as the journal
                self.assertEqual({row["serial number"] for row in rows}, set(self.sandbox.active()), f"killed at {point}")
                self.assertEqual(3, len(self.sandbox.tokens()), f"a token was made twice, killed at {point}")
                self.assertEqual(0, self.sealed())
            self.clear()
        self.assertGreaterEqual(killed, 15, "the crash points were not met")
        self.session_works(why=f"{killed} kills")

    def test_a_replacement_killed_at_every_write(self):
        file, rows = self.seeds(2)
        user, old, new = rows[0]["upn"], rows[0]["serial number"], rows[1]["serial number"]
        rows[1]["upn"] = user
        harness.write_seeds(file, rows)
        before = harness.write_seeds(self.folder / "before.csv", rows[:1])
        killed = 0
        for point in range(1, 200):
            self.expect(DONE, self.pk("tokens", "import", before))
            for job in self.jobs():
                self.expect(DONE, self.pk("jobs", "forget", job["id"]))
            ran = self.pk("tokens", "replace", "--yes", file, "--user", user, "--old", old, "--new", new,
                          env={"PORTALKEY_TEST_CRASH_AT": str(point)})
            active = self.sandbox.active()
            self.assertTrue(active & {old, new}, f"killed at {point}: the user has no active token")
            if ran.code != -signal.SIGKILL:
                self.expect(DONE, ran, "1 active", "1 removed")
                break
            killed += 1
            for job in self.jobs():
                if job["state"] != "done":
                    self.expect(DONE, self.pk("jobs", "resume", job["id"], timeout=120))
            if self.jobs():
                self.assertEqual({new}, self.sandbox.active(), f"killed at {point}")
                self.assertEqual(1, len(self.sandbox.tokens()), f"killed at {point}")
                self.assertEqual(0, self.sealed())
            self.clear()
        self.assertGreaterEqual(killed, 8, "the crash points were not met")

    def test_a_disk_that_is_full(self):
        file, rows = self.seeds(300)
        stopped = 0
        for blocks in (40, 150, 250, 330):  # KiB a file may have: some end before the job is there, some amid it
            full = f"trap '' XFSZ; ulimit -f {blocks}; exec " + shlex.join(
                [harness.PROGRAM, "--sandbox", str(self.sandbox.folder), "tokens", "import", str(file), "--until", "uploaded"])
            done = subprocess.run(["bash", "-c", full], env=harness.environment(self.home), cwd=self.home, capture_output=True, timeout=120)
            ran = self.note(harness.Ran([f"(files of {blocks} KiB)"], done.returncode, done.stdout.decode(), done.stderr.decode()))
            if ran.code == DONE:
                break
            stopped += 1
            self.assertRegex(ran.err, "disk is full|could not be written|cannot be written", f"with {blocks} KiB")
            self.assertIn("what to do", ran.err)
        self.assertGreaterEqual(stopped, 2, "the disk was never full")
        for job in self.jobs():
            self.expect(DONE, self.pk("jobs", "resume", job["id"], timeout=120))
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"), "300 ")
        self.assertEqual(300, len(self.sandbox.tokens()), "a token was made twice")
        self.session_works(why="a full disk")

    def clear(self):
        serials = [token["serial"] for token in self.expect(DONE, self.pk("tokens", "list", "-o", "json")).json()]
        if serials:
            self.expect(DONE, self.pk("tokens", "remove", *serials, "--yes"))
        for job in self.jobs():
            self.expect(DONE, self.pk("jobs", "forget", job["id"]))

    def test_interrupted_by_ctrl_c(self):
        self.sandbox.stop()
        self.sandbox.start("--activation-limit", "2/30")
        before = self.profile(limits="activations = 2\nactivation_window_seconds = 30")
        self.sign_in_with(before)
        file, rows = self.seeds(4)
        args = [*before, "tokens", "import", file]
        process = harness.start(args, self.home)
        self.wait_until(lambda: len(self.sandbox.active()) == 2)
        other = self.expect(DONE, self.bare(*before, "jobs", "list", "-o", "json")).json()[0]["id"]
        self.expect_error(FAILED, self.bare(*before, "jobs", "resume", other), "another process runs the job")
        self.expect_error(FAILED, self.bare(*before, "jobs", "forget", other), "another process runs the job")
        process.send_signal(signal.SIGINT)
        ran = harness.finish(process, args)
        self.expect(harness.INTERRUPTED, ran, "jobs resume " + other)
        self.expect(DONE, self.bare(*before, "jobs", "resume", other, timeout=120), "4 active")

    def test_a_running_one_is_cancelled(self):
        self.sandbox.stop()
        self.sandbox.start("--activation-limit", "2/30")
        before = self.profile(limits="activations = 2\nactivation_window_seconds = 30")
        self.sign_in_with(before)
        file, rows = self.seeds(4)
        args = [*before, "tokens", "import", file]
        process = harness.start(args, self.home)
        self.wait_until(lambda: len(self.sandbox.active()) == 2)
        self.expect(DONE, self.bare(*before, "jobs", "cancel", "last"), "asked to stop", "secret keys are wiped")
        self.expect(harness.INTERRUPTED, harness.finish(process, args), "another process asked this job to stop")
        (job,) = self.expect(DONE, self.bare(*before, "jobs", "list", "-o", "json")).json()
        self.assertEqual(("cancelled", 2, 0), (job["state"], job["good"], self.sealed()))
        self.assertEqual(2, len(self.sandbox.active()), "it went on")
        self.expect_error(FAILED, self.bare(*before, "jobs", "resume", job["id"]), "was cancelled")

    def sign_in_with(self, before):
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))

    def wait_until(self, true):
        import time
        end = time.monotonic() + 30
        while not true():
            self.assertLess(time.monotonic(), end, "it never came to that")
            time.sleep(0.05)

    def test_a_journal_that_cannot_be_used(self):
        file, rows = self.seeds(1)
        self.expect(DONE, self.pk("tokens", "import", file))
        path = self.folder_of_jobs() / "jobs.db"
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version=99")
        db.close()
        self.expect_error(FAILED, self.pk("jobs", "list"), "newer portalkey", "99")
        for more in path.parent.glob("jobs.db-*"):
            more.unlink()
        path.write_bytes(b"this is no database" * 300)
        file, rows = self.seeds(1, seed=2)
        self.sandbox.forget_requests()
        self.expect_error(FAILED, self.pk("tokens", "import", file), "damaged", "jobs.db")
        self.assertEqual([], self.sandbox.requests(part="upload"), "something was sent that the journal does not know of")

    def test_another_profiles_job_is_not_resumed(self):
        file, rows = self.seeds(1)
        self.sandbox.fault(host="portal", path="enable", kind="503")
        self.pk("tokens", "import", file)
        (job,) = self.jobs()
        self.expect_error(FAILED, self.pk("--backend", "graph", "jobs", "resume", job["id"]), "backend portal")


if __name__ == "__main__":
    harness.main()
