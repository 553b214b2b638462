"""From a seed file to activated tokens: the way everybody goes."""
import csv

from harness import *


class Session(EndToEnd):
    def test_login_status_refresh(self):
        ran = self.expect(DONE, self.pk("login", "--device-code"), "Signed in: " + SERVICE_ACCOUNT + " (Global Administrator)",
                          "redeemed for the portal API", "Stored: RefreshToken in https://contoso-kv.vault.azure.net, version ")
        first = ran.out.rsplit("version ", 1)[1].strip()
        self.assertEqual([first], self.sandbox.versions(), "the vault holds another version than login said")

        status = self.expect(DONE, self.pk("session", "status", "-o", "json")).json()
        self.assertEqual(["account", "ageSeconds", "daysSinceSignIn", "idleDaysLeft", "inEscrow", "lastRotation", "methods", "mfaAgeDays",
                          "mfaAgeSource", "mfaDaysLeft", "secret", "signInFlow", "signedIn", "stored", "vault", "version", "warnings"], sorted(status))
        self.assertEqual((SERVICE_ACCOUNT, first, False, 90, "RefreshToken"),
                         tuple(status[k] for k in ("account", "version", "inEscrow", "idleDaysLeft", "secret")))
        self.expect(DONE, self.pk("session", "status"), "account", SERVICE_ACCOUNT, "90 of 90", "escrow", "empty")
        self.assertEqual([first], self.sandbox.versions(), "status rotated the token")

        refreshed = self.expect(DONE, self.pk("session", "refresh", "-o", "json")).json()
        self.assertEqual(["accessTokenExpires", "account", "secret", "tenant", "vault", "version", "warnings"], sorted(refreshed))
        self.assertNotEqual(first, refreshed["version"])
        self.assertEqual({first, refreshed["version"]}, set(self.sandbox.versions()))
        self.expect(DONE, self.pk("session", "refresh"), "Refreshed: " + SERVICE_ACCOUNT)
        self.assertEqual(3, len(self.sandbox.versions()))
        self.assertEqual(200, self.sandbox.redeem(self.sandbox.stored()).status, "the stored token cannot be redeemed")
        self.assertEqual(["default/escrow.sealed.key", "default/session.lock"], self.state_files(), "files were left behind")

    def test_the_secret_is_the_bare_token_with_tags_and_an_end(self):
        self.sign_in()
        bundle = self.sandbox.vault("GET", "/secrets/RefreshToken").json()
        self.assertRegex(mask(bundle["value"]), r"^1\.A[A-Za-z0-9_.-]+$")
        self.assertEqual("text/plain", bundle["contentType"])
        self.assertEqual({"portalkey-account", "portalkey-account-id", "portalkey-host", "portalkey-roles", "portalkey-methods",
                          "portalkey-rotated", "portalkey-session", "portalkey-signed-in"}, set(bundle["tags"]))
        self.assertAlmostEqual(90 * 86400, bundle["attributes"]["exp"] - bundle["attributes"]["created"], delta=60)

    def test_a_token_stored_by_another_tool_is_taken_over(self):
        token = self.sandbox.refresh_token_of()
        self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": token}).status)
        self.expect(DONE, self.pk("session", "status"), "stored by another tool")
        self.session_works(why="another tool stored the token")
        self.expect(DONE, self.pk("session", "status"), SERVICE_ACCOUNT)

    def test_access_token_is_for_scripts(self):
        self.sign_in()
        ran = self.expect(DONE, self.pk("session", "access-token"))
        self.assertEqual(2, ran.out.count("."), "that is no JWT")
        self.assertEqual(1, ran.out.count("\n"))
        answer = self.sandbox.https("GET", PORTAL_HOST, "/api/AccountSkus", bearer=ran.out.strip(),
                                    headers={"x-ms-client-request-id": self.sandbox.facts["tenantId"]})
        self.assertEqual(200, answer.status, "the portal API does not take it")

        self.sandbox.forget_requests()
        shown = self.on_terminal("session", "access-token")
        self.expect(USAGE, shown, "error: ", "what to do: ", "--reveal")
        self.assertNotIn("eyJ", shown.out, "the token was shown on the terminal")
        self.assertEqual([], self.sandbox.requests(), "it asked for a token that it would not show")
        self.assertIn("eyJ", self.expect(DONE, self.on_terminal("session", "access-token", "--reveal")).out)
        # Standard output elsewhere, standard error on the terminal: a script's `$(...)`.
        self.expect(DONE, self.on_terminal("session", "access-token", stdout_too=False))

    def test_api_and_skus(self):
        self.sign_in()
        path = "/api/AccountSkus?backfillTenants=true"
        indented = self.expect(DONE, self.pk("api", "get", path))
        raw = self.expect(DONE, self.pk("api", "GET", path, "-o", "raw"))
        self.assertEqual(raw.json(), indented.json())
        self.assertGreater(indented.out.count("\n"), 20, "json is not indented")
        self.assertEqual(0, raw.out.strip().count("\n"), "raw is not the service's bytes")
        table = self.expect(DONE, self.pk("skus"), "LICENCE", "contoso:AAD_PREMIUM")
        self.assertEqual(len(raw.json()) + 1, table.out.count("\n"))
        self.assertEqual(raw.json(), self.expect(DONE, self.pk("skus", "-o", "json")).json())
        refused = self.expect(FAILED, self.pk("api", "GET", "/api/NoSuchThing", "-o", "raw"), "no such path", "status: 404", "correlation id")
        self.assertEqual("", refused.out)
        error = self.expect(FAILED, self.pk("api", "GET", "/api/NoSuchThing", "-o", "json")).json_error()
        self.assertEqual(("not_found", "404"), (error["code"], error["context"]["status"]))
        self.assertTrue(error["remedy"])

    def test_api_sends_a_body_and_asks_on_a_terminal(self):
        self.sign_in()
        rows = seed_rows(1)
        body = {"name": "x.csv", "mimeType": "application/vnd.ms-excel", "id": None, "content":
                "upn,serial number,secret key,time interval,manufacturer,model\r\n" + ",".join(rows[0].values()) + "\r\n"}
        self.expect(DONE, self.pk("api", "POST", HARDWARE_TOKEN + "upload", "--body", "-", stdin=json.dumps(body)))
        self.assertEqual(serials(rows), {t["serialNumber"] for t in self.sandbox.tokens()})
        token = self.pk("tokens", "list", "-o", "json").json()[0]
        file = self.folder / "body.json"
        file.write_text(json.dumps({"oathId": token["oathId"]}))
        refused = self.on_terminal("api", "POST", HARDWARE_TOKEN + "remove", "--body", file, answers=[("[y/N]", "n")])
        self.expect(INTERRUPTED, refused, "not sent")
        self.assertEqual(1, len(self.sandbox.tokens()), "it was sent without consent")
        self.expect(DONE, self.on_terminal("api", "POST", HARDWARE_TOKEN + "remove", "--body", file, answers=[("[y/N]", "y")]))
        self.assertEqual([], self.sandbox.tokens())


