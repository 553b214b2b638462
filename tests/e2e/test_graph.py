"""Microsoft Graph in the real sandbox, over TLS: from a sign-in to an app that signs in itself."""
import unittest
import urllib.parse

import harness
from harness import ADMIN_ACCOUNT, EndToEnd

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
GRAPH = "graph.microsoft.com"


class Graph(EndToEnd):
    def admins_token(self):
        self.sandbox.policy(nextApprover=ADMIN_ACCOUNT)
        code = self.sandbox.login("devicecode", client_id=AZURE_CLI, scope=f"https://{GRAPH}/.default").json()
        answer = self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=AZURE_CLI,
                                    device_code=code["device_code"])
        self.assertEqual(answer.status, 200, harness.masked(answer.body))
        return answer.json()["access_token"]

    def graph(self, method, path, content=None):
        return self.sandbox.https(method, GRAPH, "/v1.0" + path, content=content, bearer=self.token)

    def made(self, path, content):
        answer = self.graph("POST", path, content)
        self.assertEqual(answer.status, 201, harness.masked(answer.body))
        return answer.json()

    def test_an_app_from_registration_to_token(self):
        self.token = self.admins_token()
        app = self.made("/applications", {"displayName": "robot"})
        self.made("/servicePrincipals", {"appId": app["appId"]})
        secret = self.graph("POST", f"/applications/{app['id']}/addPassword",
                            {"passwordCredential": {"displayName": "ci"}}).json()["secretText"]
        harness.mask(secret)
        answer = self.sandbox.login("token", grant_type="client_credentials", client_id=app["appId"], client_secret=secret,
                                    scope="https://vault.azure.net/.default")
        self.assertEqual(answer.status, 200, harness.masked(answer.body))

        # A restart forgets nothing.
        self.sandbox.stop()
        self.sandbox.start()
        found = self.graph("GET", "/applications?$filter=" + urllib.parse.quote("displayName eq 'robot'")).json()["value"]
        self.assertEqual([one["appId"] for one in found], [app["appId"]])
        self.assertNotIn(secret, str(found))
        self.assertEqual(self.graph("DELETE", f"/applications/{app['id']}").status, 204)
        self.assertEqual(self.graph("GET", f"/applications/{app['id']}").status, 404)

    def test_replication_delay(self):
        self.sandbox.stop()
        self.sandbox.start("--replication-delay", "3600")
        self.token = self.admins_token()
        app = self.made("/applications", {"displayName": "fresh"})
        self.assertEqual(self.graph("GET", f"/applications/{app['id']}").status, 404)
        self.sandbox.clock(advanceSeconds=3600)
        self.token = self.admins_token()
        self.assertEqual(self.graph("GET", f"/applications/{app['id']}").status, 200)


if __name__ == "__main__":
    unittest.main()
