"""The same commands on both backends: what must be alike is run over both; what differs, on the one that has it."""
import json

import harness
from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd, mask

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
GRAPH = "graph.microsoft.com"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
RIGHTS = ["Policy.ReadWrite.AuthenticationMethod", "UserAuthenticationMethod.ReadWrite.All", "User.Read.All"]


class Backend(EndToEnd):
    SIGNED_IN = True
    backend = "graph"

    def setUp(self):
        super().setUp()
        if self.backend == "graph":
            self.grant_graph_rights()

    def on(self, *args, **more):
        return self.pk("--backend", self.backend, *args, **more)

    def grant_graph_rights(self):
        """The admin gives the app registration what docs/backends.md names."""
        self.sandbox.policy(nextApprover=harness.ADMIN_ACCOUNT)
        code = self.sandbox.login("devicecode", client_id=AZURE_CLI, scope=f"https://{GRAPH}/.default").json()
        token = mask(self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=AZURE_CLI,
                                        device_code=code["device_code"]).json()["access_token"])
        call = lambda method, path, content=None: self.sandbox.https(method, GRAPH, "/v1.0" + path, content=content, bearer=token)
        own, graph = (call("GET", f"/servicePrincipals(appId='{app}')").json() for app in (self.sandbox.facts["clientId"], GRAPH_APP))
        for role in (one for one in graph["appRoles"] if one["value"] in RIGHTS):
            answer = call("POST", f"/servicePrincipals/{own['id']}/appRoleAssignments",
                          {"principalId": own["id"], "resourceId": graph["id"], "appRoleId": role["id"]})
            self.assertEqual(201, answer.status, harness.masked(answer.body))

    def listed(self):
        return {token["serial"]: token for token in self.expect(DONE, self.on("tokens", "list", "-o", "json")).json()}

    def states(self, ran):
        return {token["serial"]: token["state"] for token in ran.json()["tokens"]}


class Conformance:
    """What a user may expect of either backend."""

    def test_from_a_file_to_active_and_again_changes_nothing(self):
        file, rows = self.seeds(30)
        first = self.expect(DONE, self.on("tokens", "import", file, "-o", "json"))
        self.assertEqual({row["serial number"]: "active" for row in rows}, self.states(first))
        self.assertEqual({row["serial number"]: row["upn"] for row in rows},
                         {serial: token["upn"] for serial, token in self.listed().items()})
        self.sandbox.forget_requests()
        self.expect(DONE, self.on("tokens", "import", file), "30 already active")
        self.assertEqual([], [r["path"] for r in self.sandbox.requests() if r["method"] != "GET" and r["service"] in ("portal", "graph")])

    def test_a_dry_run_sends_nothing(self):
        file, rows = self.seeds(3)
        self.expect(DONE, self.on("tokens", "import", file, "--dry-run"), "3 would import")
        self.assertEqual({}, self.listed())

    def test_each_bad_token_has_its_reason_and_the_rest_goes_on(self):
        file, rows = self.seeds(4)
        text = file.read_text().replace(rows[1]["upn"], "nobody.here@contoso.com").replace(
            rows[2]["upn"], "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com")
        file.write_text(text)
        ran = self.expect(PARTLY, self.on("tokens", "import", file, "-o", "json"))
        states = self.states(ran)
        self.assertEqual(["active", "failed", "rejected", "active"], [states[row["serial number"]] for row in rows])
        for token in ran.json()["tokens"]:
            self.assertTrue(token["state"] == "active" or token["reason"] and token["remedy"], token)

    def test_uploaded_then_activated_then_removed(self):
        file, rows = self.seeds(3)
        serials = [row["serial number"] for row in rows]
        self.expect(DONE, self.on("tokens", "import", file, "--until", "uploaded"), "3 uploaded")
        self.expect(DONE, self.on("tokens", "activate", file, "--serial", serials[0]), "1 active")
        self.assertEqual("active", self.listed()[serials[0]]["state"])
        self.expect(DONE, self.on("tokens", "remove", serials[0], serials[1], "--yes"), "2 removed")
        self.assertEqual({serials[2]}, set(self.listed()))

    def test_lost_answers_make_no_token_twice(self):
        file, rows = self.seeds(25)
        self.sandbox.fault(host=self.backend, path="batch" if self.backend == "graph" else "upload",
                           kind="reset-after-effect", times=1)
        self.sandbox.fault(host=self.backend, path="activate" if self.backend == "graph" else "enable",
                           kind="reset-after-effect", times=2)
        self.expect(DONE, self.on("tokens", "import", file), "25 active")
        self.assertEqual(25, len(self.listed()))

    def test_somebody_elses_serial_number_is_not_taken(self):
        file, rows = self.seeds(1)
        self.expect(DONE, self.on("tokens", "import", file), "1 active")
        file.write_text(file.read_text().replace(rows[0]["upn"], "zoe@contoso.com"))
        self.expect(FAILED, self.on("tokens", "import", file), "assigned to " + rows[0]["upn"])


