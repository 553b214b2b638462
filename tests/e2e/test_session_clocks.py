"""What ends a session and when: three clocks that survive rotations, warnings in time, calls for a person, a line for monitoring."""
import datetime

from harness import *


def ago(**time_ago):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**time_ago)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


class Clocks(EndToEnd):
    SIGNED_IN = False

    def tags(self):
        return self.sandbox.vault("GET", "/secrets/RefreshToken").json()["tags"]

    def stored_with(self, **tags):
        """The session's token as it lies there, with other tags."""
        old = {k: v for k, v in self.tags().items() if not k.startswith("portalkey-earlier")}
        self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": self.sandbox.stored(), "tags": {**old, **tags}})

    def status(self, *before):
        return self.expect(DONE, self.bare(*before, "session", "status", "-o", "json") if before else
                           self.pk("session", "status", "-o", "json")).json()

    def alert_command(self):
        """A command that notes its arguments and its environment, one run a line."""
        script = self.folder / "tell"
        script.write_text(f"#!/bin/sh\nprintf '%s|' \"$@\" >>{self.folder}/told\necho >>{self.folder}/told\nenv >>{self.folder}/environment\n")
        script.chmod(0o700)
        return f'alert_command = ["{script}", "on duty"]'

    def told(self):
        file = self.folder / "told"
        return file.read_text().splitlines() if file.exists() else []