class Tokens(EndToEnd):
    SIGNED_IN = True

    def test_validate(self):
        ran = self.pk("tokens", "validate", DEMO)
        self.expect(PARTLY, ran, "159 rows: 151 tokens can be imported, 7 problems", "what to do: ",
                    "has the form of a guest's")
        keys = {row["secret key"].upper() for row in csv.DictReader(DEMO.read_text().splitlines()) if len(row["secret key"]) > 15}
        self.assertGreater(len(keys), 140)

        self.sandbox.forget_requests()
        answer = self.pk("tokens", "validate", DEMO, "-o", "json")
        document = self.expect(PARTLY, answer).json()
        self.assertEqual([], self.sandbox.requests(), "validate sends nothing")
        self.assertGreaterEqual(set(document), {"format", "tokens", "errors"})
        self.assertEqual("entra-csv", document["format"])
        self.assertEqual((152, 7), (len(document["tokens"]), len(document["errors"])))
        for token in document["tokens"]:
            self.assertGreaterEqual(set(token), {"line", "upn", "serial", "type", "hash", "digits", "step", "entra"})
            self.assertEqual({"portal": True, "graph": True}, token["entra"])
            self.assertEqual(("totp", "sha1", 6), (token["type"], token["hash"], token["digits"]))
            self.assertIn(token["step"], (30, 60))
            self.assertNotIn("secretBase32", token)
        for error in document["errors"]:
            self.assertGreaterEqual(set(error), {"line", "serial", "field", "what", "remedy"})
            self.assertTrue(error["what"] and error["remedy"], f"line {error['line']} has no reason or no remedy")
        for key in keys:
            self.assertFalse(key in ran.text.upper() or key in answer.text.upper(), "a secret key was shown")

        revealed = self.expect(PARTLY, self.pk("tokens", "validate", DEMO, "-o", "json", "--reveal-secrets")).json()
        self.assertTrue({t["secretBase32"] for t in revealed["tokens"]} <= keys)
        self.assertTrue(all(t["secretBase32"] for t in revealed["tokens"]))
        stdin = self.expect(PARTLY, self.pk("tokens", "validate", "-", "-o", "json", stdin=DEMO.read_bytes())).json()
        self.assertEqual(document["tokens"], stdin["tokens"])

    def test_import_activates_and_again_changes_nothing(self):
        self.sandbox.forget_requests()
        first = self.expect(PARTLY, self.pk("tokens", "import", DEMO), "159 tokens: 150 active", "What to do:",
                            "left.company@contoso.com", "anna_fabrikam.com#EXT#")
        after = self.sandbox.tokens()
        self.assertEqual((150, True), (len(after), all(t["enabled"] for t in after)))
        self.assertEqual(150, len(self.sandbox.requests(part="/enable", status=200)))
        self.assertEqual([], [r for r in self.sandbox.requests(part="/enable") if r["status"] != 200], "a code was refused")
        for line in first.out.splitlines()[1:]:
            if " rejected " in line or " failed " in line:
                self.assertGreater(len(line), 70, f"no reason in: {line}")

        self.sandbox.forget_requests()
        again = self.expect(PARTLY, self.pk("tokens", "import", DEMO, "-o", "json")).json()
        summary = again["summary"]
        self.assertEqual((159, 150, 150), tuple(summary[k] for k in ("tokens", "good", "already active")))
        self.assertEqual(9, summary["rejected"] + summary["failed"])
        for token in again["tokens"]:
            if token["state"] in ("rejected", "failed"):
                self.assertTrue(token["reason"] and token["remedy"], f"line {token['line']}: no reason or no remedy")
        self.assertEqual(after, self.sandbox.tokens(), "the second import changed the tenant")
        self.assertEqual([], self.sandbox.requests(part="/enable"), "the second import activated something")

    def test_import_of_good_rows_sends_nothing_the_second_time(self):
        file, rows = self.seeds(30)
        self.expect(DONE, self.pk("tokens", "import", file), "30 active")
        self.assertEqual(serials(rows), self.sandbox.active())
        self.sandbox.forget_requests()
        document = self.expect(DONE, self.pk("tokens", "import", file, "-o", "json")).json()
        self.assertEqual({"tokens": 30, "good": 30, "already active": 30}, document["summary"])
        for token in document["tokens"]:
            self.assertGreaterEqual(set(token), {"line", "serial", "upn", "state"})
        self.assertEqual([], self.sandbox.requests(service="portal", method="POST"), "something was sent")

    def test_until_uploaded_then_the_rest(self):
        file, rows = self.seeds(5)
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"), "5 uploaded")
        self.assertEqual((5, set()), (len(self.sandbox.tokens()), self.sandbox.active()))
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"), "5 already uploaded")
        self.assertEqual(1, len(self.sandbox.requests(part="HardwareToken/upload", method="POST")), "they were uploaded twice")
        one = rows[0]["serial number"]
        self.expect(DONE, self.pk("tokens", "activate", file, "--serial", one), "1 active")
        self.assertEqual({one}, self.sandbox.active())
        step = self.sandbox.go_to(5)
        two = rows[1]
        self.expect(DONE, self.pk("tokens", "activate", "--serial", two["serial number"], "--code", totp(two["secret key"], step)), "1 active")
        three = rows[2]["serial number"]
        self.expect(FAILED, self.pk("tokens", "activate", "--serial", three, "--code", "000000"), "the code was refused")
        self.expect(DONE, self.pk("tokens", "import", file), "3 active", "2 already active")
        self.assertEqual(serials(rows), self.sandbox.active())

    def test_dry_run_sends_nothing(self):
        file, rows = self.seeds(4)
        write_seeds(self.folder / "half.csv", rows[:2])
        self.expect(DONE, self.pk("tokens", "import", self.folder / "half.csv", "--until", "uploaded"))
        before = self.sandbox.tokens()
        self.sandbox.forget_requests()
        ran = self.expect(DONE, self.pk("tokens", "import", file, "--dry-run"), "4 would import", "would be uploaded and activated",
                          "is uploaded; would be activated")
        self.assertNotIn("What to do", ran.out)
        self.assertEqual([], self.sandbox.requests(service="portal", method="POST"), "the dry run sent something")
        self.assertEqual(before, self.sandbox.tokens())

    def test_list_and_remove(self):
        file, rows = self.seeds(30)
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"))
        some = [r["serial number"] for r in rows[:3]]
        self.expect(DONE, self.pk("tokens", "activate", file, "--serial", some[0], "--serial", some[1]), "2 active")
        listed = self.expect(DONE, self.pk("tokens", "list", "-o", "json")).json()
        self.assertEqual(serials(rows), {t["serial"] for t in listed}, "pages of 25 are not joined")
        self.assertEqual({"serial", "upn", "state", "step", "manufacturer", "model", "oathId", "userId"}, set(listed[0]))
        self.expect(DONE, self.pk("tokens", "list"), "SERIAL NUMBER", "30 tokens")
        self.expect(DONE, self.pk("tokens", "list", "--state", "active"), "2 tokens")
        self.expect(DONE, self.pk("tokens", "list", "--state", "not-activated"), "28 tokens")
        self.expect(DONE, self.pk("tokens", "list", "--user", rows[4]["upn"]), rows[4]["serial number"], "1 token")

        self.expect(USAGE, self.pk("tokens", "remove", some[0]), "--yes")
        self.expect(INTERRUPTED, self.on_terminal("tokens", "remove", some[0], answers=[("[y/N]", "")]), "nothing was changed")
        self.assertEqual(30, len(self.sandbox.tokens()), "it removed without consent")
        self.expect(DONE, self.on_terminal("tokens", "remove", some[0], answers=[("[y/N]", "y")]), "1 removed")
        self.expect(PARTLY, self.pk("tokens", "remove", "--yes", some[1], "no-such-serial"), "1 removed", "no token with this serial number")
        self.expect(FAILED, self.pk("tokens", "remove", "--yes", some[2], "--user", "somebody.else@contoso.com"), "assigned to")
        self.assertEqual(serials(rows[2:]), {t["serialNumber"] for t in self.sandbox.tokens()})

    def test_a_serial_number_of_somebody_else_and_six_tokens(self):
        file, rows = self.seeds(7)
        for row in rows[1:]:
            row["upn"] = "many.tokens@contoso.com"
        write_seeds(file, rows)
        self.sandbox.admin("POST", "/tokens", {"upn": "other@contoso.com", "serialNumber": rows[0]["serial number"],
                                               "secretKey": rows[0]["secret key"]})
        self.expect(PARTLY, self.pk("tokens", "import", file), "assigned to other@contoso.com", "more than 5 tokens", "5 active")
        self.assertEqual(serials(rows[1:6]), self.sandbox.active())


