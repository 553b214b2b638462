"""What a hostile caller may send to `portalkey serve`: each gets the right answer, the tenant stays as it was, the service lives."""
import gzip
import json
import re
import resource
import socket
import ssl
import threading
import time

import harness
from harness import EndToEnd
from service_client import Service

TENANT = "/v1/tenants/default"
TOKENS = TENANT + "/tokens"


class AbuseTest(EndToEnd):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.service = Service(self.sandbox, self.home)
        self.addCleanup(self.service.stop)
        self.service.start()
        (self.row,) = harness.seed_rows(1)
        self.body = json.dumps({"serialNumber": self.row["serial number"], "secretKey": self.row["secret key"], "upn": self.row["upn"]}).encode()

    def run(self, result=None):
        bad = lambda: len(result.failures) + len(result.errors)
        before = bad()
        super().run(result)
        if bad() != before:
            print("----- the service said -----\n" + harness.masked(self.service.said[-5000:]))

    def lives_and_nothing_changed(self, why=""):
        self.assertIsNone(self.service.process.poll(), f"the service ended: {why}")
        self.assertEqual(self.service.call("GET", "/healthz", key=None, timeout=20).status, 200, why)
        self.assertEqual(self.sandbox.tokens(), [], why)

    def tls(self, timeout=20):
        context = ssl.create_default_context(cafile=self.service.certificate)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.service.port), timeout), server_hostname="localhost")

    def head(self, method, target, *fields, host="localhost"):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {self.service.key}", *fields]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def sent(self, data, timeout=20, quiet=1.5):
        """The statuses of all that is answered to these bytes, until it closes or says no more for `quiet` seconds."""
        answers = b""
        with self.tls(timeout) as connection:
            try:
                connection.sendall(data)
                connection.settimeout(timeout)
                while piece := connection.recv(65536):
                    answers += piece
                    connection.settimeout(quiet)
            except (TimeoutError, ssl.SSLError, ConnectionError):
                pass
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