class Recorded(Clocks):
    def test_the_sign_in_is_kept_through_rotations(self):
        self.expect(DONE, self.pk("login", env={"BROWSER": browser(self.folder)}))
        first = self.tags()
        self.assertRegex(first["portalkey-signed-in"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ code$")
        self.assertEqual("pwd mfa", first["portalkey-methods"])
        for _ in range(2):
            self.expect(DONE, self.pk("session", "refresh"), absent=["warning"])
        for name in ("portalkey-signed-in", "portalkey-methods"):
            self.assertEqual(first[name], self.tags()[name], "a rotation lost it")
        status = self.status()
        self.assertEqual(("code", ["pwd", "mfa"], 0, None, None, None, []),
                         tuple(status[k] for k in ("signInFlow", "methods", "daysSinceSignIn", "mfaAgeDays", "mfaAgeSource",
                                                   "mfaDaysLeft", "warnings")))
        self.expect(DONE, self.pk("session", "status"), "0 days ago, by web browser, with pwd mfa", "unknown: the profile has no mfa_max_age_days")
        self.expect(DONE, self.pk("doctor"), "sign-in", "by web browser", "MFA age")

    def test_the_record_outlives_a_vault_that_did_not_answer(self):
        self.expect(DONE, self.pk("login", "--device-code"))
        signed_in = self.tags()["portalkey-signed-in"]
        role = lambda name: self.sandbox.admin("POST", "/vault-roles", {"principal": self.sandbox.facts["clientId"], "role": name})
        role("Key Vault Secrets User")
        self.expect(FAILED, self.pk("session", "refresh"), "escrow")
        role("Key Vault Secrets Officer")
        self.expect(DONE, self.pk("session", "refresh"))
        self.assertEqual(signed_in, self.tags()["portalkey-signed-in"], "the escrow lost it")

    def test_a_session_by_device_code_is_warned_of(self):
        self.expect(DONE, self.pk("login", "--device-code"))
        ran = self.expect(DONE, self.pk("session", "refresh", "-o", "json"), "warning: the session came by device code")
        (warning,) = ran.json()["warnings"]
        self.assertEqual(("device-code", None), (warning["cause"], warning["daysLeft"]))
        self.assertIn("portalkey login", warning["remedy"])
        self.expect(DONE, self.pk("session", "status"), "by device code (ends when a policy blocks that flow)")

    def test_what_another_tool_stored_is_adopted(self):
        self.expect_error(NEEDS_PERSON, self.pk("login", "--adopt"), "no secret named RefreshToken")
        self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": '"' + self.sandbox.refresh_token_of() + '"\r\n'})
        self.expect(DONE, self.pk("login", "--adopt"), "Signed in: " + SERVICE_ACCOUNT, "Stored: RefreshToken")
        self.assertEqual("unknown adopted", self.tags()["portalkey-signed-in"])
        self.assertEqual(SERVICE_ACCOUNT, self.tags()["portalkey-account"])
        self.session_works(why="an adopted token")
        self.expect(DONE, self.pk("session", "status"), "not recorded, a refresh token that another tool had stored, with pwd mfa")
        self.expect(DONE, self.pk("login", "--device-code"))
        signed_in = self.tags()["portalkey-signed-in"]
        self.expect(DONE, self.pk("login", "--adopt"))
        self.assertEqual(signed_in, self.tags()["portalkey-signed-in"], "what was known of the sign-in is lost")

    def test_what_is_of_no_use_is_not_adopted(self):
        self.sandbox.admin("POST", "/users", {"upn": "helpdesk@contoso.com"})
        for token, code, words in ((self.sandbox.refresh_token_of("helpdesk@contoso.com"), FAILED, "no role"),
                                   (mask("1.AX0A" + "x" * 900), NEEDS_PERSON, "AADSTS70000"), ("two words", FAILED, "no refresh token")):
            with self.subTest(words):
                self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": token})
                before = self.sandbox.versions()
                self.expect_error(code, self.pk("login", "--adopt"), words)
                self.assertEqual(before, self.sandbox.versions(), "something was stored")
        self.expect(USAGE, self.pk("login", "--adopt", "--device-code"))


class MfaAge(Clocks):
    def setUp(self):
        super().setUp()
        self.expect(DONE, self.pk("login", env={"BROWSER": browser(self.folder)}))

    def test_the_profile_says_and_a_person_is_called_once(self):
        before = self.profile(self.alert_command() + "\nmfa_max_age_days = 30")
        self.stored_with(**{"portalkey-signed-in": ago(days=27, hours=1) + " code"})
        for _ in range(2):
            ran = self.expect(DONE, self.bare(*before, "session", "refresh", "-o", "json"), "warning: 27 days since the interactive sign-in")
            self.assertEqual([("mfa-age", 3)], [(w["cause"], w["daysLeft"]) for w in ran.json()["warnings"]])
        (told,) = self.told()
        self.assertTrue(told.startswith("on duty|mfa-age|portalkey, profile test (" + SERVICE_ACCOUNT + "): 27 days since"), told)
        self.assertIn("portalkey login", told)
        environment = (self.folder / "environment").read_text()
        self.assertIn("HOME=", environment)
        for secret in ("AZURE", "PORTALKEY", self.sandbox.stored()):
            self.assertNotIn(secret, environment + told)
        self.stored_with(**{"portalkey-signed-in": ago(days=26, hours=1) + " code"})  # another sign-in
        self.expect(DONE, self.bare(*before, "session", "refresh"))
        self.assertEqual(2, len(self.told()), "another sign-in is another case")
        status = self.status(*before)
        self.assertEqual((26, 30, "profile", 4), tuple(status[k] for k in ("daysSinceSignIn", "mfaAgeDays", "mfaAgeSource", "mfaDaysLeft")))
        self.expect(DONE, self.bare(*before, "doctor"), "MFA age", "4 days left")
        self.stored_with(**{"portalkey-signed-in": ago(days=2) + " code"})
        self.expect(DONE, self.bare(*before, "session", "refresh"), absent=["warning"])
        self.assertEqual(2, len(self.told()))

    def test_learnt_from_the_first_refusal(self):
        before = self.profile(self.alert_command())
        self.stored_with(**{"portalkey-signed-in": ago(days=35) + " code", "portalkey-rotated": ago(days=7)})
        self.sandbox.policy(refreshError=50078)
        for _ in range(2):
            self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "refresh"), "AADSTS50078")
        (told,) = self.told()
        self.assertIn("|sign-in-needed|portalkey, profile test: ", told)
        self.assertIn("multi-factor authentication is too old (AADSTS50078)", told)
        status = self.status(*before)
        self.assertEqual((28, "learnt", 0), tuple(status[k] for k in ("mfaAgeDays", "mfaAgeSource", "mfaDaysLeft")))
        self.sandbox.policy(refreshError=53003)
        self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "refresh"), "AADSTS53003")
        self.assertEqual(2, len(self.told()), "another refusal is another case")
        self.sandbox.policy(refreshError=None)
        self.stored_with(**{"portalkey-signed-in": ago(days=24) + " code"})
        self.expect(DONE, self.bare(*before, "session", "refresh"), "4 days left", "learnt: a session was refused at 35 days, and last taken at 28 days")
        self.stored_with(**{"portalkey-signed-in": ago(days=40) + " code"})
        self.expect(DONE, self.bare(*before, "session", "refresh"))
        self.assertIsNone(self.status(*before)["mfaAgeDays"], "what was wrong is still believed")

    def test_a_command_that_fails_is_tried_again(self):
        script = self.folder / "fails"
        script.write_text(f"#!/bin/sh\necho x >>{self.folder}/told\nexit 3\n")
        script.chmod(0o700)
        before = self.profile(f'alert_command = ["{script}"]')
        self.sandbox.policy(refreshError=53003)
        for runs in (1, 2):
            self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "refresh"), "AADSTS53003", "ended with exit code 3")
            self.assertEqual(runs, len(self.told()))

    def test_bad_settings(self):
        for setting, words in (('alert_command = "mail"', "list of texts"), ("alert_command = []", "list of texts"),
                               ('alert_webhook = "http://hooks.example/x"', "alert_webhook is no address"), ("alert_days = 0", "from 1 to 365"),
                               ("mfa_max_age_days = 1000", "from 1 to 365")):
            self.expect(USAGE, self.bare(*self.profile(setting), "session", "status"), words)
        self.sandbox.policy(refreshError=53003)
        self.expect_error(NEEDS_PERSON, self.bare(*self.profile('alert_command = ["no-such-program"]'), "session", "refresh"),
                          "no-such-program cannot be started")


