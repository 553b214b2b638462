"""portalkey setup on the sandbox: plan changes nothing, apply is idempotent and may be killed anywhere, export deploys, destroy asks."""
import concurrent.futures
import json
import os
import pathlib
import stat
import tempfile
import unittest
import urllib.parse

from harness import DONE, FAILED, INTERRUPTED, USAGE, EndToEnd, main

OFFICER = "b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5"
KILLED = -9


class SetupTest(EndToEnd):
    SANDBOX = ("--auto-approve", "--empty-subscription", "--arm-polls", "0")

    def setup_(self, verb, *args, sandbox=None, env=None, timeout=120):
        sandbox = sandbox or self.sandbox
        return self.bare("--sandbox", sandbox.folder, "--credential", "device_code", "setup", verb, *args, env=env, timeout=timeout)

    def apply(self, *args, **more):
        return self.setup_("apply", "--location", "westeurope", *args, **more)

    def config(self, sandbox=None):
        return (sandbox or self.sandbox).folder / "client" / "config.toml"

    def admin_token(self, resource, sandbox):
        sandbox.policy(nextApprover="admin@contoso.com")
        code = sandbox.login("devicecode", client_id="04b07795-8ddb-461a-bbee-02f9e1bf7b46", scope=resource + "/.default").json()
        answer = sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code",
                               client_id="04b07795-8ddb-461a-bbee-02f9e1bf7b46", device_code=code["device_code"]).json()
        return answer["access_token"]

    def arm(self, path, api, sandbox, method="GET", content=None, query=""):
        token = self.admin_token("https://management.azure.com", sandbox)
        return sandbox.https(method, "management.azure.com", f"{path}?api-version={api}{query}", content=content, bearer=token)

    def graph(self, path, sandbox):
        token = self.admin_token("https://graph.microsoft.com", sandbox)
        answer = sandbox.https("GET", "graph.microsoft.com", "/v1.0" + path, bearer=token)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def subscription(self, sandbox):
        return self.arm("/subscriptions", "2022-12-01", sandbox).json()["value"][0]["subscriptionId"]

    def picture(self, sandbox=None):
        """What a set-up left behind, without what differs between two tries: ids, names that follow from them, times."""
        sandbox = sandbox or self.sandbox
        base = "/subscriptions/" + self.subscription(sandbox)
        group = self.arm(f"{base}/resourcegroups/portalkey", "2021-04-01", sandbox).json()
        vaults = self.arm(f"{base}/resourceGroups/portalkey/providers/Microsoft.KeyVault/vaults", "2023-07-01", sandbox).json()["value"]
        apps = [a for a in self.graph("/applications", sandbox)["value"] if a["displayName"].startswith("portalkey-")]
        principals = [p for p in self.graph("/servicePrincipals?$top=999", sandbox)["value"] if p["displayName"].startswith("portalkey-")]
        assignments = []
        for vault in vaults:
            listed = self.arm(vault["id"] + "/providers/Microsoft.Authorization/roleAssignments", "2022-04-01", sandbox).json()["value"]
            assignments += [(a["properties"]["roleDefinitionId"].rsplit("/", 1)[1], a["properties"]["scope"].endswith(vault["name"]))
                            for a in listed if a["properties"]["principalId"] in [p["id"] for p in principals]]
        files = {}
        for file in sorted((sandbox.folder / "client").rglob("*")):
            if file.is_file() and file.name != "sandbox.json":
                files[str(file.relative_to(sandbox.folder / "client"))] = stat.S_IMODE(file.stat().st_mode)
        record = json.loads((sandbox.folder / "client" / "default" / "setup.json").read_text())
        properties = [v["properties"] for v in vaults]
        return {
            "group": [group["location"], group["tags"]],
            "vaults": [[v["name"], v["location"], v["tags"]] for v in vaults],
            "properties": [{k: p.get(k) for k in ("enableRbacAuthorization", "enableSoftDelete", "enablePurgeProtection", "softDeleteRetentionInDays",
                                                  "networkAcls")} for p in properties],
            "apps": [[a["displayName"], a["tags"], len(a["passwordCredentials"]), len(a["keyCredentials"]), len(a["appRoles"]),
                      len(a["identifierUris"]), a["web"]["redirectUris"]] for a in apps],
            "principals": len(principals),
            "assignments": assignments,
            "files": files,
            "record": sorted(record),
            "config": [line.split("=")[0] for line in self.config(sandbox).read_text().splitlines()],
        }

    def step(self, ran, name):
        return next(s for s in ran.json()["steps"] if s["step"] == name)