class Wire(AbuseTest):
    def test_requests_that_two_servers_would_read_in_two_ways(self):
        add = self.head("POST", TOKENS, "Content-Type: application/json", f"Content-Length: {len(self.body)}") + self.body
        length = len(self.body)
        type_ = "Content-Type: application/json"
        chunk = f"{length:x}\r\n".encode() + self.body + b"\r\n0\r\n\r\n"
        shapes = {
            "Content-Length, then chunked": self.head("POST", TOKENS, type_, f"Content-Length: {length}", "Transfer-Encoding: chunked") + chunk,
            "chunked, then Content-Length": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked", f"Content-Length: {length}") + chunk,
            "two lengths": self.head("POST", TOKENS, type_, f"Content-Length: {length}", "Content-Length: 0") + self.body,
            "two equal lengths": self.head("POST", TOKENS, type_, f"Content-Length: {length}", f"Content-Length: {length}") + self.body,
            "lengths in a list": self.head("POST", TOKENS, type_, f"Content-Length: {length}, {length}") + self.body,
            "a length with a sign": self.head("POST", TOKENS, type_, f"Content-Length: +{length}") + self.body,
            "a negative length": self.head("POST", TOKENS, type_, "Content-Length: -1") + self.body,
            "a length in hexadecimal": self.head("POST", TOKENS, type_, f"Content-Length: {length:#x}") + self.body,
            "chunked twice": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + chunk,
            "chunked in a list": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked, chunked") + chunk,
            "another coding": self.head("POST", TOKENS, type_, "Transfer-Encoding: xchunked") + chunk,
            "identity": self.head("POST", TOKENS, type_, "Transfer-Encoding: identity", f"Content-Length: {length}") + self.body,
            "gzip, chunked": self.head("POST", TOKENS, type_, "Transfer-Encoding: gzip, chunked") + chunk,
            "a blank before the colon": self.head("POST", TOKENS, type_, f"Content-Length : {length}") + self.body,
            "a tab before the colon": self.head("POST", TOKENS, type_, "Transfer-Encoding\t: chunked") + chunk,
            "a folded line": self.head("POST", TOKENS, type_, "X-Folded: a", f" Content-Length: {length}") + self.body,
            "a folded coding": self.head("POST", TOKENS, type_, "Transfer-Encoding:", " chunked") + chunk,
            "a bare LF": self.head("POST", TOKENS, type_, f"X: a\nContent-Length: {length}") + self.body,
            "LF only": self.head("POST", TOKENS, type_, f"Content-Length: {length}").replace(b"\r\n", b"\n") + self.body,
            "a bare CR": self.head("POST", TOKENS, type_, f"X: a\rContent-Length: {length}") + self.body,
            "a NUL in a field": self.head("POST", TOKENS, type_, "X: a\0b", f"Content-Length: {length}") + self.body,
            "two hosts": self.head("POST", TOKENS, "Host: elsewhere", type_, f"Content-Length: {length}") + self.body,
            "no host": add.replace(b"Host: localhost\r\n", b""),
            "a chunk size with a sign": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked") + b"+" + chunk,
            "a chunk size with a prefix": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked") + b"0x" + chunk,
            "a chunk size that overflows": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked") + b"f" * 17 + b"\r\n" + self.body,
            "a chunk longer than it says": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked") + b"2\r\n" + self.body + b"\r\n0\r\n\r\n",
            "chunks that end in LF": self.head("POST", TOKENS, type_, "Transfer-Encoding: chunked") + chunk.replace(b"\r\n", b"\n"),
            "a request in the blanks of a version": b"POST " + TOKENS.encode() + b"  HTTP/1.1" + add[add.index(b"\r\n"):],
            "HTTP/0.9": f"GET {TOKENS}\r\n\r\n".encode(),
            "HTTP/2 without being asked": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "no HTTP at all": b"\x00\x01\x02\x03\r\n\r\n",
        }
        hidden = self.head("DELETE", f"{TOKENS}/x")  # what a second reader would take for the next request
        for name, bytes_ in shapes.items():
            with self.subTest(name):
                statuses = self.sent(bytes_ + hidden)
                self.assertEqual(len(statuses), 1, f"{name}: {statuses}")
                self.assertIn(statuses[0], (400, 413, 501, 505), name)
        self.lives_and_nothing_changed()
        self.assertEqual(self.sent(self.head("GET", "/v1/me") * 3), [200, 200, 200])  # and what is right goes through, in order

    def test_what_is_too_large_is_told_so(self):
        long = "a" * 70_000
        self.assertEqual(self.sent(self.head("GET", "/v1/me", "X-Long: " + long)), [431])
        self.assertEqual(self.sent(self.head("GET", "/v1/me", *(f"X-{i}: {'a' * 60}" for i in range(1000)))), [431])
        self.assertIn(self.sent(self.head("GET", "/v1/" + long)), ([431], [414]))
        self.assertEqual(self.sent(self.head("POST", TENANT + "/imports", "Content-Type: application/json", "Content-Length: 99999999999")), [413])
        self.assertEqual(self.sent(self.head("POST", TENANT + "/imports", "Content-Type: application/json", "Content-Length: " + "9" * 40)), [413])
        chunks = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        self.assertIn(self.sent(self.head("POST", TENANT + "/imports", "Content-Type: application/json", "Transfer-Encoding: chunked") + chunks * 80),
                      ([413], []))
        # Who asks first whether the body is wanted hears that it is not.
        self.assertEqual(self.sent(self.head("POST", TENANT + "/imports", "Expect: 100-continue", "Content-Length: 99999999999")), [413])
        self.lives_and_nothing_changed()

    def test_paths_lead_nowhere_else(self):
        for target in ("/v1/../v1/me", "/v1/%2e%2e/v1/me", "/v1/.%2E/v1/me", "/v1/./me", "//v1/me", "/v1//me", "/v1/me%00", "/v1/me%0d%0aX:%20y",
                       "/v1/tenants/default/tokens/%2e%2e", "/v1/tenants/..%2f..%2fetc%2fpasswd/tokens", "/v1/tenants/%00/tokens", "/v1\\me",
                       "https://elsewhere/v1/me", "http://elsewhere:443/healthz", "elsewhere:443", "*", "v1/me", "/v1/me#x", "/v1/me/", "/V1/me",
                       "/v1/me;x", "/v1/%6de%", "/v1/me%zz"):
            with self.subTest(target):
                statuses = self.sent(self.head("GET", target))
                self.assertEqual(len(statuses), 1, target)
                self.assertIn(statuses[0], (400, 404, 421), target)
        self.assertEqual(self.sent(self.head("GET", "https://localhost/v1/me")), [200])  # absolute-form with the same host
        for method in ("TRACE", "CONNECT", "PUT", "GETT", "get"):
            statuses = self.sent(self.head(method, TOKENS))
            self.assertTrue(len(statuses) == 1 and statuses[0] in (400, 405, 501), f"{method}: {statuses}")
        self.lives_and_nothing_changed()


