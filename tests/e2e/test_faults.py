"""A bad day at the sign-in service and the vault: throttling, errors, broken connections; and clocks that differ."""
from harness import *

# What strikes once or twice, and is over.
PASSING = {
    "429": dict(kind="429", retryAfter=1),
    "429 without Retry-After": dict(kind="429-no-retry-after"),
    "500": dict(kind="500"),
    "502": dict(kind="502"),
    "503": dict(kind="503"),
    "503 with Retry-After": dict(kind="503", retryAfter=1),
    "reset before": dict(kind="reset-before"),
    "reset after the effect": dict(kind="reset-after-effect"),
    "reset in the body": dict(kind="reset-in-body"),
    "slow body": dict(kind="slow-body", milliseconds=400),
}


class DuringRefresh(EndToEnd):
    SIGNED_IN = True

    def test_sign_in_service(self):
        for name, rule in PASSING.items():
            for skip in (0, 1):  # the vault's own sign-in, the redemption
                with self.subTest(f"{name}, request {skip + 1}"):
                    self.sandbox.fault(host="login", skip=skip, times=1, **rule)
                    self.expect(DONE, self.pk("session", "refresh"))
                    self.assertEqual(1, self.sandbox.admin("GET", "/faults")["faults"][0]["hits"], "the fault did not strike")
                    self.sandbox.no_faults()
        self.session_works(why="all that")

    def test_vault(self):
        for name, rule in PASSING.items():
            for method in ("GET", "PUT"):
                with self.subTest(f"{name}, {method}"):
                    self.sandbox.fault(host="vault", method=method, times=1, **rule)
                    self.expect(DONE, self.pk("session", "refresh"))
                    self.assertEqual(1, self.sandbox.admin("GET", "/faults")["faults"][0]["hits"], "the fault did not strike")
                    self.sandbox.no_faults()
        self.session_works(why="all that")
        self.assertEqual(["default/escrow.sealed.key", "default/session.lock"], self.state_files())

    def test_storms(self):
        """Longer than the program's patience: an honest error, and the session works afterwards."""
        for host, words in {"login": ["AADSTS90055", "throttle"], "vault": ["throttle"]}.items():
            with self.subTest(host):
                self.sandbox.fault(host=host, kind="429", retryAfter=1, times=5)
                began = time.monotonic()
                self.expect(DONE, self.pk("session", "refresh"))
                self.assertGreater(time.monotonic() - began, 4.5, "Retry-After was not obeyed")
                self.sandbox.no_faults()
                self.sandbox.fault(host=host, kind="429", retryAfter=0)
                self.expect_error(FAILED, self.pk("session", "refresh"), *words)
                self.sandbox.no_faults()
                self.session_works(why=f"a storm at the {host}")
        with self.subTest("asked to wait longer than a run may take"):
            self.sandbox.fault(host="vault", kind="429", retryAfter=100_000)
            began = time.monotonic()
            self.expect_error(FAILED, self.pk("session", "refresh"), "throttle")
            self.assertLess(time.monotonic() - began, 10)
            self.sandbox.no_faults()
            self.session_works(why="a very long Retry-After")

    def test_random_mishaps_at_login_and_vault(self):
        self.sandbox.stop()
        self.sandbox.start("--seed", "7")
        kinds = [k for k in PASSING if "429" not in k and "Retry" not in k]
        self.sandbox.fault(*[{"host": host, "probability": 0.05, **PASSING[k]} for k in kinds for host in ("login", "vault")])
        ended = [self.pk("session", "refresh").code for _ in range(12)]
        self.assertTrue(set(ended) <= {DONE, FAILED}, f"exit codes: {ended}")
        self.assertGreater(ended.count(DONE), 8, f"exit codes: {ended}")
        self.sandbox.no_faults()
        self.session_works(why="a bad day")

    def test_interrupted_refresh(self):
        self.sandbox.fault(host="login", path="/token", skip=1, kind="hang")
        args = ["--sandbox", self.sandbox.folder, "session", "refresh"]
        self.sandbox.forget_requests()
        process = start(args, self.home)
        self.wait_for_requests(3)
        process.send_signal(signal.SIGINT)
        self.expect(INTERRUPTED, self.note(finish(process, args, timeout=10)), "interrupted")
        self.sandbox.no_faults()
        self.session_works(why="an interruption")

    def wait_for_requests(self, count):
        end = time.monotonic() + 30
        while self.sandbox.admin("GET", "/requests")["total"] < count:
            self.assertLess(time.monotonic(), end, "the program sent nothing")


