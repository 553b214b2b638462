"""What Entra says when it no longer takes the refresh token: once, understood, and not tried again."""
from harness import *

# The codes of the client's own table (src/entra/oauth/aadsts.cc) and what kind each is.
ROWS = {int(m[1]): m[2] for m in re.finditer(r"Row\{\s*(\d+),\s*Errc::(\w+),", (ROOT / "src/entra/oauth/aadsts.cc").read_text())}
# These must need a person, whatever the table says: the refusals of the reference.
PERSON = [50034, 50053, 50055, 50057, 50072, 50074, 50076, 50078, 50079, 50097, 50126, 50131, 50132, 50133, 50135, 50144, 50158, 50173,
          53000, 53001, 53002, 53003, 53004, 53009, 53011, 530003, 530021, 530032, 530034, 530035, 530036, 530084, 90072, 50005, 50142, 70000, 70008, 70043, 70044, 700003, 700005, 700082,
          700084, 135010, 135011, 16000, 51004]
# What the person has to do, in a word.
REMEDIES = {50057: "Enable the account", 50055: "password", 50053: "Unlock", 50034: "Restore", 50076: "MFA", 53003: "sign-in log",
            70043: "sign-in frequency", 700082: "session refresh", 530084: "token protection", 700005: "tenant id", 65001: "consent",
            50173: "portalkey login", 70008: "portalkey login"}


