"""Whose session it is: another account's or another tenant's tokens are neither stored nor used, and the session goes on."""
from harness import *

HELPDESK = "helpdesk@contoso.com"
OTHER_TENANT = "99999999-8888-7777-6666-555555555555"


class SessionAccount(EndToEnd):
    SIGNED_IN = True

    def assert_untouched(self, stored, versions):
        self.assertEqual(versions, self.sandbox.versions(), "something was stored")
        self.assertEqual(stored, self.sandbox.stored())
        self.assertFalse([f for f in self.state_files() if f.endswith("escrow.sealed")], "the escrow holds a refused token")
        self.assertEqual([], self.sandbox.requests(host=PORTAL_HOST), "the access token was used")

    def refused(self, *words):
        stored, versions = self.sandbox.stored(), self.sandbox.versions()
        for command in (["session", "refresh"], ["session", "access-token"], ["tokens", "list"], ["skus"]):
            with self.subTest(" ".join(command)):
                self.sandbox.forget_requests()
                ran = self.expect_error(FAILED, self.pk(*command), "nothing was stored", "portalkey login", *words)
                self.assertEqual("", ran.out, "something was printed")
                self.assert_untouched(stored, versions)

    def test_a_refresh_answered_for_another_account(self):
        self.sandbox.policy(refreshAccount=ADMIN_ACCOUNT)
        self.refused(ADMIN_ACCOUNT, SERVICE_ACCOUNT)
        self.sandbox.policy(refreshAccount=None)
        self.session_works(why="refused answers")

    def test_a_refresh_answered_for_another_tenant(self):
        self.sandbox.policy(refreshTenant=OTHER_TENANT)
        self.refused(OTHER_TENANT, self.sandbox.facts["tenantId"])
        self.sandbox.policy(refreshTenant=None)
        self.session_works(why="refused answers")

    def test_another_tool_stored_another_accounts_token(self):
        """As whoever may write to the vault can."""
        other = self.sandbox.refresh_token_of(ADMIN_ACCOUNT)
        tags = self.sandbox.vault("GET", "/secrets/RefreshToken").json()["tags"]
        self.assertEqual(SERVICE_ACCOUNT, tags["portalkey-account"])
        self.assertTrue(tags["portalkey-account-id"])
        self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": other, "tags": tags}).status)
        self.refused(ADMIN_ACCOUNT, SERVICE_ACCOUNT)

    def test_logins_for_another_account_or_tenant(self):
        stored, versions = self.sandbox.stored(), self.sandbox.versions()
        token = self.folder / "token"
        token.write_text(self.sandbox.refresh_token_of())
        self.sandbox.forget_requests()
        self.sandbox.policy(refreshTenant=OTHER_TENANT)
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", token), OTHER_TENANT, "nothing was stored")
        self.assert_untouched(stored, versions)
        self.sandbox.policy(refreshTenant=None, refreshAccount=HELPDESK)
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", token), HELPDESK, "nothing was stored")
        self.assertEqual(versions, self.sandbox.versions())
        self.sandbox.policy(refreshAccount=None)
        self.session_works(why="refused logins")

    def test_what_is_no_token(self):
        good = self.sandbox.stored()
        for bad in (good + "\r\nX-Evil: 1", good[:50] + "\n" + good[50:], good[:50] + " " + good[50:], good + "\u00e9", good + "\0"):
            with self.subTest(repr(bad[-12:] if bad.startswith(good) else bad[:12])):
                self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": bad}).status)
                versions = self.sandbox.versions()
                self.sandbox.forget_requests()
                self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "line breaks, blanks", "portalkey login")
                self.assertLessEqual(len(self.sandbox.requests(method="POST", part="/oauth2/v2.0/token")), 1,
                                     "more was redeemed than the vault's own credential")
                self.assertEqual(versions, self.sandbox.versions())
        for inner in ("\r\n", "\n", " ", "\t", "\u00e9", "\0"):
            with self.subTest(repr(inner)):
                file = self.folder / "inner"
                file.write_text(good[:50] + inner + good[50:])
                self.expect_error(FAILED, self.pk("login", "--refresh-token-file", file), "no refresh token")
        self.sign_in()
        self.session_works(why="useless tokens")


class ByDomain(EndToEnd):
    """A profile that names its tenant by a domain: its id is asked for, and holds."""

    def test_the_id_is_checked(self):
        before = self.profile(tenant="contoso.com")
        self.expect(DONE, self.bare(*before, "login", "--device-code"), "Signed in: " + SERVICE_ACCOUNT)
        self.session_works(*before)
        versions = self.sandbox.versions()
        self.sandbox.policy(refreshTenant=OTHER_TENANT)
        self.expect_error(FAILED, self.bare(*before, "session", "refresh"), OTHER_TENANT, self.sandbox.facts["tenantId"])
        self.assertEqual(versions, self.sandbox.versions())


class NamedAccount(EndToEnd):
    """A profile that names its service account."""

    def test_every_redemption_is_checked(self):
        before = self.profile(service_account=SERVICE_ACCOUNT)
        self.expect(DONE, self.bare(*before, "login", "--device-code"))
        self.session_works(*before)
        versions = self.sandbox.versions()
        self.sandbox.policy(refreshAccount=ADMIN_ACCOUNT)
        self.expect_error(FAILED, self.bare(*before, "session", "refresh"), ADMIN_ACCOUNT, "service account is " + SERVICE_ACCOUNT)
        self.assertEqual(versions, self.sandbox.versions())
        self.sandbox.policy(refreshAccount=None)
        self.session_works(*before)
        self.profile(service_account="somebody.else@contoso.com")  # in the same file, for the same state
        versions = self.sandbox.versions()
        self.expect_error(FAILED, self.bare(*before, "session", "refresh"), SERVICE_ACCOUNT, "somebody.else@contoso.com")
        self.assertEqual(versions, self.sandbox.versions())
        self.profile(service_account=SERVICE_ACCOUNT.upper())
        self.session_works(*before)


if __name__ == "__main__":
    main()