class Apply(SetupTest):
    def test_from_an_empty_subscription_to_a_working_session(self):
        ran = self.expect(DONE, self.apply("-o", "json"))
        self.assertEqual(ran.json()["changes"], 8)
        again = self.expect(DONE, self.apply("-o", "json"))
        self.assertEqual(again.json()["changes"], 0)
        planned = self.expect(DONE, self.setup_("plan", "-o", "json"))
        self.assertEqual(planned.json()["changes"], 0, planned)
        # The profile it wrote is a profile: the app's own credential opens the vault.
        profile = ["--config", self.config()]
        token = self.folder / "given"
        token.write_text(self.sandbox.refresh_token_of())
        self.expect(DONE, self.bare(*profile, "login", "--refresh-token-file", token), "Stored: RefreshToken in https://portalkey-")
        self.session_works(*profile)

    def test_nothing_secret_is_readable_or_said(self):
        ran = self.expect(DONE, self.apply("-o", "json"))
        file = pathlib.Path(ran.json()["credentialFile"])
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        secret = file.read_text()
        self.assertGreater(len(secret), 20)
        for text in (ran.text, self.config().read_text(), (self.sandbox.folder / "client" / "default" / "setup.json").read_text()):
            self.assertNotIn(secret, text)

    def test_a_certificate_whose_key_stays_here(self):
        ran = self.expect(DONE, self.apply("--app-credential", "certificate", "-o", "json"))
        file = pathlib.Path(ran.json()["credentialFile"])
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertIn("PRIVATE KEY", file.read_text())
        app = [a for a in self.graph("/applications", self.sandbox)["value"] if a["displayName"] == "portalkey-default"][0]
        self.assertEqual(len(app["keyCredentials"]), 1)
        self.assertEqual(len(app["passwordCredentials"]), 0)
        self.assertEqual(self.expect(DONE, self.setup_("plan", "-o", "json")).json()["changes"], 0)

    def test_mandatory_mfa_at_resource_manager(self):
        """A sign-in without MFA may read; the first write is challenged, and the person signs in again, with it."""
        self.sandbox.policy(mandatoryMfa=True, mfaAtSignIn=False)
        self.sandbox.forget_requests()
        ran = self.expect(DONE, self.apply(), "multi-factor authentication most likely: a new sign-in is needed")
        self.assertEqual(2, ran.err.count("Sign in an account"), ran.err)
        challenged = self.sandbox.requests(service="arm", status=401)
        self.assertEqual({"PUT"}, {r["method"] for r in challenged} - {"POST"})
        self.assertEqual(1, len(challenged), "each write was challenged")

    def test_a_federated_credential(self):
        options = ("--app-credential", "federated", "--issuer", "https://token.actions.githubusercontent.com", "--subject", "repo:contoso/x:ref:refs/heads/main")
        self.expect(DONE, self.apply(*options), "was not tried")
        self.assertEqual(self.expect(DONE, self.setup_("plan", "-o", "json")).json()["changes"], 0)
        self.assertIn('type = "workload_identity"', self.config().read_text())

    def test_roles_redirect_uris_and_other_options(self):
        self.expect(DONE, self.apply("--app-roles", "--connector-redirect-uri", "https://global.consent.azure-apim.net/redirect", "--role-scope", "secret",
                                     "--retention-days", "7", "--no-purge-protection", "--tags", "cost=42", "--grant-me"))
        picture = self.picture()
        app = picture["apps"][0]
        self.assertEqual(app[4:], [6, 1, ["https://global.consent.azure-apim.net/redirect"]])
        self.assertEqual(picture["properties"][0]["softDeleteRetentionInDays"], 7)
        self.assertFalse(picture["properties"][0]["enablePurgeProtection"])
        self.assertEqual(picture["group"][1], {"cost": "42", "portalkey": "default"})
        self.assertEqual(picture["assignments"], [(OFFICER, False)])
        self.assertEqual(self.expect(DONE, self.setup_("plan", "--app-roles", "--grant-me", "-o", "json")).json()["changes"], 0)

    def test_what_cannot_be_changed_stops_everything_before_it_begins(self):
        self.expect(DONE, self.apply())
        before = self.picture()
        self.expect_error(FAILED, self.apply("--retention-days", "30"), "nothing was changed", "retention")
        self.expect_error(FAILED, self.apply("--no-purge-protection"), "never be switched off")
        self.assertEqual(self.picture(), before)

    def test_replication_is_waited_out(self):
        self.sandbox.policy(replicationMisses=2)
        self.expect(DONE, self.apply(timeout=240))

    def test_the_config_file_keeps_what_is_a_persons(self):
        config = self.folder / "mine.toml"
        config.write_text('# my file\n[profile.other]\ntenant = "fabrikam.com" # theirs\n\n[profile.default]\nservice_account = "svc-portalkey@contoso.com"\n')
        os.chmod(config, 0o644)
        ran = self.bare("--sandbox", self.sandbox.folder, "--credential", "device_code", "--config", config, "setup", "apply", "--location", "westeurope")
        self.expect(DONE, ran)
        text = config.read_text()
        for kept in ("# my file", 'tenant = "fabrikam.com" # theirs', 'service_account = "svc-portalkey@contoso.com"'):
            self.assertIn(kept, text)
        self.assertEqual(stat.S_IMODE(config.stat().st_mode), 0o644)
        self.assertIn("[profile.default.vault]", text)
        self.assertTrue((self.folder / "mine.toml.bak").exists())


