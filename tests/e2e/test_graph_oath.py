"""Hardware OATH tokens over Microsoft Graph in the real sandbox, over TLS: as an app and as a person."""
import pathlib
import unittest
import urllib.parse

import harness
from harness import ADMIN_ACCOUNT, GRAPH_HOST, PARTLY, EndToEnd, mask, seed_rows, totp, write_seeds

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
        # A day or two either way counts: only a code that the token shows at no such time is wrong for certain.
        shown = {totp(KEY, one, hash_name="sha256") for one in range(step - 3000, step + 3000)}
        self.ok(400, activate(next(code for code in map("{:06}".format, range(10 ** 6)) if code not in shown)))
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



class LargeTenant(EndToEnd):
    SANDBOX = (*EndToEnd.SANDBOX, "--generate-users", "200000", "--strict-users")
    SIGNED_IN = True

    def test_its_users_are_listed_page_after_page_and_get_tokens(self):
        self.grant_graph_rights()
        token = mask(self.sandbox.login("token", grant_type="client_credentials", client_id=self.sandbox.facts["clientId"],
                                        client_secret=mask(pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()),
                                        scope=f"https://{GRAPH_HOST}/.default").json()["access_token"])
        get = lambda path: self.sandbox.https("GET", GRAPH_HOST, path, bearer=token).json()
        rows = seed_rows(3)
        for row, upn in zip(rows, ("employee.000001@contoso.com", "Employee.199999@contoso.com", "employee.200001@contoso.com")):
            row["upn"] = upn
        file = write_seeds(self.folder / "seeds.csv", rows)
        self.expect(PARTLY, self.pk("--backend", "graph", "tokens", "import", file), "2 active", "1 failed")
        self.expect(PARTLY, self.pk("--backend", "portal", "tokens", "validate", file, "--against-tenant"), "no user employee.200001")
        seen, path = set(), "/v1.0/users?$select=id,userPrincipalName&$top=999&$count=true"
        for _ in range(3):
            page = get(path)
            self.assertEqual(999, len(page["value"]))
            seen |= {one["userPrincipalName"].lower() for one in page["value"]}
            path = page["@odata.nextLink"].split(GRAPH_HOST)[1]
        self.assertEqual(3 * 999, len(seen), "a user came twice")
        self.assertGreater(page["@odata.count"], 200_000)
        by_id = get("/v1.0/users/employee.000050@contoso.com?$select=id,accountEnabled")
        self.assertFalse(by_id["accountEnabled"])
        self.assertEqual("employee.000050@contoso.com", get(f"/v1.0/users/{by_id['id']}")["userPrincipalName"])
        self.assertLess((pathlib.Path(self.sandbox.folder) / "state.json").stat().st_size, 1_000_000, "they are stored")


if __name__ == "__main__":
    unittest.main()