class ThroughThePortal(Conformance, Backend):
    backend = "portal"

    def test_a_token_cannot_be_assigned(self):
        self.expect_error(FAILED, self.on("tokens", "assign", "N1", "--user", "helga@contoso.com"), "--backend graph")
        self.expect_error(FAILED, self.on("tokens", "unassign", "N1"), "--backend graph")


class ThroughGraph(Conformance, Backend):
    def test_the_life_of_a_token_nobody_has(self):
        file = self.folder / "vendor.csv"
        file.write_text("serial number,secret key,time interval,manufacturer,model\nN1,"
                        + mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") + ",30,Contoso,C100\n")
        self.expect(DONE, self.on("tokens", "import", file), "1 uploaded")
        self.assertEqual("unassigned", self.listed()["N1"]["state"])
        self.expect(DONE, self.on("tokens", "assign", "N1", "--user", "helga@contoso.com"), "1 assigned")
        self.expect(DONE, self.on("tokens", "activate", file), "1 active")
        self.expect(DONE, self.on("tokens", "unassign", "N1"), "1 unassigned")
        self.assertEqual(("unassigned", ""), tuple(self.listed()["N1"][k] for k in ("state", "upn")))
        file.write_text(file.read_text().replace("serial number,", "upn,serial number,").replace("\nN1", "\nhugo@contoso.com,N1"))
        self.expect(DONE, self.on("tokens", "import", file, timeout=120), "1 active")
        self.assertEqual("hugo@contoso.com", self.listed()["N1"]["upn"])

    def test_sha256(self):
        file = self.folder / "bulk.json"
        file.write_text(json.dumps({"@context": "#$delta", "value": [
            {"@contentId": "1", "serialNumber": "S256", "manufacturer": "Contoso", "model": "C200", "hashFunction": "hmacsha256",
             "secretKey": mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "timeIntervalInSeconds": 60}]}))
        who = self.folder / "who.csv"
        who.write_text("serial number,upn\nS256,helga@contoso.com\n")
        self.expect(DONE, self.on("tokens", "import", file, "--assign", who), "1 active")
        self.backend = "portal"
        self.expect(FAILED, self.on("tokens", "import", file, "--assign", who), "not SHA-1", "--backend graph")

    def test_one_serial_number_in_both_worlds_is_explained(self):
        self.backend = "portal"
        file, rows = self.seeds(1)
        self.expect(DONE, self.on("tokens", "import", file), "1 active")
        self.backend = "graph"
        self.expect(FAILED, self.on("tokens", "import", file), "from a CSV upload", "--backend portal")


class Refused(EndToEnd):
    SIGNED_IN = True

    def test_without_permissions_the_error_names_them(self):
        self.expect_error(FAILED, self.pk("--backend", "graph", "tokens", "list"), "Policy.ReadWrite.AuthenticationMethod")

    def test_a_cloud_without_it_is_refused_before_anything_is_sent(self):
        before = self.profile(cloud="usgov", backend="graph")
        self.sandbox.forget_requests()
        self.expect_error(USAGE, self.bare(*before, "tokens", "list"), "global cloud only", "portal")
        self.assertEqual([], self.sandbox.requests())

    def test_an_unknown_backend(self):
        self.expect_error(USAGE, self.bare(*self.profile(backend="intune"), "tokens", "list"), 'no backend "intune"', "graph")
        self.expect(USAGE, self.pk("--backend", "intune", "tokens", "list"), "--backend")


if __name__ == "__main__":
    harness.main()