class Plan(SetupTest):
    def test_a_plan_changes_nothing(self):
        self.sandbox.forget_requests()
        ran = self.expect(DONE, self.setup_("plan", "--location", "westeurope", "-o", "json"))
        self.assertEqual(ran.json()["changes"], 8)
        for request in self.sandbox.requests():
            if request["host"].startswith("login"):
                continue
            self.assertTrue(request["method"] in ("GET", "HEAD") or request["path"].endswith("/checkNameAvailability"), request)
        self.assertFalse(self.config().exists())
        self.assertEqual(self.arm("/subscriptions/" + self.subscription(self.sandbox) + "/resourcegroups/portalkey", "2021-04-01", self.sandbox).status, 404)

    def test_an_answer_that_holds_the_token_is_not_shown(self):
        for spelling in ("", ":hex", ":base64", ":percent"):
            for output in ("json", "table"):
                self.sandbox.no_faults()
                self.sandbox.fault(kind="echo", host="arm", path="/providers/Microsoft.Authorization", method="GET", status=200,
                                   body=json.dumps({"namespace": "Microsoft.Authorization", "registrationState": "{secret" + spelling + "}"}))
                ran = self.setup_("plan", "--location", "westeurope", "-o", output)
                self.assertEqual(DONE, ran.code, ran.text)
                self.assertIn("*** -> Registered" if output == "table" else '"from":"***"', ran.out.replace(" ", "") if output == "json" else ran.out)
                self.assertNotRegex(ran.text, "[A-Za-z0-9]{100}")

    def test_it_says_from_what_to_what_and_why(self):
        self.expect(DONE, self.apply())
        ran = self.expect(DONE, self.setup_("plan", "--allow-ip", "203.0.113.0/24", "-o", "json"))
        vault = self.step(ran, "vault")
        self.assertEqual(vault["changes"], [{"property": "network", "from": "open", "to": "203.0.113.0/24"}])
        self.expect(DONE, self.setup_("plan", "--allow-ip", "203.0.113.0/24"), "open -> 203.0.113.0/24")

    def test_wrong_options_are_named(self):
        for options, word in ((("--allow-ip", "2001:db8::1"), "IPv4"), (("--allow-ip", "10.0.0.1"), "private"), (("--allow-ip", "172.16.0.0/12"), "private"),
                              (("--allow-ip", "224.0.0.1"), "multicast"), (("--vault", "no_good"), "vault's name"),
                              (("--tags", "x"), "NAME=VALUE"), (("--app-credential", "federated"), "--issuer"), (("--issuer", "x"), "federated")):
            self.expect_error(USAGE, self.setup_("plan", *options), word)

    def test_without_a_location_it_says_so(self):
        ran = self.expect(DONE, self.setup_("plan", "-o", "json"))
        self.assertEqual(self.step(ran, "group")["state"], "cannot")


