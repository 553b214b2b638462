"""The sandbox's admin port: pages in a browser of this machine, and its other accounts, cannot drive it."""
from harness import *


class AdminPort(EndToEnd):
    def setUp(self):
        super().setUp()
        self.token_file = pathlib.Path(self.sandbox.facts["adminTokenFile"])
        self.own = f"http://127.0.0.1:{self.sandbox.facts['adminPort']}"

    def status(self, method, path, body=None, **headers):
        answer = self.sandbox.http(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        self.assertEqual([], [k for k in answer.headers.keys() if k.lower().startswith("access-control")])
        return answer.status

    def test_the_token_is_the_folders_owners(self):
        self.assertEqual(0o600, self.token_file.stat().st_mode & 0o777)
        token = self.token_file.read_text()
        self.assertNotIn(token, json.dumps(self.sandbox.facts))
        self.sandbox.stop()
        self.sandbox.start()
        self.assertEqual(token, self.token_file.read_text(), "another one after a restart")
        self.assertTrue(self.sandbox.tokens() == [])

    def test_what_a_page_can_send_is_refused(self):
        """Simple requests need no leave of the server: no header of one's own, and one of three content types."""
        page = {"Origin": "https://evil.example", "Content_Type": "text/plain"}
        for headers in ({}, page, {**page, "Origin": "null"}, {"Content_Type": "application/x-www-form-urlencoded"}):
            for method, path, body in (("POST", "/clock", '{"offsetSeconds":86400}'), ("POST", "/policy", '{"refreshError":50173}'), ("GET", "/tokens", None),
                                       ("POST", "/revoke", '{"all":true}'), ("DELETE", "/requests", None), ("POST", "/federated-token", '{"subject":"s"}')):
                self.assertIn(self.status(method, path, body, **headers), (401, 403), f"{method} {path} {headers}")
        self.assertEqual(0, self.sandbox.clock()["offsetSeconds"])
        asked = {"Origin": "https://evil.example", "Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "x-sandbox-token"}
        self.assertEqual(403, self.status("OPTIONS", "/clock", **asked), "the browser was given leave")

    def test_a_name_that_resolves_to_this_machine(self):
        token = self.token_file.read_text()
        for host in ("rebound.example", f"rebound.example:{self.sandbox.facts['adminPort']}"):
            for path in ("/tokens", "/devicelogin", "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"):
                self.assertEqual(403, self.status("GET", path, Host=host, X_Sandbox_Token=token, Metadata="true"), path)

    def test_the_device_page_takes_its_own_forms_only(self):
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        self.assertEqual(403, self.status("POST", "/devicelogin", "code=ABC", Origin="https://evil.example", **form))
        self.assertEqual(403, self.status("POST", "/devicelogin", "code=ABC", Origin="null", **form))
        self.assertEqual(200, self.status("POST", "/devicelogin", "code=ABC", Origin=self.own, **form))
        self.assertEqual(200, self.status("GET", "/devicelogin"))

    def test_managed_identity_needs_no_token(self):
        path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"
        self.assertEqual(200, self.status("GET", path, Metadata="true"))
        self.assertEqual(403, self.status("GET", path, Metadata="true", Origin="https://evil.example"))


if __name__ == "__main__":
    main()