class Restart(EndToEnd):
    def test_stopped_and_started_again(self):
        self.sign_in()
        file, rows = self.seeds(3)
        self.expect(DONE, self.pk("tokens", "import", file))
        tokens, facts, stored = self.sandbox.tokens(), self.sandbox.facts, self.sandbox.stored()
        self.assertEqual(0, self.sandbox.stop(), "the sandbox did not end cleanly on SIGTERM")

        for command in (["session", "refresh"], ["session", "status"], ["tokens", "list"], ["skus"]):
            began = time.monotonic()
            self.expect_error(FAILED, self.pk(*command), "the sandbox is not running", "portalkey sandbox run --dir")
            self.assertLess(time.monotonic() - began, 5, "it tried again and again")
        self.expect(DONE, self.pk("tokens", "validate", file))

        self.sandbox.start()
        self.assertEqual(facts, self.sandbox.facts | {"users": facts["users"]}, "the restart changed ports or accounts")
        self.assertEqual(tokens, self.sandbox.tokens(), "tokens were lost")
        self.assertEqual(stored, self.sandbox.stored(), "the vault's secret was lost")
        self.session_works(why="the restart")
        self.expect(DONE, self.pk("tokens", "import", file), "3 already active")

    def test_no_sandbox_there(self):
        self.expect_error(FAILED, self.bare("--sandbox", self.folder / "nowhere", "session", "status"), "no sandbox in this folder",
                          "portalkey sandbox run --dir")

    def test_one_sandbox_per_folder(self):
        ran = self.bare("sandbox", "run", "--dir", self.sandbox.folder)
        self.expect(FAILED, ran, "another sandbox is running on this folder")


if __name__ == "__main__":
    main()