class Crash(SetupTest):
    SANDBOX = None

    def until_none(self, *args):
        """Kills at the first, second … crash point, each time on a sandbox of its own, repeats, and compares."""
        whole = self.new_sandbox(*SetupTest.SANDBOX, "--seed", "7", name="whole")
        self.expect(DONE, self.apply(*args, sandbox=whole))
        wanted = self.picture(whole)
        whole.stop()
        first = 1
        with concurrent.futures.ThreadPoolExecutor(8) as pool:  # most of a run is waiting for the sign-in
            while first < 80:
                points = range(first, first + 8)
                for point, got in zip(points, pool.map(lambda p: self.killed_and_repeated(p, args), points)):
                    if got is None:
                        self.assertGreater(point, 15, "the crash points were not met")
                        return
                    with self.subTest(point=point):
                        self.assertEqual(got, wanted)
                first += 8
        self.fail("there is no end of crash points")

    def killed_and_repeated(self, point, args):
        """The picture after a kill at this crash point and two more runs; None if the run ended before it."""
        sandbox = self.new_sandbox(*SetupTest.SANDBOX, "--seed", "7", name=f"crash-{point}")
        try:
            ran = self.apply(*args, sandbox=sandbox, env={"PORTALKEY_TEST_CRASH_AT": point})
            if ran.code == DONE:
                return None
            self.assertEqual(ran.code, KILLED, ran)
            self.expect(DONE, self.apply(*args, sandbox=sandbox))
            self.expect(DONE, self.apply(*args, sandbox=sandbox))
            got = self.picture(sandbox)
            got["files"] = {k: v for k, v in got["files"].items() if ".portalkey-" not in k}  # a write that was cut short
            return got
        finally:
            sandbox.stop()

    def test_killed_anywhere_it_ends_the_same_with_a_secret(self):
        self.until_none("--app-roles")

    def test_killed_anywhere_it_ends_the_same_with_a_certificate(self):
        self.until_none("--app-credential", "certificate")


