"""What surrounds `portalkey serve` fails: the disk, the certificate, Entra, the vault, the session. It is said, and nothing is lost."""
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import threading
import time
import unittest

import harness
from harness import DONE, EndToEnd
from service_client import Service

TENANT = "/v1/tenants/default"
TOKENS = TENANT + "/tokens"


class FaultTest(EndToEnd):
    SIGNED_IN = True
    SETTINGS = ""

    def setUp(self):
        super().setUp()
        self.config = self.folder / "serve.toml"
        self.configure(self.SETTINGS)
        self.service = Service(self.sandbox, self.home, "--config", str(self.config))
        self.addCleanup(self.service.stop)

    def configure(self, settings):
        self.config.write_text(f'[service]\nrequests_a_minute = 0\n{settings}\n[profile.default]\nsandbox = "{self.sandbox.folder}"\n')

    def add(self, row, **headers):
        body = {"serialNumber": row["serial number"], "secretKey": row["secret key"], "upn": row["upn"]}
        return self.service.call("POST", TOKENS, body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def until(self, what, seconds=30):
        """`what` comes to be."""
        end = time.monotonic() + seconds
        while not (found := what()):
            if time.monotonic() > end:
                self.fail("it does not come to be; the service said:\n" + harness.masked(self.service.log()[-3000:]))
            time.sleep(0.1)
        return found

    def is_problem(self, reply, statuses, *words, remedy=True):
        self.assertIn(reply.status, statuses, reply)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        if remedy:
            self.assertTrue(reply.json().get("remedy"), reply)
        for word in words:
            self.assertIn(word, reply.text.lower(), reply)

    def is_not_done(self, reply, *words):
        """Refused with a remedy; or, where it is in the journal already, an interrupted job whose token says why and what to do."""
        if reply.status in (424, 503):
            return self.is_problem(reply, (424, 503), *words)
        self.assertIn(reply.status, (200, 202), reply)
        self.assertNotEqual(reply.json()["state"], "done", reply)
        self.assertEqual(reply.json()["good"], 0, reply)
        for word in ("remedy", *words):
            self.assertIn(word, reply.text.lower(), reply)
        return None

    def chain_is_whole(self):
        self.service.stop()
        self.expect(DONE, self.bare("--config", self.config, "audit", "verify"))


@unittest.skipUnless(os.geteuid() == 0, "file systems are mounted by root only")
class Disk(FaultTest):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir(mode=0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "portalkey", str(self.disk)], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)], check=False)
        self.configure(f'state_dir = "{self.disk}/service"')
        self.service.start()

    def test_a_full_disk_is_told_and_nothing_is_done_that_is_not_in_the_trail(self):
        first, second = harness.seed_rows(2)
        self.assertEqual(self.service.job(self.add(first)).json()["state"], "done")
        with open(self.disk / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                pass
        refused = None
        for _ in range(40):  # the log of a database may have room yet
            reply = self.add(second | {"serial number": "absent"}) if refused is None else refused
            if reply.status == 503:
                refused = reply
                break
        self.is_problem(refused or reply, (503,), "audit")
        before = {t["serialNumber"] for t in self.sandbox.tokens()}
        self.is_problem(self.add(second), (503,), "audit")
        self.assertEqual({t["serialNumber"] for t in self.sandbox.tokens()}, before)
        self.assertNotIn(second["serial number"], before)
        self.assertEqual(self.service.call("GET", "/healthz", key=None).status, 200)
        self.assertEqual(self.service.call("GET", f"{TOKENS}/{first['serial number']}").status, 200)  # who only looks goes on
        self.assertIn("portalkey_audit_failures_total", self.service.call("GET", "/metrics").text)
        (self.disk / "ballast").unlink()
        done = self.service.job(self.add(second))
        self.assertEqual(done.json()["state"], "done", done)
        self.chain_is_whole()

    def test_a_disk_that_cannot_be_written(self):
        first, second = harness.seed_rows(2)
        self.assertEqual(self.service.job(self.add(first)).json()["state"], "done")
        subprocess.run(["mount", "-o", "remount,ro", str(self.disk)], check=False, capture_output=True)
        if not os.statvfs(self.disk).f_flag & os.ST_RDONLY:
            # Files are open for writing: read-only for those who come, by a mount over it.
            subprocess.run(["mount", "--bind", str(self.disk), str(self.disk)], check=True)
            self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)], check=False)
            subprocess.run(["mount", "-o", "remount,ro,bind", str(self.disk)], check=True)
            self.service.stop()
            with self.assertRaises(AssertionError) as refused:
                self.service.start()
            self.assertIn("what to do: ", str(refused.exception))
        else:
            self.is_problem(self.add(second), (503,))
        self.assertEqual(self.sandbox.active(), {first["serial number"]})