class Health(Clocks):
    def health(self, *args, **more):
        return self.pk("session", "health", *args, **more)

    def test_one_line_and_an_exit_code(self):
        self.expect(NEEDS_PERSON, self.health(), "not healthy: ", "no secret named RefreshToken")
        self.expect(DONE, self.pk("login", "--device-code"))
        self.sandbox.forget_requests()
        before = self.sandbox.versions()
        ran = self.expect(DONE, self.health("--max-age", "8d"), f"ok: {SERVICE_ACCOUNT}, renewed ", "90 of 90 idle days left")
        self.assertEqual((1, ""), (len(ran.out.splitlines()), ran.err))
        self.assertEqual(before, self.sandbox.versions())
        self.assertEqual([], self.sandbox.requests(service="portal"))
        self.assertEqual({"health": "good", "account": SERVICE_ACCOUNT}, {k: v for k, v in self.health("-o", "json").json().items() if k in ("health", "account")})
        self.stored_with(**{"portalkey-rotated": ago(days=9)})
        self.expect(FAILED, self.health("--max-age", "8d"), "not healthy: ", "renewed 9 days ago, longer than 8 days")
        self.expect(DONE, self.health("--max-age", "10d"))
        self.expect(DONE, self.health("--max-age", "240h"))
        self.stored_with(**{"portalkey-rotated": ago(days=91)})
        self.expect(NEEDS_PERSON, self.health("--max-age", "100d"), "not used for 90 days")
        for wrong in ("8", "d", "-1d", "8 d", "1w", "99999999999999999999d", ""):
            self.expect(USAGE, self.health("--max-age", wrong), "8d")
        self.sandbox.admin("POST", "/vault-roles", {"principal": self.sandbox.facts["clientId"], "role": "none"})
        ran = self.expect(FAILED, self.health(), "unknown: ")
        self.assertEqual(1, len(ran.text.splitlines()), ran.text)


if __name__ == "__main__":
    main()
