"""The metadata services of the real sandbox: plain HTTP, no secret, a token for the vault."""
import http.client
import pathlib
import stat
import unittest
import urllib.parse

import harness
from harness import EndToEnd

RESOURCE = "resource=https%3A%2F%2Fvault.azure.net"
METADATA = {"Metadata": "true"}


class ManagedIdentity(EndToEnd):
    def get(self, url, headers=None, method="GET", body=None):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        try:
            connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers or {})
            answer = connection.getresponse()
            return harness.Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def works(self, answer):
        self.assertEqual(answer.status, 200, harness.masked(answer.body))
        token = answer.json()["access_token"]
        put = self.sandbox.https("PUT", "contoso-kv.vault.azure.net", "/secrets/x?api-version=7.4", content={"value": "v"},
                                 bearer=token)
        self.assertEqual(put.status, 200, harness.masked(put.body))

    def test_imds(self):
        facts = self.sandbox.facts
        url = facts["imdsEndpoint"] + "/metadata/identity/oauth2/token?api-version=2018-02-01&" + RESOURCE
        self.works(self.get(url, METADATA))
        self.assertEqual(self.get(url).status, 400)
        chosen = self.get(url + "&client_id=" + facts["userAssignedClientId"], METADATA).json()
        self.assertEqual(chosen["client_id"], facts["userAssignedClientId"])

    def test_imds_on_an_address_of_its_own(self):
        self.sandbox.stop()
        self.sandbox.start("--imds", "127.0.0.2:0")
        endpoint = self.sandbox.facts["imdsEndpoint"]
        self.assertTrue(endpoint.startswith("http://127.0.0.2:"), endpoint)
        self.works(self.get(endpoint + "/metadata/identity/oauth2/token?api-version=2018-02-01&" + RESOURCE, METADATA))
        self.assertEqual(self.get(endpoint + "/users").status, 404, "the admin API is not there")

    def test_app_service(self):
        facts = self.sandbox.facts
        file = pathlib.Path(facts["identityHeaderFile"])
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        header = harness.mask(file.read_text())
        self.works(self.get(facts["identityEndpoint"] + "?api-version=2019-08-01&" + RESOURCE, {"X-IDENTITY-HEADER": header}))
        self.works(self.get(facts["identityEndpoint"] + "?api-version=2017-09-01&" + RESOURCE, {"secret": header}))

    def test_arc(self):
        url = self.sandbox.facts["arcEndpoint"] + "?api-version=2020-06-01&" + RESOURCE
        challenge = self.get(url, METADATA)
        self.assertEqual(challenge.status, 401)
        file = pathlib.Path(challenge.headers["WWW-Authenticate"].removeprefix("Basic realm="))
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.works(self.get(url, {**METADATA, "Authorization": "Basic " + harness.mask(file.read_text())}))

    def test_an_absent_imds(self):
        self.sandbox.fault(host="imds", kind="reset-before")
        url = self.sandbox.facts["imdsEndpoint"] + "/metadata/identity/oauth2/token"
        with self.assertRaises(OSError):
            self.get(url)


if __name__ == "__main__":
    unittest.main()
