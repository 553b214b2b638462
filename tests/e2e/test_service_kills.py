"""`portalkey serve` is killed at random moments while four callers write: what was acknowledged is there, and nothing is there twice."""
import collections
import http.client
import os
import random
import signal
import sqlite3
import threading
import time

import harness
from harness import DONE, EndToEnd, LONG
from service_client import Service

TENANT = "/v1/tenants/default"
TOKENS = TENANT + "/tokens"
KILLS = 500 if LONG else 12
SEED = int(os.environ.get("PORTALKEY_SEED", "20"))
LOST = (OSError, http.client.HTTPException, ValueError)  # no answer; half an answer


class Caller(threading.Thread):
    """Writes what its dice say until it is told to stop, and remembers what was acknowledged."""

    def __init__(self, test, number):
        super().__init__()
        self.test, self.number, self.dice = test, number, random.Random(f"{SEED} caller {number}")
        self.rows, self.wrong, self.lost = {}, [], 0
        self.there, self.open, self.gone = {}, set(), set()  # acknowledged as active: by serial number; in a job; removed
        self.statuses = collections.Counter()
        self.jobs, self.imports = set(), 0

    def call(self, *args, **more):
        return self.test.service.call(*args, timeout=40, **more)

    def ask(self, method, path, body=None, key=None):
        """Asked until it is answered: a lost answer is repeated, with the same key if there is one."""
        headers = {"Idempotency-Key": key} if key else {}
        lost_before = False
        while True:
            self.test.up.wait()
            try:
                reply = self.call(method, path, body, headers=headers)
                reply.lost_before = lost_before
            except LOST:
                self.lost += 1
                lost_before = True
                if self.test.over.is_set() and not self.test.up.is_set():
                    return None
                time.sleep(0.02)
                continue
            if reply.status in (409, 429, 503):  # still being done, or another job of ours has the token
                self.statuses[reply.status] += 1
                time.sleep(0.1)
                continue
            self.statuses[reply.status] += 1
            return reply

    def ended(self, reply):
        """The job of a reply, at its end."""
        if reply.status == 200:
            return reply
        self.jobs.add(reply.json()["id"])
        until = time.monotonic() + 60
        path = f"{TENANT}/jobs/{reply.json()['id']}/result"
        while time.monotonic() < until:
            reply = self.ask("GET", path)
            if reply.status != 202:
                return reply
            time.sleep(0.1)
        self.wrong.append(f"stuck for longer than 60 s: {reply}")
        return reply

    def all_good(self, reply, rows):
        if reply.status == 200 and reply.json()["good"] == len(rows):
            self.there |= rows
        else:
            self.wrong.append(f"not all are good: {reply}")

    def add(self):
        number = len(self.rows) + 1
        serial = f"8{self.number}{number:06d}"
        row = {"serialNumber": serial, "secretKey": harness.mask(harness.new_key(self.dice)), "upn": f"kill.{self.number}.{number}@contoso.com"}
        self.rows[serial] = row
        key = f"add-{serial}" if self.dice.random() < 0.5 else None
        reply = self.ask("POST", TOKENS, row, key)
        if reply.status not in (200, 202):
            self.wrong.append(f"adding {serial}: {reply}")
            return
        if self.dice.random() < 0.2 and key:  # sent again, though it was answered
            again = self.ask("POST", TOKENS, row, key)
            if (again.status, again.text) != (reply.status, reply.text):
                self.wrong.append(f"{serial} with the same key is answered otherwise: {reply}\n{again}")
        self.all_good(self.ended(reply), {serial: row})

    def remove(self):
        if not self.there:
            return self.add()
        serial = self.dice.choice(sorted(self.there))
        reply = self.ask("DELETE", f"{TOKENS}/{serial}", key=f"remove-{serial}" if self.dice.random() < 0.5 else None)
        if reply.status == 404 and reply.lost_before:  # the call whose answer was lost did it
            pass
        elif reply.status not in (200, 202):
            self.wrong.append(f"removing {serial}: {reply}")
            return
        else:
            ended = self.ended(reply)
            done_before = reply.lost_before and "not_in_tenant" in ended.text
            if not done_before and (ended.status != 200 or ended.json()["good"] != 1):
                self.wrong.append(f"removing {serial}: {ended}")
        del self.there[serial]
        self.gone.add(serial)
        return None

    def import_and_cancel(self):
        self.imports += 1
        rows = [{"serialNumber": f"9{self.number}{self.imports:03d}{i:03d}", "secretKey": harness.mask(harness.new_key(self.dice)),
                 "upn": f"many.{self.number}.{self.imports}.{i}@contoso.com"} for i in range(5)]
        reply = self.ask("POST", TENANT + "/imports", {"tokens": rows}, f"import-{self.number}-{self.imports}")
        if reply.status not in (200, 202):
            self.wrong.append(f"importing: {reply}")
            return
        job = reply.json()["id"]
        self.jobs.add(job)
        if self.dice.random() < 0.5:
            cancelled = self.ask("POST", f"{TENANT}/jobs/{job}/cancel")
            if cancelled.status not in (200, 202):
                self.wrong.append(f"cancelling {job}: {cancelled}")
            self.open |= {row["serialNumber"] for row in rows}  # there or not
        else:
            self.all_good(self.ended(reply), {row["serialNumber"]: row for row in rows})

    def run(self):
        try:
            while not self.test.over.is_set():
                self.dice.choices([self.add, self.remove, self.import_and_cancel], [6, 2, 2])[0]()
        except Exception as e:  # pylint: disable=broad-except
            self.wrong.append(f"{type(e).__name__}: {e}")