class Clocks(EndToEnd):
    SIGNED_IN = True

    def test_five_minutes_off(self):
        for number, offset in enumerate((300, -300, 3601, -86000), 1):
            with self.subTest(f"{offset} s"):
                self.sandbox.clock(offsetSeconds=offset)
                file, rows = self.seeds(4, seed=number)
                self.sandbox.forget_requests()
                self.expect(DONE, self.pk("tokens", "import", file), "4 active")
                self.assertEqual([200] * 4, [r["status"] for r in self.sandbox.requests(part="/enable")], "a code was refused")
        self.session_works(why="the clocks differed")

    def test_a_date_that_is_absurd(self):
        """Neither clock is believed: no code is sent, and it says why."""
        file, rows = self.seeds(3)
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"))
        for rule in ({"offsetSeconds": -2 * 86400}, {"offsetSeconds": 400 * 86400}, {"date": "Thu, 01 Jan 1970 00:00:00 GMT"},
                     {"date": "Fri, 31 Dec 9999 23:59:59 GMT"}):
            with self.subTest(rule):
                self.sandbox.fault(host="portal", kind="date", **rule)
                self.sandbox.forget_requests()
                self.expect(FAILED, self.pk("tokens", "activate", file), "the server says that it is", "this machine that it is", "timedatectl")
                self.assertEqual([], self.sandbox.requests(part="/enable"), "a code was sent")
                self.sandbox.no_faults()
        for rule in ({"date": "not a date"}, {"date": ""}):
            self.sandbox.fault(host="portal", kind="date", times=1, **rule)
        self.sandbox.fault(host="portal", kind="date", offsetSeconds=400 * 86400, times=1)  # one odd answer among sound ones
        self.expect(DONE, self.pk("tokens", "activate", file), "3 active")
        self.assertEqual(serials(rows), self.sandbox.active())

    def test_codes_that_begin_with_zero(self):
        step = self.sandbox.go_to(4)
        rows = seed_rows(5, fits=lambda key: all(totp(key, step + n).startswith("0") for n in (0, 1)))
        rows += seed_rows(1, seed=2, fits=lambda key: totp(key, step).startswith("000"))
        file = write_seeds(self.folder / "zeros.csv", rows)
        self.expect(DONE, self.pk("tokens", "import", file), "6 active")
        enabled = self.sandbox.requests(part="/enable")
        self.assertEqual([200] * 6, [r["status"] for r in enabled], "a code was refused")
        self.assertLess(self.sandbox.now() // 30, step + 2, "the test was too slow to show anything")

    def test_codes_that_begin_with_zero_where_they_are_refused(self):
        self.sandbox.stop()
        self.sandbox.start("--refuse-leading-zero-codes")
        file = self.folder / "zeros.csv"
        step = int(self.sandbox.now() // 60 * 2) + 2 + 1440  # a step in half a day
        rows = seed_rows(3, fits=lambda key: totp(key, step).startswith("0") and not totp(key, step + 1).startswith("0")
                         and not totp(key, step + 2).startswith("0"))
        self.expect(DONE, self.pk("tokens", "import", write_seeds(file, rows), "--until", "uploaded"))
        self.sandbox.clock(advanceSeconds=int(step * 30 + 25 - self.sandbox.now()))
        self.sandbox.forget_requests()
        self.expect(DONE, self.pk("tokens", "activate", file), "3 active")
        statuses = [r["status"] for r in self.sandbox.requests(part="/enable")]
        self.assertEqual([400] * 3 + [200] * 3, statuses, "not: refused, then accepted in the next step")

    def test_sixty_second_tokens(self):
        self.sandbox.go_to(35)
        file, rows = self.seeds(4, interval=60)
        self.sandbox.forget_requests()
        self.expect(DONE, self.pk("tokens", "import", file), "4 active")
        self.assertEqual([200] * 4, [r["status"] for r in self.sandbox.requests(part="/enable")], "a code was refused")

    def test_a_token_with_another_key_in_the_tenant(self):
        """Three attempts in three steps would take a minute: the test removes the token while the program waits for the second."""
        rows = seed_rows(1)
        file = write_seeds(self.folder / "tokens.csv", rows)
        self.sandbox.admin("POST", "/tokens", {"upn": rows[0]["upn"], "serialNumber": rows[0]["serial number"],
                                               "secretKey": new_key(random.Random(4))})
        self.sandbox.go_to(26)
        args = ["--sandbox", self.sandbox.folder, "tokens", "import", file]
        self.sandbox.forget_requests()
        process = start(args, self.home)
        end = time.monotonic() + 30
        while not self.sandbox.requests(part="/enable", status=400):
            self.assertLess(time.monotonic(), end, "no code was sent")
        token = self.sandbox.tokens()[0]
        access = self.pk("session", "access-token").out.strip()
        self.assertEqual(200, self.sandbox.https("POST", PORTAL_HOST, HARDWARE_TOKEN + "remove", content={"oathId": token["oathId"]}, bearer=access,
                                                 headers={"x-ms-client-request-id": token["oathId"], "x-ms-correlation-id": token["oathId"]}).status)
        self.expect(FAILED, self.note(finish(process, args)), "not activated", "1 failed")


if __name__ == "__main__":
    main()
