"""Hardware OATH tokens over Microsoft Graph in the real sandbox, over TLS: as an app and as a person."""
import unittest
import urllib.parse

import harness
from harness import ADMIN_ACCOUNT, EndToEnd, mask, totp

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
GRAPH = "graph.microsoft.com"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
DEVICES = "/directory/authenticationMethodDevices/hardwareOathDevices"
RIGHTS = ["Policy.ReadWrite.AuthenticationMethod", "UserAuthenticationMethod.ReadWrite.All", "User.Read.All"]
KEY = mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")  # RFC 6238, appendix B


class GraphOath(EndToEnd):
    def graph(self, method, path, content=None, version="beta"):
        return self.sandbox.https(method, GRAPH, f"/{version}{path}", content=content, bearer=self.token)

    def ok(self, status, answer):
        self.assertEqual(answer.status, status, harness.masked(answer.body))
        return answer.json() if answer.body else {}

    def secret(self):
        return mask((self.sandbox.folder / "client-secret").read_text().strip())

    def persons_token(self, scope, client, upn=ADMIN_ACCOUNT, **proof):
        self.sandbox.policy(nextApprover=upn)
        code = self.ok(200, self.sandbox.login("devicecode", client_id=client, scope=scope))
        answer = self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=client,
                                    device_code=code["device_code"], **proof)
        return mask(self.ok(200, answer)["access_token"])

    def persons_own_token(self, upn, *scopes):
        """By the app registration, which may ask for any scope; Azure CLI has its own only."""
        return self.persons_token(" ".join(f"https://{GRAPH}/{scope}" for scope in scopes), self.sandbox.facts["clientId"], upn,
                                  client_secret=self.secret())

    def apps_token(self):
        """The admin gives the app registration its permissions; then it signs in itself."""
        self.token = self.persons_token(f"https://{GRAPH}/.default", AZURE_CLI)
        principal = lambda app: self.ok(200, self.graph("GET", f"/servicePrincipals(appId='{app}')"))
        own, graph = principal(self.sandbox.facts["clientId"]), principal(GRAPH_APP)
        for role in (one for one in graph["appRoles"] if one["value"] in RIGHTS):
            self.ok(201, self.graph("POST", f"/servicePrincipals/{own['id']}/appRoleAssignments",
                                    {"principalId": own["id"], "resourceId": graph["id"], "appRoleId": role["id"]}))
        answer = self.sandbox.login("token", grant_type="client_credentials", client_id=self.sandbox.facts["clientId"],
                                    client_secret=self.secret(), scope=f"https://{GRAPH}/.default")
        return mask(self.ok(200, answer)["access_token"])

    def device(self, serial, **more):
        return {"serialNumber": serial, "manufacturer": "Contoso", "model": "C100", "secretKey": KEY, "timeIntervalInSeconds": 30,
                "hashFunction": "hmacsha1", **more}

    def by_serial(self, serial):
        filter_text = urllib.parse.quote(f"serialNumber eq '{serial}'")
        return self.ok(200, self.graph("GET", f"{DEVICES}?$filter={filter_text}"))["value"]

    def test_an_app_takes_a_token_through_its_life(self):
        self.token = self.apps_token()
        helga = self.ok(200, self.graph("GET", "/users/helga@contoso.com"))["id"]
        methods = f"/users/{helga}/authentication/hardwareOathMethods"
        made = self.ok(201, self.graph("POST", DEVICES, self.device("A1", timeIntervalInSeconds=60, hashFunction="hmacsha256")))
        self.assertIsNone(made["secretKey"])
        self.ok(409, self.graph("POST", DEVICES, self.device("A1")))
        self.ok(201, self.graph("POST", methods, {"device": {"id": made["id"]}}))
        self.sandbox.go_to(5)
        step = int(self.sandbox.now() // 60)
        activate = lambda code: self.graph("POST", f"{methods}/{made['id']}/activate", {"verificationCode": code})
        self.ok(400, activate(totp(KEY, step)))
        self.ok(204, activate(totp(KEY, step, hash_name="sha256")))

        # A restart forgets nothing.
        self.sandbox.stop()
        self.sandbox.start()
        self.assertEqual([one["status"] for one in self.by_serial("A1")], ["activated"])
        self.ok(204, self.graph("POST", f"{methods}/{made['id']}/deactivate"))
        self.ok(400, self.graph("DELETE", f"{DEVICES}/{made['id']}"))
        self.ok(204, self.graph("DELETE", f"{methods}/{made['id']}"))
        self.ok(204, self.graph("DELETE", f"{DEVICES}/{made['id']}"))
        self.assertEqual(self.by_serial("A1"), [])

    def test_twenty_in_one(self):
        self.token = self.apps_token()
        requests = [{"id": str(n), "method": "POST", "url": DEVICES, "headers": {"Content-Type": "application/json"},
                     "body": self.device(f"B{n // 2}")} for n in range(20)]
        answers = self.ok(200, self.graph("POST", "/$batch", {"requests": requests}))["responses"]
        self.assertEqual(sorted(one["status"] for one in answers), [201] * 10 + [409] * 10)
        self.ok(400, self.graph("POST", "/$batch", {"requests": requests + [{"id": "20", "method": "GET", "url": DEVICES}]}))
        self.assertEqual(len(self.ok(200, self.graph("GET", DEVICES))["value"]), 10)

    def test_a_persons_own_token(self):
        self.token = self.apps_token()
        self.ok(201, self.graph("POST", DEVICES, self.device("C1")))
        path = "/me/authentication/hardwareOathMethods"
        serial = lambda: {"serialNumber": "C1", "verificationCode": totp(KEY, int(self.sandbox.now() // 30))}
        self.token = self.persons_own_token("helga@contoso.com", "User.Read")
        self.ok(403, self.graph("POST", f"{path}/assignAndActivateBySerialNumber", serial()))
        self.token = self.persons_own_token("helga@contoso.com", "UserAuthenticationMethod.ReadWrite")
        self.ok(204, self.graph("POST", f"{path}/microsoft.graph.assignAndActivateBySerialNumber", serial()))
        self.assertEqual(self.ok(200, self.graph("GET", path))["value"][0]["device"]["status"], "activated")
        self.ok(403, self.graph("GET", f"/users/{ADMIN_ACCOUNT}/authentication/hardwareOathMethods"))

    def test_an_administrator(self):
        self.token = self.persons_token(f"https://{GRAPH}/.default", AZURE_CLI)
        self.ok(403, self.graph("GET", DEVICES))  # Azure CLI's tokens lack the permissions, whoever signs in
        self.token = self.persons_own_token(ADMIN_ACCOUNT, *RIGHTS)
        helga = self.ok(200, self.graph("GET", "/users/helga@contoso.com"))["id"]
        self.ok(201, self.graph("POST", DEVICES, self.device("D1", assignTo={"id": helga})))
        self.assertEqual(self.by_serial("D1")[0]["assignedTo"]["id"], helga)
        self.ok(400, self.graph("GET", DEVICES, version="v1.0"))
        self.assertEqual([one["backend"] for one in self.sandbox.tokens()], ["graph"])


if __name__ == "__main__":
    unittest.main()