class Refusals(EndToEnd):
    SIGNED_IN = True

    def known_to_the_sandbox(self, code):
        return self.sandbox.driven("POST", "/policy", {"refreshError": code}).status == 200

    def token_requests(self):
        """The sign-in service's journal without the vault's own sign-in, which is the first."""
        return self.sandbox.requests(service="login", method="POST")[1:]

    def test_each_refusal(self):
        self.assertGreater(len(ROWS), 90, "src/entra/oauth/aadsts.cc has another shape than this test knows")
        stored = self.sandbox.stored()
        tried = 0
        for code in sorted({*ROWS, *PERSON}):
            if not self.known_to_the_sandbox(code):
                continue
            kind = "needs_person" if code in PERSON else ROWS[code]
            if kind in ("unavailable", "throttled"):  # passing problems are tried again: see below
                continue
            tried += 1
            with self.subTest(f"AADSTS{code}"):
                self.sandbox.forget_requests()
                ran = self.pk("session", "refresh")
                self.expect_error(NEEDS_PERSON if kind == "needs_person" else FAILED, ran, f"AADSTS{code}", REMEDIES.get(code, ""),
                                  "correlation id: ")
                self.assertEqual(1, len(self.token_requests()), "it was tried again")
                self.assertEqual([], self.sandbox.requests(service="vault", method="PUT"), "something was stored")
                self.assertEqual([], self.sandbox.requests(service="portal"))
        self.assertGreater(tried, 60, "the sandbox knows too few codes")
        self.sandbox.policy(refreshError=None)
        self.assertEqual(stored, self.sandbox.stored())
        self.session_works(why="the refusals ended")

    def test_as_json_and_from_other_commands(self):
        file, _ = self.seeds(2)
        self.sandbox.policy(refreshError=53003)
        error = self.expect(NEEDS_PERSON, self.pk("session", "refresh", "-o", "json")).json_error()
        self.assertEqual("needs_person", error["code"])
        self.assertIn("policies", error["context"])
        for command in (["session", "access-token"], ["skus"], ["tokens", "list"], ["api", "GET", "/api/AccountSkus"],
                        ["tokens", "import", file, "--dry-run"], ["tokens", "import", file], ["tokens", "remove", "--yes", "1"]):
            self.expect(NEEDS_PERSON, self.pk(*command), "AADSTS53003", absent=["Traceback"])
        given = self.folder / "token"
        given.write_text(self.sandbox.stored())
        self.expect(NEEDS_PERSON, self.pk("login", "--refresh-token-file", given), "AADSTS53003")
        self.assertEqual(1, len(self.sandbox.versions()))
        self.sandbox.policy(refreshError=None)
        self.session_works(why="the policy was changed")

    def test_what_really_happens_to_accounts(self):
        user = lambda **change: self.sandbox.admin("POST", "/users", {"upn": SERVICE_ACCOUNT, **change})
        with self.subTest("disabled"):
            user(disabled=True)
            self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "AADSTS50057")
            user(disabled=False)
            self.session_works(why="the account was enabled")
        with self.subTest("deleted"):
            user(deleted=True)
            self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "AADSTS50034")
            user(deleted=False)
        with self.subTest("not used for 90 days"):
            self.sandbox.clock(advanceSeconds=90 * 86400 + 60)
            self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "AADSTS700082", "schedule portalkey session refresh")
            self.sandbox.clock(offsetSeconds=0)
            self.session_works(why="the clock was set back")
        with self.subTest("89 days are fine"):
            self.sandbox.clock(advanceSeconds=89 * 86400)
            self.session_works(why="89 days")
            self.sandbox.clock(offsetSeconds=0)
        with self.subTest("multi-factor authentication is demanded"):
            self.sandbox.policy(mfaAtSignIn=False)
            self.expect(DONE, self.pk("login", "--device-code"), "without multi-factor authentication")
            self.sandbox.policy(requireMfa=True, mfaAtSignIn=True)
            self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "AADSTS50076")
            self.expect(DONE, self.pk("login", "--device-code"))
            self.session_works(why="a sign-in with MFA")
        with self.subTest("sessions revoked"):
            self.sandbox.admin("POST", "/revoke", {"upn": SERVICE_ACCOUNT})
            self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "AADSTS50173", "portalkey login")
            self.expect(DONE, self.pk("login", "--device-code"))
            self.session_works(why="a new sign-in")

    def test_revoked_in_the_middle_of_an_import(self):
        """The portal's 400 with an AADSTS code."""
        file, rows = self.seeds(3)
        self.sandbox.policy(portalError=50173)
        self.expect(NEEDS_PERSON, self.pk("tokens", "import", file), "AADSTS50173", "portalkey login", absent=["not done"])
        self.sandbox.policy(portalError=53003)
        self.expect(NEEDS_PERSON, self.pk("skus"), "AADSTS53003")
        self.sandbox.policy(portalError=None)
        self.expect(DONE, self.pk("tokens", "import", file), "3 active")

    def test_the_portal_says_that_the_access_token_expired(self):
        self.sandbox.policy(portalError=500133)
        self.sandbox.forget_requests()
        self.expect_error(FAILED, self.pk("skus"), "AADSTS500133")
        self.assertEqual(2, len(self.sandbox.requests(service="portal")), "not: once more with a new token, and no further")
        self.sandbox.policy(portalError=None)
        self.session_works(why="expired access tokens")

    def test_short_lived_access_tokens(self):
        self.sandbox.stop()
        self.sandbox.start("--access-token-lifetime", "2")
        file, rows = self.seeds(3)
        self.expect(DONE, self.pk("tokens", "import", file), "3 active")

    def test_a_passing_problem_is_tried_again(self):
        self.sandbox.fault(host="login", path="/token", kind="503", skip=1, times=2)
        self.sandbox.forget_requests()
        self.expect(DONE, self.pk("session", "refresh"))
        self.assertEqual(3, len(self.token_requests()))

    def test_rubbish_in_the_vault(self):
        for value in ("rubbish", "1.AX0A" + "y" * 900, "eyJ0eXAiOiJKV1QifQ.e30.x"):
            with self.subTest(value[:10]):
                self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": value}).status)
                ran = self.pk("session", "refresh")
                self.expect_error(NEEDS_PERSON, ran, "portalkey login", "AADSTS")
                self.assertNotIn("defect in portalkey", ran.err)
        self.expect(DONE, self.pk("login", "--device-code"))
        self.session_works(why="a new sign-in")


if __name__ == "__main__":
    main()
