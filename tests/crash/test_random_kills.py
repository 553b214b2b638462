"""Imports killed at random moments, while answers get lost and services throttle, and resumed until they end: every token is active exactly
once, the session works, and no secret key is left in the journal.

    python3 test_random_kills.py --kills 500    the long mode: writes how many were survived into docs/reliability.md

Without --kills: PORTALKEY_KILLS kills over both backends, 40 if it is not set."""
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import harness  # noqa: E402
from harness import DONE, EndToEnd, serials  # noqa: E402

TOKENS, KILLS_AN_IMPORT = 24, 5
FAULTS = [dict(kind="429", probability=0.04, retryAfter=0), dict(kind="reset-before", probability=0.04),
          dict(kind="reset-in-body", method="GET", probability=0.04), dict(kind="503", probability=0.04),
          dict(path="enable", kind="reset-after-effect", probability=0.1),
          dict(path="activate", kind="reset-after-effect", probability=0.1),
          dict(path="batch", kind="reset-after-effect", probability=0.1),
          dict(path="upload", method="POST", kind="reset-after-effect", probability=0.2)]
survived = {}


class RandomKills(EndToEnd):
    SANDBOX = ("--auto-approve", "--upload-delay", "0", "--activation-limit", "0", "--seed", "11")
    SIGNED_IN = True

    def open_job(self, before):
        jobs = self.expect(DONE, self.bare(*before, "jobs", "list", "-o", "json")).json()
        return next((job["id"] for job in jobs if job["state"] in ("interrupted", "finished with failures")), None)

    def torture(self, backend, kills):
        if backend == "graph":
            self.grant_graph_rights()
        before = self.profile(backend=backend, limits="activations = 0", upload_timeout_seconds=20)
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        dice = random.Random(f"kills {backend}")
        expected, done, turn = set(), 0, 0
        while done < kills:
            turn += 1
            file, rows = self.seeds(TOKENS, name=f"{turn}.csv", seed=turn % 100, prefix=f"{turn // 100 + 10}")
            expected |= serials(rows)
            self.sandbox.fault(*({"host": backend, **fault} for fault in FAULTS))
            for _ in range(min(KILLS_AN_IMPORT, kills - done)):
                job = self.open_job(before)
                command = ["jobs", "resume", job] if job else ["tokens", "import", file]
                process = harness.start([*map(str, before), *map(str, command)], self.home)
                try:
                    process.communicate(timeout=dice.uniform(0.01, 1.0))
                    if self.open_job(before) is None:
                        break  # it came to its end before the moment
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    done += 1
            self.sandbox.no_faults()
            for _ in range(3):
                job = self.open_job(before)
                ran = self.bare(*before, *(["jobs", "resume", job] if job else ["tokens", "import", file]), timeout=120)
                if ran.code == DONE:
                    break
            self.assertEqual(DONE, ran.code, f"import {turn} did not come to its end:\n{ran}")
            tokens = self.sandbox.tokens()
            self.assertEqual(len(expected), len(tokens), f"after import {turn}: a token is there twice, or not at all")
            self.assertEqual(expected, {token["serialNumber"] for token in tokens if token["enabled"]}, f"after import {turn}")
        self.session_works(*before, why=f"{done} kills")
        (journal,) = self.folder.rglob("jobs.db")
        with sqlite3.connect(journal) as db:
            self.assertEqual(0, db.execute("SELECT count(*) FROM token WHERE seed IS NOT NULL").fetchone()[0], "a secret key was kept")
        survived[backend] = done

    def test_portal(self):
        self.torture("portal", int(os.environ.get("PORTALKEY_KILLS", "40")) // 2)

    def test_graph(self):
        self.torture("graph", int(os.environ.get("PORTALKEY_KILLS", "40")) // 2)


def main():
    if "--kills" not in sys.argv:
        unittest.main(verbosity=2)
        return
    at = sys.argv.index("--kills")
    os.environ["PORTALKEY_KILLS"] = sys.argv[at + 1]
    del sys.argv[at:at + 2]
    if not unittest.main(verbosity=2, exit=False).result.wasSuccessful():
        sys.exit(1)
    page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
    text, count = re.subn(r"survived [\d,]+ kills through the portal API and [\d,]+ through Graph",
                          f"survived {survived['portal']:,} kills through the portal API and {survived['graph']:,} through Graph",
                          page.read_text())
    if count != 1:
        sys.exit(f"{page} has no place for the figure")
    page.write_text(text)


if __name__ == "__main__":
    main()