class Export(SetupTest):
    def test_the_arm_template_deploys(self):
        out = self.folder / "arm"
        self.expect(DONE, self.setup_("export", "--arm", out, "--location", "westeurope", "--tags", "cost=42"), "main.json")
        base = "/subscriptions/" + self.subscription(self.sandbox)
        for provider in ("Microsoft.KeyVault",):
            self.arm(f"{base}/providers/{provider}/register", "2021-04-01", self.sandbox, "POST")
            while self.arm(f"{base}/providers/{provider}", "2021-04-01", self.sandbox).json()["registrationState"] != "Registered":
                self.sandbox.clock(advanceSeconds=10)
        deployment = {"location": "westeurope", "properties": {"mode": "Incremental", "template": json.loads((out / "main.json").read_text()),
                                                               "parameters": json.loads((out / "main.parameters.json").read_text())["parameters"]}}
        path = f"{base}/providers/Microsoft.Resources/deployments/portalkey"
        answer = self.arm(path, "2021-04-01", self.sandbox, "PUT", deployment)
        self.assertIn(answer.status, (200, 201), answer.body)
        for _ in range(50):
            state = self.arm(path, "2021-04-01", self.sandbox).json()["properties"]
            if state["provisioningState"] in ("Succeeded", "Failed"):
                break
            self.sandbox.clock(advanceSeconds=10)
        self.assertEqual(state["provisioningState"], "Succeeded", state)
        self.assertIn("vaultUri", state["outputs"])
        # apply finds the vault that the template made, by its mark, and adds what a template cannot.
        ran = self.expect(DONE, self.apply("-o", "json"))
        self.assertEqual(self.step(ran, "vault")["state"], "exists")

    def test_bicep_is_written_and_asks_nobody(self):
        self.sandbox.forget_requests()
        out = self.folder / "bicep"
        self.expect(DONE, self.setup_("export", "--bicep", out, "--location", "westeurope", "-o", "json"))
        self.assertEqual(sorted(f.name for f in out.iterdir()), ["create-app.sh", "main.bicep", "main.bicepparam", "vault.bicep"])
        self.assertEqual(self.sandbox.requests(), [])
        self.expect_error(USAGE, self.setup_("export"), "--bicep")


