"""A bad day at the portal's API: throttling, errors, broken connections, uploads that end badly."""
from harness import *
from test_faults import PASSING


class DuringImport(EndToEnd):
    SIGNED_IN = True

    def test_each_mishap_at_each_call(self):
        number = 0
        for name, rule in PASSING.items():
            for part in ("/users", "/upload", "/listuploads", "/enable"):
                # An upload that may not have arrived is waited for: there is a test of its own below.
                if part == "/upload" and name in ("500", "502", "503", "reset before"):
                    continue
                number += 1
                with self.subTest(f"{name} at {part}"):
                    file, rows = self.seeds(2, seed=number)
                    self.sandbox.fault(host="portal", path="hardwaretoken" + part, times=1, **rule)
                    self.expect(DONE, self.pk("tokens", "import", file))
                    self.assertTrue(serials(rows) <= self.sandbox.active(), "not every token is active")
                    self.assertEqual(1, self.sandbox.admin("GET", "/faults")["faults"][0]["hits"], "the fault did not strike")
                    self.sandbox.no_faults()
        self.session_works(why="all that")

    def test_an_upload_that_did_not_arrive(self):
        before = self.profile(upload_timeout_seconds=3)
        self.sign_in_with(before)
        for number, name in enumerate(("500", "502", "503", "reset before"), 1):
            with self.subTest(name):
                file, rows = self.seeds(3, seed=number)
                self.sandbox.fault(host="portal", path="hardwaretoken/upload", method="POST", times=1, **PASSING[name])
                ran = self.bare(*before, "tokens", "import", file)
                if ran.code != DONE:  # honest, and the second run does it
                    self.expect(FAILED, ran, "Run the same command again")
                    self.expect(DONE, self.bare(*before, "tokens", "import", file))
                self.assertTrue(serials(rows) <= self.sandbox.active(), "not every token is active")
                self.sandbox.no_faults()

    def test_an_upload_is_not_sent_twice(self):
        for name in ("reset after the effect", "reset in the body"):
            with self.subTest(name):
                file, rows = self.seeds(2, seed=60 + len(name))
                self.sandbox.forget_requests()
                self.sandbox.fault(host="portal", path="hardwaretoken/upload", method="POST", times=1, **PASSING[name])
                self.expect(DONE, self.pk("tokens", "import", file))
                self.assertEqual(1, len(self.sandbox.requests(part="HardwareToken/upload", method="POST")), "the upload was sent twice")
                self.sandbox.no_faults()

    def test_an_activation_is_not_sent_twice_unseen(self):
        """The code goes with the request: a repetition below the program would send one that is used or stale."""
        for name in ("reset before", "reset after the effect"):
            with self.subTest(name):
                file, rows = self.seeds(2, seed=80 + len(name))
                self.sandbox.forget_requests()
                self.sandbox.fault(host="portal", path="hardwaretoken/enable", times=1, **PASSING[name])
                ran = self.expect(DONE, self.pk("tokens", "import", file, "-vv"))
                sent = len(self.sandbox.requests(part="/enable"))
                logged = len(re.findall(r"debug POST \S+/enable ", ran.err))
                self.assertEqual(sent, logged, "requests were sent that the program did not know of")
                self.sandbox.no_faults()

    def test_random_mishaps(self):
        self.sandbox.stop()
        self.sandbox.start("--seed", "5", "--fault", json.dumps({"host": "portal", "probability": 0.05, "kind": "429", "retryAfter": 0}),
                           "--fault", json.dumps({"host": "portal", "probability": 0.06, "kind": "reset-before"}),
                           "--fault", json.dumps({"host": "portal", "path": "users", "probability": 0.1, "kind": "reset-in-body"}),
                           "--fault", json.dumps({"host": "portal", "path": "enable", "probability": 0.1, "kind": "reset-after-effect"}),
                           "--fault", json.dumps({"host": "portal", "path": "enable", "probability": 0.06, "kind": "503"}))
        before = self.profile(upload_timeout_seconds=5)
        self.sign_in_with(before)
        file, rows = self.seeds(60)
        for attempt in range(3):
            ran = self.bare(*before, "tokens", "import", file, timeout=120)
            if ran.code == DONE:
                break
            self.expect(ran.code, ran, "What to do:")
        self.assertEqual(DONE, ran.code, f"not done after three runs:\n{ran}")
        self.assertEqual(serials(rows), self.sandbox.active())
        self.assertEqual(60, len(self.sandbox.tokens()), "a token was made twice")

    def sign_in_with(self, before):
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))

    def test_storm(self):
        file, rows = self.seeds(3)
        self.sandbox.fault(host="portal", path="users", kind="429", retryAfter=1, times=4)
        self.expect(DONE, self.pk("tokens", "import", file))
        self.sandbox.no_faults()
        self.sandbox.fault(host="portal", kind="429", retryAfter=0)
        self.expect_error(FAILED, self.pk("tokens", "list"), "the portal API asks to slow down")
        file, rows = self.seeds(2, seed=2)
        self.expect(FAILED, self.pk("tokens", "import", file), "asks to slow down", absent=["not done"])
        self.sandbox.no_faults()
        self.expect(DONE, self.pk("tokens", "import", file), "2 active")
        self.session_works(why="a storm")

    def test_activation_limit_is_kept(self):
        self.sandbox.stop()
        self.sandbox.start("--activation-limit", "5/2")
        before = self.profile(limits="activations = 5\nactivation_window_seconds = 2")
        self.sign_in_with(before)
        file, rows = self.seeds(13)
        self.expect(DONE, self.bare(*before, "tokens", "import", file), "at most 5 in 2 s", "13 active")
        self.assertEqual([], self.sandbox.requests(part="/enable", status=429), "the limit was run into")

    def test_activation_limit_that_the_profile_does_not_know(self):
        self.sandbox.stop()
        self.sandbox.start("--activation-limit", "5/2")
        file, rows = self.seeds(13)
        self.expect(DONE, self.pk("tokens", "import", file), "13 active")
        self.assertEqual(serials(rows), self.sandbox.active())
        self.assertLess(len(self.sandbox.requests(part="/enable", status=429)), 12, "Retry-After was not obeyed")

    def test_upload_with_errors(self):
        file, rows = self.seeds(4)
        self.sandbox.policy(uploadOutcome="errors")
        document = self.expect(FAILED, self.pk("tokens", "import", file, "-o", "json")).json()
        self.assertEqual(serials(rows), {t["serial"] for t in document["tokens"]})
        for token in document["tokens"]:
            self.assertEqual("failed", token["state"])
            self.assertIn("gives no reason", token["reason"])
            self.assertIn("Check that the user exists", token["remedy"])
        self.sandbox.policy(uploadOutcome="ok")
        self.expect(DONE, self.pk("tokens", "import", file), "4 active")

    def test_one_bad_row_spoils_the_whole_upload(self):
        self.sandbox.stop()
        self.sandbox.start("--upload-all-or-nothing")
        rows = seed_rows(9)
        rows[4]["upn"] = "left.company@contoso.com"
        file = write_seeds(self.folder / "tokens.csv", rows)
        document = self.expect(PARTLY, self.pk("tokens", "import", file, "-o", "json")).json()
        self.assertEqual([rows[4]["serial number"]], [t["serial"] for t in document["tokens"] if t["state"] == "failed"])
        self.assertEqual(serials(rows) - {rows[4]["serial number"]}, self.sandbox.active())

    def test_upload_that_never_ends(self):
        before = self.profile(upload_timeout_seconds=1)
        self.sign_in_with(before)
        file, rows = self.seeds(3)
        self.sandbox.policy(uploadOutcome="never")
        began = time.monotonic()
        ran = self.expect(FAILED, self.bare(*before, "tokens", "import", file), "did not finish the upload within", "3 failed",
                          "Run the same command again later")
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(3, ran.out.count("did not finish the upload"), "not every row has its reason")
        self.assertEqual(1, len(self.sandbox.requests(part="HardwareToken/upload", method="POST")), "it was uploaded again")
        self.sandbox.policy(uploadOutcome="ok")
        self.expect(DONE, self.bare(*before, "tokens", "import", file), "3 active")
        self.assertEqual(serials(rows), self.sandbox.active())

    def test_other_shapes_and_no_licence(self):
        self.sandbox.stop()
        self.sandbox.start("--list-uploads-items")
        file, rows = self.seeds(2)
        self.expect(DONE, self.pk("tokens", "import", file), "2 active")
        self.sandbox.stop()
        self.sandbox.start("--no-premium")
        file, rows = self.seeds(2, seed=2)
        self.expect_error(FAILED, self.pk("tokens", "import", file), "P1 or P2")


if __name__ == "__main__":
    main()
