"""portalkey doctor: each fault is found, named with its remedy, and does not hide the others."""
from harness import *

ALL = {"profile", "state folder", "proxy", "clock", "tenant", "credential", "vault token", "vault read", "vault versions", "vault write",
       "refresh token", "account", "schedule", "role"}


class Doctor(EndToEnd):
    SIGNED_IN = True

    def doctor(self, code, *args, before=None, env=None):
        """Runs it as JSON; returns findings by check."""
        started = time.monotonic()
        ran = self.bare(*before, "doctor", "-o", "json", *args, env=env) if before else self.pk("doctor", "-o", "json", *args, env=env)
        self.expect(code, ran)
        self.took = time.monotonic() - started
        answer = ran.json()
        findings = {finding["check"]: finding for finding in answer["findings"]}
        self.assertEqual(len(findings), len(answer["findings"]), "a check is reported twice")
        for finding in answer["findings"]:
            self.assertTrue(finding["what"], finding)
            self.assertTrue(finding["remedy"] or finding["outcome"] in ("ok", "notChecked"), finding)
        self.assertEqual(code != DONE, any(f["outcome"] == "failure" for f in answer["findings"]))
        return findings

    def outcomes(self, findings, **wanted):
        for check, outcome in wanted.items():
            self.assertEqual(outcome, findings[check.replace("_", " ")]["outcome"], findings[check.replace("_", " ")])

    def test_a_healthy_profile(self):
        self.sandbox.forget_requests()
        stored = self.sandbox.stored()
        findings = self.doctor(DONE)
        self.assertTrue(ALL <= set(findings), ALL - set(findings))
        self.assertEqual([], [f for f in findings.values() if f["outcome"] != "ok"])
        self.assertIn("Global Administrator", findings["role"]["what"])
        self.assertEqual(SERVICE_ACCOUNT, findings["account"]["what"])
        self.assertEqual(stored, self.sandbox.stored(), "it redeemed the refresh token")
        methods = {(r["service"], r["method"]) for r in self.sandbox.requests() if r["method"] not in ("GET",)}
        self.assertEqual({("login", "POST")}, methods, "it wrote something")
        text = self.expect(DONE, self.pk("doctor"), "host login.microsoftonline.com", "TLS certificate by CN=", " 0 failures").out
        self.assertNotIn(stored, text)
        self.assertNotIn(pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip(), text)

    def test_the_graph_backend(self):
        graph = ["Graph token", "Graph devices", "Graph methods", "Graph users", "Graph API"]
        on_graph = ["--sandbox", self.sandbox.folder, "--backend", "graph"]
        findings = self.doctor(FAILED, before=on_graph)
        self.assertEqual(["ok", "failure", "failure", "failure", "failure"], [findings[check]["outcome"] for check in graph])
        self.assertIn("Policy.ReadWrite.AuthenticationMethod", findings["Graph devices"]["remedy"])
        self.assertEqual(set(), {"refresh token", "vault read", "role"} & set(findings), "the session is of no matter here")
        self.grant_graph_rights()
        self.sandbox.forget_requests()
        findings = self.doctor(DONE, before=on_graph)
        self.assertEqual(["ok"] * 5, [findings[check]["outcome"] for check in graph])
        self.assertIn("host graph.microsoft.com", findings)
        self.assertEqual({("login", "POST")}, {(r["service"], r["method"]) for r in self.sandbox.requests() if r["method"] != "GET"})
        self.sandbox.fault(host="graph", kind="503")
        self.outcomes(self.doctor(FAILED, before=on_graph), Graph_API="failure", Graph_token="ok")

    def test_redeem(self):
        before = self.sandbox.stored()
        findings = self.doctor(DONE, "--redeem")
        self.outcomes(findings, redeemed="ok", portal_API="ok", role="ok")
        self.assertNotEqual(before, self.sandbox.stored())
        self.session_works(why="doctor --redeem")

    def test_vault_down(self):
        self.sandbox.fault(host="vault", kind="503")
        findings = self.doctor(FAILED)
        self.outcomes(findings, vault_token="ok", vault_read="failure", refresh_token="notChecked", role="notChecked", clock="ok", tenant="ok")
        self.assertLess(self.took, 40)
        self.sandbox.no_faults()
        self.sandbox.fault(host="vault", kind="reset-before")
        findings = self.doctor(FAILED)
        self.assertEqual("failure", findings["host contoso-kv.vault.azure.net"]["outcome"])
        self.outcomes(findings, vault_read="notChecked", vault_token="ok", clock="ok")
        self.assertIn("not checked because contoso-kv.vault.azure.net cannot be reached", findings["vault read"]["what"])

    def test_everything_down(self):
        self.sandbox.stop()
        findings = self.doctor(FAILED)
        self.outcomes(findings, credential="notChecked", vault_token="notChecked", vault_read="notChecked", refresh_token="notChecked",
                      clock="notChecked", tenant="notChecked", profile="ok")
        self.assertIn("the sandbox is not running", findings["host login.microsoftonline.com"]["what"])
        self.assertLess(self.took, 10)

    def test_hosts_that_hang_are_asked_at_once(self):
        self.sandbox.fault(host="*", kind="hang")
        findings = self.doctor(FAILED)
        self.assertEqual("failure", findings["host main.iam.ad.ext.azure.com"]["outcome"])
        self.assertLess(self.took, 12, "three hosts of five seconds each were not asked at once")

    def test_the_clock_is_off(self):
        self.sandbox.clock(offsetSeconds=60)
        self.outcomes(self.doctor(DONE), clock="warning")
        self.sandbox.clock(offsetSeconds=-400)
        findings = self.doctor(FAILED)
        self.outcomes(findings, clock="failure")
        self.assertIn("ahead of login.microsoftonline.com", findings["clock"]["what"])

    def test_a_wrong_and_an_expired_client_secret(self):
        self.sandbox.policy(clientSecretExpired=True)
        findings = self.doctor(FAILED)
        self.outcomes(findings, vault_token="failure", vault_read="notChecked", refresh_token="notChecked", clock="ok")
        self.assertIn("AADSTS7000222", findings["vault token"]["what"])
        self.sandbox.policy(clientSecretExpired=False)
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"])
        good = secret.read_text()
        secret.write_text("wrong")
        findings = self.doctor(FAILED)
        self.assertIn("AADSTS7000215", findings["vault token"]["what"])
        secret.write_text(good)
        self.doctor(DONE)

    def test_a_missing_role_on_the_vault(self):
        self.sandbox.admin("POST", "/vault-roles", {"principal": self.sandbox.facts["clientId"], "role": "none"})
        findings = self.doctor(FAILED)
        self.outcomes(findings, vault_token="ok", vault_read="failure", vault_versions="warning", refresh_token="notChecked")
        self.assertIn("az role assignment create --role \"Key Vault Secrets Officer\"", findings["vault read"]["remedy"])

    def test_a_deleted_secret_is_not_recovered_by_looking(self):
        self.assertEqual(200, self.sandbox.vault("DELETE", "/secrets/RefreshToken").status)
        findings = self.doctor(FAILED)
        self.outcomes(findings, vault_read="failure", refresh_token="notChecked")
        self.assertIn(f"portalkey --sandbox {self.sandbox.folder} login", findings["vault read"]["remedy"])
        self.assertIsNone(self.sandbox.stored())
        ran = self.expect(DONE, self.pk("session", "refresh"), "recovering it")
        self.doctor(DONE)

    def test_a_revoked_token_is_seen_by_redeeming_only(self):
        self.sandbox.admin("POST", "/revoke", {"upn": SERVICE_ACCOUNT})
        self.outcomes(self.doctor(DONE), refresh_token="ok")
        findings = self.doctor(FAILED, "--redeem")
        self.outcomes(findings, redeemed="failure", portal_API="notChecked", role="notChecked")
        self.assertIn("AADSTS50173", findings["redeemed"]["what"])

    def test_an_account_without_the_role(self):
        self.sandbox.admin("POST", "/users", {"upn": SERVICE_ACCOUNT, "roles": []})
        findings = self.doctor(FAILED, "--redeem")
        self.outcomes(findings, redeemed="ok", portal_API="failure")
        self.assertIn(findings["role"]["outcome"], ("warning", "failure"))

    def test_open_files_and_folders(self):
        secret = self.folder / "secret"
        secret.write_text(pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text())
        secret.chmod(0o644)
        state = self.folder / "state"
        state.mkdir(mode=0o700)
        before = self.profile(vault=f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"', state_dir=str(state),
                              text=f'[profile.test.credential]\nclient_id = "{self.sandbox.facts["clientId"]}"\nclient_secret_file = "{secret}"')
        findings = self.doctor(FAILED, before=before)
        self.assertIn("chmod 600", findings[f"file {secret}"]["remedy"])
        self.outcomes(findings, vault_token="failure", state_folder="ok")  # such a secret is not used
        secret.chmod(0o600)
        self.assertEqual("ok", self.doctor(DONE, before=before)[f"file {secret}"]["outcome"])
        state.chmod(0o777)
        self.outcomes(self.doctor(FAILED, before=before), state_folder="failure")

    def test_a_waiting_escrow(self):
        self.sandbox.fault(host="vault", method="PUT", kind="503")
        self.pk("session", "refresh")
        self.sandbox.no_faults()
        self.outcomes(self.doctor(DONE), escrow="warning")
        self.expect(DONE, self.pk("session", "refresh"))
        self.outcomes(self.doctor(DONE), escrow="ok")

    def test_a_vault_file(self):
        passphrase = self.folder / "passphrase"
        passphrase.write_text("correct horse")
        passphrase.chmod(0o600)
        before = self.profile(vault=f'type = "file"\npath = "{self.folder}/v/the.vault"\npassphrase_file = "{passphrase}"', state_dir=f"{self.folder}/state")
        self.outcomes(self.doctor(FAILED, before=before), vault_read="failure")
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        findings = self.doctor(DONE, before=before)
        self.outcomes(findings, vault_read="ok", credential="ok")
        self.assertIn("passphrase", findings[f"file {passphrase}"]["what"])

    def test_no_profile(self):
        ran = self.bare("--profile", "none", "doctor", "-o", "json")
        self.expect(USAGE, ran)
        findings = ran.json()["findings"]
        self.assertEqual(["failure", "notChecked"], [f["outcome"] for f in findings])
        unknown = self.doctor(FAILED, before=self.profile(tenant="00000000-0000-0000-0000-000000000001"))
        self.outcomes(unknown, tenant="failure")


