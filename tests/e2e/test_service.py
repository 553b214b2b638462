"""`portalkey serve`: the main job, and what callers rely on, over HTTPS against the sandbox."""
import base64
import json
import os
import signal
import ssl
import subprocess
import threading
import time
import urllib.parse

import harness
from harness import DONE, EndToEnd
from service_client import Service

TOKENS = "/v1/tenants/default/tokens"


class ServiceTest(EndToEnd):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.service = Service(self.sandbox, self.home)
        self.addCleanup(self.service.stop)
        self.service.start()
        self.assertTrue(self.service.key and self.service.key.startswith("pk_"), "no first key was shown")

    def call(self, *args, **more):
        reply = self.service.call(*args, **more)
        self.transcript.append(f"{args[0]} {args[1]} -> {reply}\n")
        return reply

    def row(self, row):
        return {"serialNumber": row["serial number"], "secretKey": row["secret key"], "upn": row["upn"], "timeInterval": int(row["time interval"])}


class MainJob(ServiceTest):
    def test_a_token_from_a_call_to_activated(self):
        (row,) = harness.seed_rows(1)
        reply = self.service.job(self.call("POST", TOKENS, self.row(row)))
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(reply.json()["state"], "done", reply)
        self.assertEqual(self.sandbox.active(), {row["serial number"]})
        again = self.service.job(self.call("POST", TOKENS, self.row(row)))
        self.assertEqual(again.json()["results"][0]["state"], "already active", again)
        token = self.call("GET", f"{TOKENS}/{row['serial number']}")
        self.assertEqual(token.json()["state"], "active")
        user = self.call("GET", f"/v1/tenants/default/users/{row['upn']}")
        self.assertEqual([t["serial"] for t in user.json()["tokens"]], [row["serial number"]], user)
        gone = self.service.job(self.call("DELETE", f"{TOKENS}/{row['serial number']}"))
        self.assertEqual(gone.json()["results"][0]["state"], "removed", gone)
        self.assertEqual(self.sandbox.active(), set())

    def test_a_file_in_every_way_it_may_come(self):
        file, rows = self.seeds(3)
        text = file.read_bytes()
        reply = self.call("POST", "/v1/tenants/default/imports", {"file": base64.b64encode(text).decode(), "fileName": "tokens.csv"})
        self.assertEqual(reply.status, 202, reply)
        done = self.service.job(reply)
        self.assertEqual((done.json()["state"], done.json()["file"], done.json()["good"]), ("done", "tokens.csv", 3), done)
        self.assertEqual(self.sandbox.active(), harness.serials(rows))
        tokens = self.call("GET", f"/v1/tenants/default/jobs/{done.json()['id']}/tokens?top=2")
        self.assertEqual(len(tokens.json()["value"]), 2)
        rest = self.call("GET", f"/v1/tenants/default/jobs/{done.json()['id']}/tokens?top=2&after={tokens.json()['next']}")
        self.assertEqual((len(rest.json()["value"]), rest.json()["next"]), (1, None))

        file, rows = self.seeds(2, seed=2)
        boundary = "----of-the-test"
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="two.csv"\r\n\r\n'.encode() + file.read_bytes()
                + f"\r\n--{boundary}--\r\n".encode())
        done = self.service.job(self.call("POST", "/v1/tenants/default/imports", body,
                                          headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}))
        self.assertEqual(done.json()["good"], 2, done)
        rows3 = harness.seed_rows(2, seed=3)
        done = self.service.job(self.call("POST", "/v1/tenants/default/imports", {"tokens": [self.row(r) for r in rows3]}))
        self.assertEqual(done.json()["good"], 2, done)
        undone = self.service.job(self.call("POST", f"/v1/tenants/default/jobs/{done.json()['id']}/undo"))
        self.assertEqual({r["state"] for r in undone.json()["results"]}, {"removed"}, undone)
        self.assertFalse(self.sandbox.active() & harness.serials(rows3))

    def test_a_lost_device_is_replaced_and_a_leaver_leaves(self):
        old, new = harness.seed_rows(2)
        self.service.job(self.call("POST", TOKENS, self.row(old)))
        by = {"serialNumber": new["serial number"], "secretKey": new["secret key"]}
        reply = self.service.job(self.call("POST", f"{TOKENS}/{old['serial number']}/replace", {"upn": old["upn"], "by": by}))
        self.assertEqual(reply.json()["state"], "done", reply)
        self.assertEqual(self.sandbox.active(), {new["serial number"]})
        preview = self.call("POST", f"/v1/tenants/default/users/{old['upn']}/leave", {"preview": True})
        self.assertEqual(preview.status, 200, preview)
        self.assertEqual(self.sandbox.active(), {new["serial number"]})
        self.service.job(self.call("POST", f"/v1/tenants/default/users/{old['upn']}/leave"))
        self.assertEqual(self.sandbox.active(), set())

    def test_a_code_is_checked_and_activates(self):
        (row,) = harness.seed_rows(1)
        body = self.row(row) | {"activate": False}
        self.assertEqual(self.service.job(self.call("POST", TOKENS, body)).json()["state"], "done")
        self.assertEqual(self.sandbox.active(), set())
        step = int(time.time() // 30)
        checked = self.call("POST", f"{TOKENS}/{row['serial number']}/check",
                            {"secretKey": row["secret key"], "code": harness.totp(row["secret key"], step)})
        self.assertEqual(checked.status, 200, checked)
        wrong = self.call("POST", f"{TOKENS}/{row['serial number']}/activate", {"code": "000000"})
        self.assertEqual((wrong.status, wrong.json()["code"]), (422, "code_refused"), wrong)
        code = harness.totp(row["secret key"], int(self.sandbox.now() // 30))
        right = self.call("POST", f"{TOKENS}/{row['serial number']}/activate", {"code": code})
        self.assertEqual(right.status, 200, right)
        self.assertEqual(self.sandbox.active(), {row["serial number"]})

    def test_lists_come_from_the_mirror_and_say_how_old_they_are(self):
        file, rows = self.seeds(30)
        self.service.job(self.call("POST", "/v1/tenants/default/imports", {"file": base64.b64encode(file.read_bytes()).decode()}))
        until = time.monotonic() + 30
        while (listed := self.call("GET", TOKENS)).status == 503 and time.monotonic() < until:
            time.sleep(0.2)
        seen, after = set(), ""
        while after is not None:
            page = self.call("GET", f"{TOKENS}?top=7" + (f"&after={urllib.parse.quote(after)}" if after else "")).json()
            self.assertIn("asOf", page)
            seen |= {t["serialNumber"] for t in page["value"]}
            after = page["next"]
        self.assertEqual(seen, harness.serials(rows), listed)
        backwards = [t["serialNumber"] for t in self.call("GET", f"{TOKENS}?orderBy=serial:desc").json()["value"]]
        self.assertEqual(backwards, sorted(harness.serials(rows), reverse=True))
        before = len(self.sandbox.requests(part="/HardwareToken/users"))
        copied = self.expect(DONE, self.pk("tokens", "list", "--max-age", "1h", "--sort", "serial", "-o", "json"), "from the service's copy")
        self.assertEqual([t["serial"] for t in copied.json()], sorted(harness.serials(rows)))
        self.assertEqual(len(self.sandbox.requests(part="/HardwareToken/users")), before)
        counts = self.call("GET", "/v1/tenants/default/token-counts").json()
        self.assertEqual((counts["tokens"], counts["active"]), (30, 30))
        job = self.call("POST", "/v1/tenants/default/jobs", {"kind": "remove", "filter": {"search": rows[0]["serial number"]}})
        self.assertEqual(self.service.job(job).json()["results"][0]["state"], "removed")
        self.assertEqual(self.call("GET", "/v1/tenants/default/token-counts").json()["tokens"], 29)

    def test_events_are_followed_live_and_taken_up_again(self):
        self.sandbox.stop()
        self.sandbox.start(flags=["--auto-approve", "--upload-delay", "1"])
        file, rows = self.seeds(3)
        job = self.call("POST", "/v1/tenants/default/imports", {"file": base64.b64encode(file.read_bytes()).decode()}).json()["id"]
        connection = self.service.connection()
        connection.request("GET", f"/v1/tenants/default/jobs/{job}/events", headers={"Authorization": "Bearer " + self.service.key})
        stream = connection.getresponse()
        self.assertEqual(stream.headers["Content-Type"], "text/event-stream")
        events, ids = [], []
        for line in stream:
            if line.startswith(b"event: "):
                events.append(line[7:].strip().decode())
            if line.startswith(b"id: "):
                ids.append(line[4:].strip().decode())
        connection.close()
        self.assertEqual((events[0], events[-1]), ("job.begun", "end"))
        self.assertEqual(events.count("token.settled"), 3)
        tail = self.call("GET", f"/v1/tenants/default/jobs/{job}/events", headers={"Last-Event-ID": ids[-2]})
        self.assertEqual([l for l in tail.text.splitlines() if l.startswith("event:")], ["event: job.ended", "event: end"])


class Running(ServiceTest):
    def test_what_was_begun_goes_on_after_a_kill(self):
        file, rows = self.seeds(40)
        self.sandbox.fault(path="/enable", kind="latency", milliseconds=200)
        reply = self.call("POST", "/v1/tenants/default/imports", {"file": base64.b64encode(file.read_bytes()).decode()})
        self.assertEqual(reply.status, 202, reply)
        until = time.monotonic() + 30
        while not self.sandbox.active() and time.monotonic() < until:
            time.sleep(0.02)
        self.service.stop(signal.SIGKILL)
        self.sandbox.no_faults()
        self.service.start()
        done = self.service.call("GET", f"/v1/tenants/default/jobs/{reply.json()['id']}")
        until = time.monotonic() + 60
        while done.json()["state"] != "done" and time.monotonic() < until:
            time.sleep(0.2)
            done = self.service.call("GET", f"/v1/tenants/default/jobs/{reply.json()['id']}")
        self.assertEqual(done.json()["state"], "done", done)
        self.assertEqual(self.sandbox.active(), harness.serials(rows))
        self.assertEqual(len(self.sandbox.tokens()), 40)
        self.expect(DONE, self.pk("audit", "verify"))

    def test_it_ends_when_it_is_told_to_and_says_what_is_running(self):
        ready = self.call("GET", "/readyz", key=None)
        self.assertEqual(ready.status, 200, ready)
        self.assertEqual(self.call("GET", "/healthz", key=None).status, 200)
        self.assertEqual(self.service.stop(), 0)
        self.service.start()
        self.assertEqual(self.call("GET", "/v1/me").json()["name"], "first")

    def test_the_certificate_is_read_again(self):
        before = ssl.get_server_certificate(("localhost", self.service.port))
        for name in ("certificate.pem", "certificate.key"):
            (self.service.state / name).unlink()
        self.service.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 20
        while ssl.get_server_certificate(("localhost", self.service.port)) == before and time.monotonic() < until:
            time.sleep(0.1)
        self.assertNotEqual(ssl.get_server_certificate(("localhost", self.service.port)), before)
        self.assertEqual(self.call("GET", "/v1/me").status, 200)

    def test_keys_are_made_and_revoked_while_it_runs(self):
        key = self.pk("serve", "keys", "create", "helpdesk", "--right", "Tokens.Read")
        self.expect(DONE, key)
        text = harness.mask(key.out.strip().splitlines()[-1])
        self.assertEqual(self.call("GET", "/v1/me", key=text).json()["rights"], ["Tokens.Read"])
        self.assertEqual(self.call("POST", TOKENS, self.row(harness.seed_rows(1)[0]), key=text).status, 403)
        self.expect(DONE, self.pk("serve", "keys", "revoke", "helpdesk"))
        self.assertEqual(self.call("GET", "/v1/me", key=text).status, 401)

    def test_a_backup_of_the_running_service_is_whole(self):
        file, rows = self.seeds(5)
        job = self.service.job(self.call("POST", "/v1/tenants/default/imports", {"file": base64.b64encode(file.read_bytes()).decode()}))
        passphrase = self.folder / "passphrase"
        passphrase.write_text("five words taken at random\n")
        passphrase.chmod(0o600)
        backup = self.folder / "portalkey.backup"
        self.expect(DONE, self.pk("backup", backup, "--passphrase-file", passphrase))
        self.assertEqual(backup.stat().st_mode & 0o777, 0o600)
        for secret in (rows[0]["serial number"], rows[0]["upn"], self.service.key):
            self.assertNotIn(secret.encode(), backup.read_bytes())
        self.expect(DONE, self.pk("restore", backup, "--passphrase-file", passphrase))  # only looks
        restored = self.folder / "restored"
        self.expect(DONE, self.pk("restore", backup, "--passphrase-file", passphrase, "--to", restored))
        trail = next(restored.rglob("audit.db")).parent
        self.expect(DONE, self.pk("audit", "verify", "--state", trail))
        journal = next(restored.rglob("jobs.db"))
        self.assertIn(job.json()["id"].encode(), journal.read_bytes())
        again = self.pk("restore", backup, "--passphrase-file", passphrase, "--to", restored)
        self.assertEqual(again.code, 1, again)
        broken = bytearray(backup.read_bytes())
        broken[len(broken) // 2] ^= 1
        backup.write_bytes(broken)
        self.assertEqual(self.pk("restore", backup, "--passphrase-file", passphrase).code, 1)

    def test_no_secret_is_in_its_files_or_what_it_says(self):
        file, rows = self.seeds(3)
        self.service.job(self.call("POST", "/v1/tenants/default/imports", {"file": base64.b64encode(file.read_bytes()).decode()}))
        self.call("GET", "/metrics")
        self.service.stop()
        secrets = [row["secret key"] for row in rows] + [self.service.key, self.sandbox.stored()]
        secrets += [base64.b32decode(row["secret key"]) for row in rows] + [base64.b64encode(file.read_bytes())[40:120].decode()]
        for path in (self.sandbox.folder / "client").rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for secret in secrets:
                    self.assertNotIn(secret if isinstance(secret, bytes) else secret.encode(), content, str(path))
        for secret in secrets:
            if isinstance(secret, str):
                self.assertNotIn(secret, self.service.said)


if __name__ == "__main__":
    harness.main()