class Destroy(SetupTest):
    def test_it_asks_and_takes_only_its_own(self):
        self.expect(DONE, self.apply("--no-purge-protection"))
        self.expect_error(USAGE, self.setup_("destroy"), "--yes")
        ran = self.on_terminal("--credential", "device_code", "setup", "destroy", answers=[("[y/N]", "n")])
        self.assertEqual(ran.code, INTERRUPTED, ran)
        self.expect(DONE, self.setup_("destroy", "--yes"), "deleted  resource group", "recovered for 90 days")
        self.assertEqual([a for a in self.graph("/applications", self.sandbox)["value"] if a["displayName"] == "portalkey-default"], [])
        base = "/subscriptions/" + self.subscription(self.sandbox)
        deleted = self.arm(f"{base}/providers/Microsoft.KeyVault/deletedVaults", "2023-07-01", self.sandbox).json()["value"]
        self.assertEqual(len(deleted), 1, "deleted, not purged")
        self.expect(DONE, self.setup_("destroy", "--yes"), "nothing")
        self.expect(DONE, self.apply("-o", "json"))  # under the next name
        self.expect(DONE, self.setup_("destroy", "--yes"))

    def test_subnets_that_a_vault_lets_in_stay(self):
        self.expect(DONE, self.apply())
        base = "/subscriptions/" + self.subscription(self.sandbox)
        vaults = f"{base}/resourceGroups/portalkey/providers/Microsoft.KeyVault/vaults"
        vault = self.arm(vaults, "2023-07-01", self.sandbox).json()["value"][0]["id"]
        for _ in range(3):
            self.arm(f"{base}/providers/Microsoft.Network/register", "2021-04-01", self.sandbox, "POST")
        network = f"{base}/resourceGroups/portalkey/providers/Microsoft.Network/virtualNetworks/net"
        subnet = {"name": "inner", "properties": {"addressPrefix": "10.0.0.0/24",
                                                  "serviceEndpoints": [{"service": "Microsoft.KeyVault"}]}}
        content = {"location": "westeurope",
                   "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]}}
        self.assertEqual(self.arm(network, "2024-03-01", self.sandbox, "PUT", content).status, 201)
        rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": network + "/subnets/inner"}]}
        self.assertEqual(self.arm(vault, "2023-07-01", self.sandbox, "PATCH", {"properties": {"networkAcls": rules}}).status, 200)
        self.sandbox.policy(clientAddress="203.0.113.5")
        ran = self.setup_("plan", "--location", "westeurope", "--allow-ip", "203.0.113.0/24")
        self.expect(DONE, ran, "virtual network rules of the vault stay as they are: 1")
        self.expect(DONE, self.apply("--allow-ip", "203.0.113.0/24"))
        after = self.arm(vault, "2023-07-01", self.sandbox).json()["properties"]["networkAcls"]
        self.assertEqual([rule["id"] for rule in after["virtualNetworkRules"]], [(network + "/subnets/inner").lower()])
        self.assertEqual([rule["value"] for rule in after["ipRules"]], ["203.0.113.0/24"])

    def test_a_lock_stops_it_in_the_services_words(self):
        self.expect(DONE, self.apply("--no-purge-protection"))
        base = "/subscriptions/" + self.subscription(self.sandbox) + "/resourceGroups/portalkey"
        vault = self.arm(f"{base}/providers/Microsoft.KeyVault/vaults", "2023-07-01", self.sandbox).json()["value"][0]["id"]
        lock = lambda method, level="": self.arm(f"{vault}/providers/Microsoft.Authorization/locks/keep", "2020-05-01", self.sandbox,
                                                 method, {"properties": {"level": level}} if level else None)
        self.assertEqual(lock("PUT", "CanNotDelete").status, 201)
        self.expect_error(FAILED, self.setup_("destroy", "--yes"), "cannot perform delete operation", "ScopeLocked", "remove the lock")
        self.assertEqual(lock("PUT", "ReadOnly").status, 200)
        self.expect_error(FAILED, self.apply("--allow-ip", "203.0.113.0/24"), "cannot perform write operation", "remove the lock")
        self.assertEqual(lock("DELETE").status, 200)
        self.expect(DONE, self.setup_("destroy", "--yes"), "deleted  resource group")

    def test_purge_is_refused_by_purge_protection_and_explained(self):
        self.expect(DONE, self.apply())
        before = self.picture()
        self.expect_error(FAILED, self.setup_("destroy", "--yes", "--purge"), "purge protection")
        self.assertEqual(self.picture(), before)

    def test_purge_when_told(self):
        self.expect(DONE, self.apply("--no-purge-protection"))
        self.expect(DONE, self.setup_("destroy", "--yes", "--purge"), "for good")
        base = "/subscriptions/" + self.subscription(self.sandbox)
        self.assertEqual(self.arm(f"{base}/providers/Microsoft.KeyVault/deletedVaults", "2023-07-01", self.sandbox).json()["value"], [])

    def test_a_group_that_holds_something_else_stays(self):
        self.expect(DONE, self.apply())
        base = "/subscriptions/" + self.subscription(self.sandbox)
        tenant = self.sandbox.facts["tenantId"]
        other = self.arm(f"{base}/resourceGroups/portalkey/providers/Microsoft.KeyVault/vaults/somebody-elses", "2023-07-01", self.sandbox, "PUT",
                         {"location": "westeurope", "properties": {"tenantId": tenant, "sku": {"family": "A", "name": "standard"}, "accessPolicies": []}})
        self.assertIn(other.status, (200, 201), other.body)
        self.expect(DONE, self.setup_("destroy", "--yes"), "it holds something else (somebody-elses)")

    def test_a_deleted_vault_is_recovered_when_asked(self):
        first = self.expect(DONE, self.apply("-o", "json")).json()["vault"]
        name = urllib.parse.urlsplit(first).hostname.split(".")[0]
        self.expect(DONE, self.setup_("destroy", "--yes"))
        self.expect_error(FAILED, self.apply("--vault", name), "--recover")
        ran = self.expect(DONE, self.apply("--vault", name, "--recover", "-o", "json"))
        self.assertEqual(ran.json()["vault"], first)


if __name__ == "__main__":
    main()