class Certificates(FaultTest):
    def pair(self, name, days="30"):
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key), "-out",
                        str(certificate), "-days", days, "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        return certificate, key

    def served(self):
        return ssl.get_server_certificate(("localhost", self.service.port)).strip()

    def test_one_that_does_not_fit_changes_nothing_and_is_told(self):
        one, two = self.pair("one"), self.pair("two")
        shutil.copy(one[0], self.folder / "used.pem")
        shutil.copy(one[1], self.folder / "used.key")
        self.configure(f'certificate = "{self.folder}/used.pem"\nkey = "{self.folder}/used.key"')
        self.service.start()
        self.service.certificate = str(one[0])
        before = self.served()
        self.assertEqual(before, one[0].read_text().strip())

        def hup(word):
            said = self.service.log().count(word)
            self.service.process.send_signal(signal.SIGHUP)
            self.until(lambda: self.service.log().count(word) > said)

        for spoil in (lambda: shutil.copy(two[1], self.folder / "used.key"),  # the key of another
                      lambda: (self.folder / "used.key").write_text("no key"),
                      lambda: (self.folder / "used.key").unlink(),
                      lambda: (self.folder / "used.pem").write_text("")):
            spoil()
            hup("the certificate is not read again")
            self.assertEqual(self.served(), before)
            self.assertEqual(self.service.call("GET", "/v1/me").status, 200)
        self.config.write_text("[service\n")
        hup("the settings are not read again")
        self.assertEqual(self.served(), before)
        self.configure(f'certificate = "{self.folder}/used.pem"\nkey = "{self.folder}/used.key"')
        shutil.copy(two[0], self.folder / "used.pem")
        shutil.copy(two[1], self.folder / "used.key")
        hup("were read again")
        self.assertEqual(self.served(), two[0].read_text().strip())

    def test_reading_again_loses_no_request(self):
        self.service.start()
        over, lost, answered = threading.Event(), [], []

        def calls():
            while not over.is_set():
                try:
                    answered.append(self.service.call("GET", "/v1/me").status)
                except OSError as e:
                    lost.append(str(e))

        callers = [threading.Thread(target=calls) for _ in range(4)]
        for caller in callers:
            caller.start()
        for number in range(20):
            before = len(answered)
            self.service.process.send_signal(signal.SIGHUP)
            self.until(lambda: len(answered) > before + 4)
        over.set()
        for caller in callers:
            caller.join()
        self.assertEqual(lost, [])
        self.assertEqual(set(answered), {200})

    def test_the_end_answers_what_was_begun(self):
        self.sandbox.fault(path="/enable", kind="latency", milliseconds=2000)
        self.service.start()
        rows = harness.seed_rows(4)
        replies, wrong = [], []

        def call(row):
            try:
                replies.append(self.add(row, Prefer="wait=20"))
            except OSError as e:
                wrong.append(str(e))

        callers = [threading.Thread(target=call, args=(row,)) for row in rows]
        for caller in callers:
            caller.start()
        self.until(lambda: len(self.sandbox.requests(part="/enable")) > 0)
        self.assertEqual(self.service.stop(), 0)
        for caller in callers:
            caller.join()
        self.assertEqual(wrong, [])
        self.assertEqual({r.status for r in replies} - {200, 202}, set(), [str(r) for r in replies])
        self.sandbox.no_faults()
        self.service.start()
        self.until(lambda: self.sandbox.active() == harness.serials(rows), 60)
        self.chain_is_whole()


class Services(FaultTest):
    def test_entra_is_unavailable(self):
        self.service.start()
        self.until(lambda: self.service.call("GET", "/readyz", key=None).status == 200)
        self.service.stop()
        self.sandbox.fault(path="/oauth2/", kind="503")
        self.service.start()
        (row,) = harness.seed_rows(1)
        self.is_not_done(self.add(row))
        self.assertEqual(self.service.call("GET", "/healthz", key=None).status, 200)
        self.until(lambda: self.service.call("GET", "/readyz", key=None).json()["missing"] if
                   self.service.call("GET", "/readyz", key=None).status == 503 else None, 60)
        self.assertEqual(self.sandbox.tokens(), [])
        self.sandbox.no_faults()
        self.until(lambda: self.service.job(self.add(row)).json()["state"] == "done", 60)
        self.assertEqual(self.sandbox.active(), {row["serial number"]})
        self.chain_is_whole()

    def test_the_portal_is_unavailable(self):
        self.service.start()
        self.sandbox.fault(path="/HardwareToken", kind="503")
        (row,) = harness.seed_rows(1)
        reply = self.add(row)
        self.is_not_done(reply)
        self.sandbox.no_faults()
        self.until(lambda: self.service.job(self.add(row)).json()["state"] == "done", 60)
        self.assertEqual(self.sandbox.active(), {row["serial number"]})

    def test_a_session_that_needs_a_person(self):
        self.sandbox.admin("POST", "/revoke", {"all": True})
        self.service.start()
        (row,) = harness.seed_rows(1)
        reply = self.add(row)
        self.is_not_done(reply, "portalkey login")
        ready = self.until(lambda: (r := self.service.call("GET", "/readyz", key=None)).status == 503 and r)
        self.assertIn("default: ", ready.json()["missing"][0])
        self.assertNotIn("[[", ready.text + reply.text)
        self.assertEqual(self.sandbox.tokens(), [])

    def test_one_key_twice_at_once_is_409(self):
        self.service.start()
        self.sandbox.fault(path="/enable", kind="latency", milliseconds=3000)
        (row,) = harness.seed_rows(1)
        first = []
        caller = threading.Thread(target=lambda: first.append(self.add(row, Idempotency_Key="one", Prefer="wait=20")))
        caller.start()
        self.until(lambda: self.sandbox.requests(part="/enable") or self.sandbox.tokens())
        second = self.add(row, Idempotency_Key="one")
        self.is_problem(second, (409,), remedy=False)
        self.assertIn("Retry-After", second.headers)
        other = self.add(row | {"upn": "other@contoso.com"}, Idempotency_Key="one")
        self.assertIn(other.status, (409, 422), other)
        caller.join()
        self.assertEqual(first[0].status, 200, first[0])
        third = self.add(row, Idempotency_Key="one")
        self.assertEqual((third.status, third.text, third.headers["Idempotent-Replay"]), (200, first[0].text, "true"))
        self.is_problem(self.add(row | {"upn": "other@contoso.com"}, Idempotency_Key="one"), (422,), remedy=False)
        self.assertEqual(len(self.sandbox.tokens()), 1)


if __name__ == "__main__":
    harness.main()