class Trimming(EndToEnd):
    SIGNED_IN = True

    def enabled(self):
        versions = self.sandbox.vault("GET", "/secrets/RefreshToken/versions").json()["value"]
        return {v["id"].rsplit("/", 1)[1] for v in versions if v["attributes"]["enabled"]}, len(versions)

    def test_older_versions_are_disabled(self):
        secret = self.sandbox.facts["clientSecretFile"]
        before = self.profile(vault=f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"\nkeep_versions = 3',
                              text=f'[profile.test.credential]\nclient_id = "{self.sandbox.facts["clientId"]}"\nclient_secret_file = "{secret}"')
        for _ in range(4):
            self.sandbox.clock(advanceSeconds=2)
            self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": self.sandbox.stored()})  # another tool's
        newest = []
        for n in range(5):
            self.sandbox.clock(advanceSeconds=2)
            newest.append(self.expect(DONE, self.bare(*before, "session", "refresh", "-o", "json")).json()["version"])
            enabled, count = self.enabled()
            self.assertEqual(3, len(enabled), f"after rotation {n}")
            self.assertIn(newest[-1], enabled)
        self.assertEqual(set(newest[-3:]), enabled)
        self.assertEqual(10, count)
        self.assertEqual(1 + 5, len(self.sandbox.requests(part="/versions")), "it lists at every rotation")  # the test's own 5
        self.session_works(*before, why="versions were disabled")


if __name__ == "__main__":
    main()