class Bodies(AbuseTest):
    def post(self, body, path=TOKENS, type_="application/json", **headers):
        return self.service.call("POST", path, body, headers={"Content-Type": type_} | {k.replace("_", "-"): v for k, v in headers.items()})

    def refused(self, status, body, *words, **more):
        reply = self.post(body, **more)
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        problem = reply.json()
        self.assertEqual(problem["status"], status)
        self.assertNotIn(self.row["secret key"], reply.text)
        for word in words:
            self.assertIn(word, reply.text)

    def test_bodies_that_are_not_what_they_must_be(self):
        good = json.loads(self.body)
        self.refused(415, gzip.compress(self.body), Content_Encoding="gzip")
        self.refused(415, gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
        for type_ in ("text/plain", "application/x-www-form-urlencoded", "text/json", "multipart/form-data"):
            self.refused(415, self.body, type_=type_)
        for wrong in ([], "x", 1, None, True):
            self.refused(400, json.dumps(wrong))
        for name, wrong in (("serialNumber", 7), ("serialNumber", ["x"]), ("serialNumber", None), ("secretKey", {}), ("secretKey", 12), ("upn", True),
                            ("timeInterval", "thirty"), ("timeInterval", 30.5), ("timeInterval", 1e300), ("timeInterval", -30),
                            ("timeInterval", 2 ** 63), ("preview", "yes"), ("preview", 1)):
            with self.subTest(f"{name}: {wrong!r}"):
                self.refused(400, json.dumps(good | {name: wrong}))
        self.refused(400, json.dumps(good | {"serial_number": "x"}), "serial_number")  # unknown members
        self.refused(400, self.body[:-1])
        self.refused(400, self.body + b"{}")
        self.refused(400, b"\xff\xfe" + self.body)
        self.refused(400, self.body.replace(b'"upn"', b'"\xff"'))
        self.refused(400, b"")
        self.lives_and_nothing_changed()

    def test_a_member_that_comes_twice_is_refused(self):
        twice = self.body[:-1] + b', "upn": "somebody.else@contoso.com"}'
        self.refused(400, twice)
        self.refused(400, self.body[:-1] + b', "\\u0075pn": "somebody.else@contoso.com"}')
        row = self.body.decode()
        self.refused(400, f'{{"tokens": [{row[:-1]}, "upn": "x@contoso.com"}}]}}', path=TENANT + "/imports")
        self.lives_and_nothing_changed()

    def test_depth_does_no_harm(self):
        for deep in (b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b'{"serialNumber":' + b"[" * 100_000):
            for path in (TOKENS, TENANT + "/imports", TENANT + "/jobs", TENANT + "/portal/call"):
                self.refused(400, deep, path=path)
        self.lives_and_nothing_changed()

    def test_forms_that_are_none(self):
        for body in (b"", b"--x", b"--x\r\n\r\n", b"--x--\r\n", b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc",
                     b"--x\r\n" * 10_000, b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../etc/passwd\"\r\n\r\nabc\r\n--x--\r\n",
                     (b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n" + b"abc" + b"\r\n") * 2 + b"--x--\r\n"):
            with self.subTest(body[:80]):
                reply = self.post(body, path=TENANT + "/imports", type_="multipart/form-data; boundary=x")
                self.assertIn(reply.status, (400, 415, 422), reply)
        for type_ in ("multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 500, "multipart/form-data", "multipart/form-data;boundary=\"x"):
            self.assertIn(self.post(b"--x--\r\n", path=TENANT + "/imports", type_=type_).status, (400, 415), type_)
        bomb = gzip.compress(b"upn,serial number,secret key\r\n" + b"a" * 50_000_000)
        reply = self.service.call("POST", TENANT + "/imports", bomb, headers={"Content-Type": "application/gzip"})
        self.assertIn(reply.status, (400, 415), reply)
        self.lives_and_nothing_changed()

    def test_parameters_that_are_none(self):
        for query in ("nosuch=1", "top=x", "top=-1", "top=0", "top=99999999999999999999", "top=5&top=6", "orderBy=secretKey", "after=%ff%fe", "after=x",
                      "state=%27%20OR%201=1", "top=5%00"):
            reply = self.service.call("GET", f"{TOKENS}?{query}")
            self.assertIn(reply.status, (400,), f"{query}: {reply}")
        for headers in ({"Idempotency-Key": "k" * 300}, {"Prefer": "wait=" + "9" * 40}, {"Last-Event-ID": "x" * 1000}):
            self.assertLess(self.service.call("POST", TOKENS, b"{}", headers=headers | {"Content-Type": "application/json"}).status, 500)
        self.lives_and_nothing_changed()

    def test_sign_in_that_is_none(self):
        for value in ("Bearer", "Bearer ", "Basic eDp5", "Bearer " + "x" * 50_000, "Bearer pk_", "bearer  x", "Bearer " + self.service.key[:-1],
                      "Bearer " + self.service.key + "x", "Bearer " + self.service.key + ", Bearer x"):
            reply = self.service.call("GET", "/v1/me", key=None, headers={"Authorization": value})
            self.assertIn(reply.status, (401, 429), f"{value[:20]}: {reply}")
        self.lives_and_nothing_changed()


class Crowds(AbuseTest):
    def test_a_thousand_idle_connections_while_a_caller_is_served(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        idle = []
        try:
            for number in range(1000):  # some with TLS, some that never begin it, some in the middle of a head
                idle.append(self.tls() if number % 10 == 0 else socket.create_connection(("127.0.0.1", self.service.port), 20))
                if number % 20 == 0:
                    idle[-1].sendall(b"GET /v1/me HTT")
            slowest = 0
            for _ in range(20):
                begun = time.monotonic()
                self.assertEqual(self.service.call("GET", "/v1/me").status, 200)
                slowest = max(slowest, time.monotonic() - begun)
            self.assertLess(slowest, 5)
            added = self.service.job(self.service.call("POST", TOKENS, json.loads(self.body)))
            self.assertEqual(added.json()["state"], "done", added)
        finally:
            for connection in idle:
                connection.close()
        self.assertEqual(self.sandbox.active(), {self.row["serial number"]})
        self.assertEqual(self.service.call("GET", "/healthz", key=None).status, 200)

    def test_those_who_wait_for_slow_jobs_keep_nobody_else_waiting(self):
        self.sandbox.fault(path="/enable", kind="latency", milliseconds=4000)
        replies = []

        def add(row):
            body = {"serialNumber": row["serial number"], "secretKey": row["secret key"], "upn": row["upn"]}
            replies.append(self.service.call("POST", TOKENS, body, headers={"Prefer": "wait=20"}))

        callers = [threading.Thread(target=add, args=(row,)) for row in harness.seed_rows(40)]
        for caller in callers:
            caller.start()
        time.sleep(1)
        slowest = 0
        for _ in range(10):
            begun = time.monotonic()
            self.assertEqual(self.service.call("GET", "/healthz", key=None).status, 200)
            self.assertEqual(self.service.call("GET", "/v1/me").status, 200)
            slowest = max(slowest, time.monotonic() - begun)
        for caller in callers:
            caller.join()
        self.assertEqual({r.status for r in replies} - {200, 202, 503}, set(), [str(r) for r in replies])
        self.assertLess(slowest, 2)

    def test_readers_of_events_that_never_read(self):
        self.sandbox.fault(path="/enable", kind="latency", milliseconds=3000)
        file = {"tokens": [{"serialNumber": r["serial number"], "secretKey": r["secret key"], "upn": r["upn"]} for r in harness.seed_rows(20)]}
        job = self.service.call("POST", TENANT + "/imports", file).json()["id"]
        readers = []
        try:
            for _ in range(50):
                readers.append(self.tls())
                readers[-1].sendall(self.head("GET", f"{TENANT}/jobs/{job}/events"))
            begun = time.monotonic()
            for _ in range(10):
                self.assertEqual(self.service.call("GET", "/v1/me").status, 200)
            self.assertLess(time.monotonic() - begun, 10)
            done = self.service.call("GET", f"{TENANT}/jobs/{job}")
            until = time.monotonic() + 60
            while done.json()["state"] != "done" and time.monotonic() < until:
                time.sleep(0.2)
                done = self.service.call("GET", f"{TENANT}/jobs/{job}")
            self.assertEqual(done.json()["state"], "done", done)
        finally:
            for reader in readers:
                reader.close()
        self.assertEqual(len(self.sandbox.active()), 20)
        self.assertEqual(self.service.stop(), 0)

    def test_one_key_too_often_is_429_and_others_go_on(self):
        other = self.pk("serve", "keys", "create", "other", "--right", "Tokens.Read")
        key = harness.mask(other.out.strip().splitlines()[-1])
        one = self.head("GET", "/v1/me").replace(self.service.key.encode(), key.encode())
        statuses = self.sent(one * 650, quiet=5)
        self.assertEqual(len(statuses), 650)
        self.assertEqual(statuses.count(429), 50, statuses[-60:])
        self.assertEqual(self.service.call("GET", "/v1/me").status, 200)
        self.lives_and_nothing_changed()


if __name__ == "__main__":
    harness.main()
