"""tokens validate --against-tenant: what only the tenant knows of a seed file. Nothing may change there."""
import unittest

import harness
from harness import ADMIN_ACCOUNT, DONE, FAILED, NEEDS_PERSON, PARTLY, POWERSHELL, EndToEnd, new_key, write_seeds

GRAPH = "graph.microsoft.com"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
GUEST = "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com"


class AgainstTenant(EndToEnd):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.dice = harness.random.Random("against tenant")

    def file(self, *rows):
        return write_seeds(self.folder / "seeds.csv", [
            {"upn": upn, "serial number": serial, "secret key": harness.mask(new_key(self.dice)), "time interval": "30",
             "manufacturer": "Contoso", "model": "C100"} for serial, upn in rows])

    def put(self, serial, upn, active=False):
        self.sandbox.admin("POST", "/tokens", {"upn": upn, "serialNumber": serial, "secretKey": harness.mask(new_key(self.dice)),
                                               "timeInterval": 30, "enabled": active})

    def validate(self, file, *more):
        return self.pk("tokens", "validate", file, "--against-tenant", *more)

    def as_json(self, code, file):
        return self.expect(code, self.validate(file, "-o", "json")).json()

    def grant(self, right):
        """The tenant's administrator lets the application that opens the vault read users."""
        self.sandbox.policy(nextApprover=ADMIN_ACCOUNT)
        code = self.sandbox.login("devicecode", client_id=POWERSHELL, scope=f"https://{GRAPH}/.default").json()
        token = self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=POWERSHELL,
                                   device_code=code["device_code"]).json()["access_token"]
        call = lambda method, path, content=None: self.sandbox.https(method, GRAPH, "/v1.0" + path, content=content,
                                                                     bearer=harness.mask(token))
        own, graph = (call("GET", f"/servicePrincipals(appId='{app}')").json() for app in (self.sandbox.facts["clientId"], GRAPH_APP))
        (role,) = [one for one in graph["appRoles"] if one["value"] == right]
        self.assertEqual(201, call("POST", f"/servicePrincipals/{own['id']}/appRoleAssignments",
                                   {"principalId": own["id"], "resourceId": graph["id"], "appRoleId": role["id"]}).status)

    def test_what_the_tenant_holds(self):
        self.put("100", "bob@contoso.com", active=True)
        self.put("101", "bob@contoso.com")
        self.put("102", "Carol@contoso.com", active=True)
        for n in range(4):
            self.put(f"20{n}", "dora@contoso.com")
        file = self.file(("100", "anna@contoso.com"), ("101", "anna@contoso.com"), ("102", "carol@contoso.com"), ("300", "dora@contoso.com"),
                         ("301", "dora@contoso.com"), ("302", "eve@contoso.com"), ("303", GUEST))
        before = self.sandbox.tokens()
        self.sandbox.forget_requests()
        answer = self.as_json(PARTLY, file)
        errors = {e["serial"]: e for e in answer["errors"]}
        self.assertEqual({"100", "101", "301", "303"}, set(errors))
        self.assertIn("assigned to bob@contoso.com (active)", errors["100"]["what"])
        self.assertIn("assigned to bob@contoso.com (not activated)", errors["101"]["what"])
        self.assertIn("more than 5 tokens", errors["301"]["what"])
        self.assertIn("guest", errors["303"]["what"])
        self.assertEqual((6, "dora@contoso.com", "upn"), tuple(errors["301"][k] for k in ("line", "upn", "field")))
        (there,) = answer["warnings"]
        self.assertEqual("102", there["serial"])
        self.assertEqual([True, False, True, None, None, None, None],
                         [t["inTenant"] and t["inTenant"]["active"] for t in answer["tokens"]])
        self.assertEqual((7, True), (answer["tenant"]["tokens"], answer["tenant"]["premiumLicence"]))

        text = self.expect(PARTLY, self.validate(file), "3 tokens can be imported, 4 problems",
                           "tenant has 7 tokens; 3 of the file's are among them, 4 cannot be imported", "checked: serial numbers")
        self.assertNotIn("no subscription", text.out)
        self.assertEqual(before, self.sandbox.tokens())
        self.assertEqual([], [r["path"] for r in self.sandbox.requests(part="HardwareToken") if r["method"] != "GET"])
        # An import judges alike.
        dry = self.expect(PARTLY, self.pk("tokens", "import", file, "--dry-run", "-o", "json")).json()
        self.assertEqual(set(errors), {t["serial"] for t in dry["tokens"] if t["state"] in ("failed", "rejected")})

    def test_users_are_not_checked_without_the_right_to_read_them(self):
        answer = self.as_json(DONE, self.file(("300", "anna@contoso.com")))
        (gap,) = answer["tenant"]["notChecked"]
        self.assertIn("whether the users exist", gap["what"])
        self.assertIn("may not read users", gap["why"])
        self.assertIn("User.Read.All", gap["remedy"])
        self.assertNotIn("users", answer["tenant"]["checked"])
        self.expect(DONE, self.validate(self.folder / "seeds.csv"), "not checked: whether the users exist")

    def test_users(self):
        self.grant("User.Read.All")
        self.sandbox.admin("POST", "/users", {"upn": "gone@contoso.com", "deleted": True})
        self.sandbox.admin("POST", "/users", {"upn": "visitor@contoso.com", "guest": True})
        many = [(f"5{n:02d}", f"user{n}@contoso.com") for n in range(20)]
        file = self.file(("300", "anna@contoso.com"), ("301", "gone@contoso.com"), ("302", "Visitor@contoso.com"),
                         ("303", "former.employee@contoso.com"), ("304", "o'brien@contoso.com"), *many)
        answer = self.as_json(PARTLY, file)
        self.assertEqual([("301", "the tenant has no user gone@contoso.com"),
                          ("302", "the user is a guest, and guests cannot have hardware OATH tokens")],
                         [(e["serial"], e["what"]) for e in answer["errors"]])
        self.assertEqual([("303", "the account former.employee@contoso.com is disabled")],
                         [(w["serial"], w["what"]) for w in answer["warnings"]])
        self.assertEqual([], answer["tenant"]["notChecked"])
        self.assertIn("users", answer["tenant"]["checked"])
        self.expect(FAILED, self.validate(self.file(("301", "gone@contoso.com"))), "0 tokens can be imported, 1 problem")
        self.sandbox.fault(host="graph", kind="503")
        answer = self.as_json(DONE, self.file(("301", "gone@contoso.com")))
        self.assertIn("whether the users exist", answer["tenant"]["notChecked"][0]["what"])

    def test_nobody_is_asked_to_sign_in_for_it(self):
        """A vault file needs no credential, so the profile may have none."""
        word = self.folder / "passphrase"
        word.write_text("correct horse battery staple\n")
        word.chmod(0o600)
        before = self.profile(vault=f'type = "file"\npath = "{self.folder}/vault"\npassphrase_file = "{word}"')
        given = self.folder / "refresh-token"
        given.write_text(self.sandbox.refresh_token_of())
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", given))
        self.sandbox.forget_requests()
        shown = harness.run_on_terminal(*before, "tokens", "validate", self.file(("300", "anna@contoso.com")), "--against-tenant",
                                        home=self.home)
        self.expect(DONE, shown, "not checked: whether the users exist", "has no credential for Microsoft Graph")
        self.assertEqual([], self.sandbox.requests(part="devicecode"))

    def test_tokens_of_nobody(self):
        self.put("300", "bob@contoso.com")
        answer = self.as_json(FAILED, self.file(("300", ""), ("301", "")))  # the portal takes tokens for users only
        self.assertEqual([{"upn": "bob@contoso.com", "active": False}, None], [t["inTenant"] for t in answer["tokens"]])
        (gap,) = answer["tenant"]["notChecked"]
        self.assertIn("for 2 tokens", gap["what"])

    def test_a_tenant_without_the_licence(self):
        self.sandbox.stop()
        self.sandbox.start("--no-premium")
        self.expect(DONE, self.validate(self.file(("300", "anna@contoso.com"))), "no subscription of the tenant contains")

    def test_without_a_session(self):
        self.sandbox = self.new_sandbox(*self.SANDBOX, name="other")
        self.expect_error(NEEDS_PERSON, self.validate(self.file(("300", "anna@contoso.com"))), "portalkey login")


if __name__ == "__main__":
    harness.main()
