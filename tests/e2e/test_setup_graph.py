"""portalkey setup apply --backend graph: the permissions in Microsoft Graph are planned, granted, shown, and taken away again."""
import harness
from harness import DONE, GRAPH_RIGHTS, PARTLY, USAGE, main
from test_setup import SetupTest

MODEST = "modest@contoso.com"  # may register applications and owns the subscription, and cannot consent


class Graph(SetupTest):
    def on_graph(self, verb, *args, **more):
        return self.bare("--sandbox", self.sandbox.folder, "--credential", "device_code", "--backend", "graph", "setup", verb,
                *args, **more)

    def step_of(self, ran):
        return self.step(ran, "permissions")

    def granted(self, client_id):
        """The permissions that the app was given in Graph."""
        graph = self.graph(f"/servicePrincipals(appId='{harness.GRAPH_APP}')", self.sandbox)
        names = {role["id"]: role["value"] for role in graph["appRoles"]}
        own = self.graph(f"/servicePrincipals(appId='{client_id}')", self.sandbox)
        given = self.graph(f"/servicePrincipals/{own['id']}/appRoleAssignments", self.sandbox)["value"]
        return sorted(names[one["appRoleId"]] for one in given)

    def test_planned_applied_used_repeated_and_destroyed(self):
        planned = self.expect(DONE, self.on_graph("plan", "--location", "westeurope", "-o", "json"))
        self.assertEqual(("create", sorted(GRAPH_RIGHTS)),
                         (self.step_of(planned)["state"], sorted(c["to"] for c in self.step_of(planned)["changes"])))
        self.expect(DONE, self.on_graph("plan", "--location", "westeurope"), "permissions in Microsoft Graph", *GRAPH_RIGHTS)
        applied = self.expect(DONE, self.on_graph("apply", "--location", "westeurope", "-o", "json")).json()
        self.assertEqual("", applied["consent"])
        self.assertEqual(sorted(GRAPH_RIGHTS), self.granted(applied["clientId"]))
        app = self.graph(f"/applications(appId='{applied['clientId']}')", self.sandbox)
        self.assertEqual([3], [len(r["resourceAccess"]) for r in app["requiredResourceAccess"]],
                "the app registration does not list them")

        config = ["--config", self.config()]
        self.assertIn('backend = "graph"', self.config().read_text())
        self.assertEqual(f"portalkey --config {self.config()} doctor", applied["next"])
        self.expect(DONE, self.bare(*config, "doctor"))
        seeds, _ = self.seeds(2)
        self.expect(DONE, self.bare(*config, "tokens", "import", seeds), "2 active")

        self.sandbox.forget_requests()
        again = self.expect(DONE, self.on_graph("apply", "-o", "json"))
        self.assertEqual((0, "exists"), (again.json()["changes"], self.step_of(again)["state"]))
        self.assertEqual([], [r["path"] for r in self.sandbox.requests(service="graph") if r["method"] != "GET"],
                "a repeated run changed something")
        self.assertEqual(0, self.expect(DONE, self.setup_("plan", "-o", "json")).json()["changes"],
                "a plan without the option wants a change")

        self.expect(DONE, self.on_graph("destroy", "--yes"), "its service principal, credentials and permissions")
        apps = [a["displayName"] for a in self.graph("/applications", self.sandbox)["value"]]
        self.assertNotIn("portalkey-default", apps)

    def test_of_an_app_that_stays_only_what_was_granted_here_is_taken(self):
        own = self.sandbox.facts["clientId"]
        self.grant_graph_rights()
        graph, sp = (self.graph(f"/servicePrincipals(appId='{app}')", self.sandbox) for app in (harness.GRAPH_APP, own))
        there = self.graph(f"/servicePrincipals/{sp['id']}/appRoleAssignments", self.sandbox)["value"]
        token = self.admin_token("https://graph.microsoft.com", self.sandbox)
        names = {role["id"]: role["value"] for role in graph["appRoles"]}
        for one in there:  # leave one, as if somebody had granted it
            if names[one["appRoleId"]] != "User.Read.All":
                self.sandbox.https("DELETE", "graph.microsoft.com",
                        f"/v1.0/servicePrincipals/{sp['id']}/appRoleAssignments/{one['id']}", bearer=token)
        self.assertEqual(["User.Read.All"], self.granted(own))
        self.expect(DONE, self.on_graph("apply", "--location", "westeurope", "--app-id", own))
        self.assertEqual(sorted(GRAPH_RIGHTS), self.granted(own))
        self.expect(DONE, self.on_graph("destroy", "--yes", "--app-id", own), "permission in Microsoft Graph of the app")
        self.assertEqual(["User.Read.All"], self.granted(own))

    def test_who_lacks_the_right_is_told_who_must_consent_and_how(self):
        self.sandbox.admin("POST", "/users", {"upn": MODEST, "roles": ["Application Administrator"]})
        self.sandbox.admin("POST", "/role-assignments", {"principal": MODEST, "role": "Owner"})
        self.sandbox.policy(nextApprover=MODEST)
        ran = self.on_graph("apply", "--location", "westeurope", "-o", "json")
        self.expect(PARTLY, ran)
        client_id = ran.json()["clientId"]
        self.assertEqual("cannot", self.step_of(ran)["state"])
        consent = ran.json()["consent"]
        for word in ("Privileged Role Administrator", *GRAPH_RIGHTS, f"az ad app permission admin-consent --id {client_id}",
                     f"/adminconsent?client_id={client_id}"):
            self.assertIn(word, consent)
        self.assertEqual([], self.granted(client_id))
        self.assertEqual(0o600, self.config().stat().st_mode & 0o777, "everything else was not made")
        # A Global Administrator runs the same command.
        self.expect(DONE, self.on_graph("apply"))
        self.assertEqual(sorted(GRAPH_RIGHTS), self.granted(client_id))

    def test_other_clouds_are_refused_before_anything_is_made(self):
        self.sandbox.forget_requests()
        self.expect(USAGE, self.on_graph("apply", "--cloud", "usgov", "--location", "usgovvirginia"), "global cloud only")
        self.assertEqual([], self.sandbox.requests())


del SetupTest

if __name__ == "__main__":
    main()