class Kills(EndToEnd):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        config = self.folder / "serve.toml"
        config.write_text(f'[service]\nrequests_a_minute = 0\n[profile.default]\nsandbox = "{self.sandbox.folder}"\n')
        self.before = ("--config", str(config))
        self.service = Service(self.sandbox, self.home, *self.before)
        self.addCleanup(self.service.stop)
        self.service.start()
        self.up, self.over = threading.Event(), threading.Event()

    def killed(self, dice):
        time.sleep(dice.uniform(0.05, 1.2))
        self.up.clear()
        self.service.stop(signal.SIGKILL)
        self.service.said = self.service.said[-20000:]
        begun = time.monotonic()
        self.service.start()
        self.up.set()
        return time.monotonic() - begun

    def settled(self):
        """All jobs of the journal, none of which goes on any more."""
        until = time.monotonic() + 60
        while True:
            jobs, after = [], ""
            while after is not None:
                page = self.service.call("GET", f"{TENANT}/jobs?top=100" + (f"&after={after}" if after else "")).json()
                jobs += page["value"]
                after = page.get("next")
            stuck = [job for job in jobs if not job["ended"] and job["state"] != "finished with failures"]
            if not stuck:
                return jobs
            if time.monotonic() > until:
                self.fail(f"jobs are stuck: {stuck}")
            time.sleep(0.2)

    def test_what_was_acknowledged_is_there_and_nothing_twice(self):
        dice = random.Random(f"{SEED} kills")
        callers = [Caller(self, number) for number in range(1, 5)]
        self.up.set()
        for caller in callers:
            caller.start()
        slowest = max(self.killed(dice) for _ in range(KILLS))
        self.over.set()
        for caller in callers:
            caller.join(120)
            self.assertFalse(caller.is_alive(), "a caller is still waiting")
        self.transcript.append(f"seed {SEED}, slowest start {slowest:.1f} s, {[dict(c.statuses) for c in callers]}, "
                               f"lost answers {[c.lost for c in callers]}, there {[len(c.there) for c in callers]}\n")
        print(self.transcript[-1], end="")
        self.assertEqual([w for c in callers for w in c.wrong], [])
        self.assertGreater(sum(c.lost for c in callers), 0, "no kill met a request")
        jobs = self.settled()

        known = {job["id"] for job in jobs}
        for caller in callers:
            self.assertEqual(caller.jobs - known, set(), "acknowledged jobs are not in the journal")
        tokens = self.sandbox.tokens()
        twice = [serial for serial, count in collections.Counter(t["serialNumber"] for t in tokens).items() if count > 1]
        self.assertEqual(twice, [])
        active = self.sandbox.active()
        for caller in callers:
            self.assertEqual(set(caller.there) - active, set(), "acknowledged tokens are not active in the tenant")
            back = caller.gone & {t["serialNumber"] for t in tokens}
            self.assertEqual(back, set(), "removed tokens are there" + "".join(
                "\n" + self.service.call("GET", f"/v1/audit?serialNumber={serial}").text for serial in back))
        ours = {serial for c in callers for serial in set(c.there) | c.open | set(c.rows)}
        self.assertEqual({t["serialNumber"] for t in tokens} - ours, set(), "tokens that nobody asked for")

        self.service.stop()
        self.expect(DONE, self.bare(*self.before, "audit", "verify"))
        numbers = [n for (n,) in sqlite3.connect(f"file:{self.service.state / 'audit.db'}?mode=ro", uri=True).execute(
            "SELECT number FROM entry ORDER BY number")]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.session_works(*self.before, why="the kills")


if __name__ == "__main__":
    harness.main()
