"""Somebody edits the journal of an unfinished job: it is refused by name, and nothing of it is sent."""
import shutil
import signal
import sqlite3
import threading

import harness
from harness import DONE, FAILED, EndToEnd

VICTIM = "ceo@contoso.com"


class JournalBound(EndToEnd):
    SIGNED_IN = True

    def folder_of_jobs(self):
        (found,) = self.sandbox.folder.rglob("jobs.db")
        return found.parent

    def edit(self, *statements):
        """Runs each on the journal, whose key is not known."""
        db = sqlite3.connect(self.folder_of_jobs() / "jobs.db")
        changed = 0
        for statement in statements:
            changed += db.execute(statement).rowcount
        db.commit()
        db.close()
        return changed

    def open_job(self):
        (job,) = [job for job in self.expect(DONE, self.pk("jobs", "list", "-o", "json")).json() if job["state"] in ("interrupted", "finished with failures", "planned")]
        return job["id"]

    def interrupted_import(self, count=3):
        """An import that was killed behind its first write of the journal."""
        file, rows = self.seeds(count)
        for point in range(1, 60):
            ran = self.pk("tokens", "import", file, env={"PORTALKEY_TEST_CRASH_AT": str(point)})
            self.assertEqual(-signal.SIGKILL, ran.code)
            if self.pk("jobs", "list", "-o", "json").json():
                break
        file.unlink()
        return self.open_job(), rows

    def refused(self, edits, *words, job, command=("jobs", "resume")):
        """Edits a copy, sees the job refused and nothing sent, and puts the journal back."""
        folder, kept = self.folder_of_jobs(), self.folder / "kept"
        shutil.copytree(folder, kept)
        self.assertGreater(self.edit(*edits), 0, f"{edits} changed nothing")
        self.sandbox.forget_requests()
        before = self.sandbox.tokens()
        self.expect_error(FAILED, self.pk(*command, job), job, "not as portalkey wrote it", *words)
        self.assertEqual([], self.sandbox.requests(host=harness.PORTAL_HOST), "something was sent to the tenant")
        self.assertEqual(before, self.sandbox.tokens())
        self.expect_error(FAILED, self.pk("jobs", "show", job), job, "not as portalkey wrote it", *words)
        shutil.rmtree(folder)
        kept.rename(folder)

    def test_the_user_of_an_interrupted_import(self):
        self.sandbox.admin("POST", "/users", {"upn": VICTIM})
        job, rows = self.interrupted_import()
        serial = rows[1]["serial number"]
        self.refused([f"UPDATE token SET upn = '{VICTIM}' WHERE serial = '{serial}'"], "row 2", serial, job=job)
        self.expect(DONE, self.pk("jobs", "show", job))
        self.expect(DONE, self.pk("jobs", "resume", job), "3 active")
        self.assertFalse([token for token in self.sandbox.tokens() if token["upn"] == VICTIM])
        self.assertEqual(harness.serials(rows), self.sandbox.active())

    def test_other_edits(self):
        job, rows = self.interrupted_import()
        columns = {"serial": "'77777'", "step": "60", "hash": "'sha256'", "digits": "8", "manufacturer": "'x'", "model": "'x'", "change": "'delete'",
                   "taken_from": "'x'", "replaced_by": "'x'", "state": "'active'", "good": "1", "reason": "'x'", "remedy": "'x'", "code": "'guest'", "line": "99",
                   "seed": "NULL", "wish_mark": "NULL", "state_mark": "NULL", "has_key": "0"}
        for column, value in columns.items():
            with self.subTest(column):
                self.refused([f"UPDATE token SET {column} = {value} WHERE number = 1"], "row 2", job=job)
        for column, value in {"activate": "0", "kind": "'remove'", "file": "'other.csv'", "created": "1", "state": "'done'"}.items():
            with self.subTest(column):
                self.refused([f"UPDATE job SET {column} = {value}"], job=job)
        with self.subTest("two seeds exchanged"):
            self.refused(["CREATE TABLE t AS SELECT number, seed FROM token",
                          "UPDATE token SET seed = (SELECT seed FROM t WHERE t.number = 1 - token.number) WHERE number < 2"],
                         "secret key of row 1", "secret key of row 2", job=job)
        with self.subTest("two rows exchanged"):
            self.refused(["UPDATE token SET number = -1 WHERE number = 0", "UPDATE token SET number = 0 WHERE number = 1",
                          "UPDATE token SET number = 1 WHERE number = -1"], "row 1", "row 2", job=job)
        with self.subTest("a row left out"):
            self.refused(["DELETE FROM token WHERE number = 2"], "how many rows", job=job)
        with self.subTest("a row put in"):
            self.refused(["CREATE TABLE t AS SELECT * FROM token WHERE number = 0", "UPDATE t SET number = 3",
                          "INSERT INTO token SELECT * FROM t"], "row 4", job=job)
        with self.subTest("made to look old"):
            self.refused([f"UPDATE token SET upn = '{VICTIM}', wish_mark = NULL, state_mark = NULL",
                          "UPDATE job SET wish_mark = NULL, state_mark = NULL"], job=job)
        self.expect(DONE, self.pk("jobs", "resume", job), "3 active")

    def test_every_byte_of_a_sealed_secret_key(self):
        job, _ = self.interrupted_import(1)
        path = self.folder_of_jobs() / "jobs.db"
        sealed = sqlite3.connect(path).execute("SELECT seed FROM token").fetchone()[0]
        self.sandbox.forget_requests()
        for at in range(len(sealed)):
            altered = bytearray(sealed)
            altered[at] ^= 1
            self.edit(f"UPDATE token SET seed = x'{altered.hex()}'")
            self.expect_error(FAILED, self.pk("jobs", "resume", job), "secret key of row 1")
        self.assertEqual([], self.sandbox.requests(host=harness.PORTAL_HOST))
        self.edit(f"UPDATE token SET seed = x'{sealed.hex()}'")
        self.expect(DONE, self.pk("jobs", "resume", job), "1 active")

    def test_a_saved_plan(self):
        file, rows = self.seeds(3)
        self.expect(DONE, self.pk("tokens", "import", file))
        harness.write_seeds(file, rows[:2])
        self.expect(DONE, self.pk("tokens", "plan", file, "--prune", "--save"), "1 to delete")
        job = self.open_job()
        other = rows[0]["serial number"]
        apply = ("tokens", "apply", "--yes")
        self.refused([f"UPDATE token SET serial = '{other}' WHERE change = 'delete'"], "row 1", job=job, command=apply)
        self.refused([f"UPDATE token SET taken_from = '{rows[0]['upn']}' WHERE change = 'delete'"], "row 1", job=job, command=apply)
        self.expect(DONE, self.pk("tokens", "apply", job, "--yes"), "1 removed")
        self.assertEqual(harness.serials(rows[:2]), self.sandbox.active())

    def test_a_removal(self):
        file, rows = self.seeds(2)
        self.expect(DONE, self.pk("tokens", "import", file))
        first, second = (row["serial number"] for row in rows)
        self.sandbox.fault(host="portal", path="HardwareToken/remove", kind="503")
        self.pk("tokens", "remove", first, "--yes", timeout=120)
        self.sandbox.no_faults()
        job = self.open_job()
        self.refused([f"UPDATE token SET serial = '{second}', upn = '{rows[1]['upn']}' WHERE job = '{job}'"], "row 1", job=job)
        self.expect(DONE, self.pk("jobs", "resume", job), "1 removed")
        self.assertEqual({second}, self.sandbox.active())

    def test_an_altered_job_can_be_given_up(self):
        job, _ = self.interrupted_import(1)
        self.edit(f"UPDATE token SET upn = '{VICTIM}'")
        self.expect(DONE, self.pk("jobs", "cancel", job))
        self.expect(DONE, self.pk("jobs", "forget", job))

    def test_two_first_imports_at_once(self):
        for round in range(4):
            with self.subTest(round=round):
                files = [self.seeds(1, name=f"{round}-{n}.csv", seed=round * 10 + n) for n in range(4)]
                self.sandbox.fault(host="portal", path="enable", kind="503")
                runs = [threading.Thread(target=self.pk, args=("tokens", "import", file), kwargs={"timeout": 120}) for file, _ in files]
                for run in runs:
                    run.start()
                for run in runs:
                    run.join()
                self.sandbox.no_faults()
                jobs = [job for job in self.pk("jobs", "list", "-o", "json").json() if job["state"] == "finished with failures"]
                self.assertEqual(len(files), len(jobs), "not every import came to its journal")
                for job in jobs:
                    self.expect(DONE, self.pk("jobs", "resume", job["id"], timeout=120), "1 active")
                shutil.rmtree(self.folder_of_jobs())


if __name__ == "__main__":
    harness.main()
