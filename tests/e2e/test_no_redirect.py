"""The bearer token goes to the hosts of the cloud, and nowhere else."""
from harness import *

CLOUD = {"login.microsoftonline.com", "contoso-kv.vault.azure.net", PORTAL_HOST}


class Hosts(EndToEnd):
    SIGNED_IN = True

    def test_paths_that_name_another_host(self):
        self.sandbox.forget_requests()
        for path in ("//evil.example/x", "https://evil.example/", "/\\evil.example", "\\\\evil.example\\x", "evil.example/x", "@evil.example/",
                     ":443@evil.example/", "", "?x", "/api/x y", "/api/x\r\nX-Evil: 1", "/api/\tx", "/api/x#fragment", "/api/\x7f", ".evil.example/x"):
            with self.subTest(repr(path)):
                ran = self.pk("api", "GET", path, "-o", "raw")
                self.assertIn(ran.code, (FAILED, USAGE), str(ran))
                self.assertEqual("", ran.out)
                self.assertIn("what to do: ", ran.err)
        # The session may not even have been touched.
        self.assertEqual([], self.sandbox.requests(), "something was sent")

    def test_odd_paths_stay_on_the_host(self):
        self.sandbox.forget_requests()
        for path in ("/api/../../../evil.example/", "/@evil.example/x", "/api/%2e%2e//evil.example", "/http://evil.example/", "/;//evil.example"):
            self.pk("api", "GET", path)
        self.assertEqual(CLOUD, {r["host"] for r in self.sandbox.requests()})

    def test_only_the_clouds_hosts_get_a_bearer(self):
        file, _ = self.seeds(3)
        self.sandbox.forget_requests()
        self.expect(DONE, self.pk("login", "--device-code"))
        self.expect(DONE, self.pk("session", "refresh"))
        self.expect(DONE, self.pk("tokens", "import", file))
        self.expect(DONE, self.pk("skus"))
        journal = self.sandbox.requests()
        self.assertEqual(CLOUD, {r["host"] for r in journal})
        with_bearer = {r["host"] for r in journal if r["authorization"]}
        self.assertEqual(CLOUD - {"login.microsoftonline.com"}, with_bearer, "another host got an Authorization header")
        self.assertTrue(all(r["authorization"] for r in journal if r["host"] == PORTAL_HOST))

    def test_redirects_are_not_followed(self):
        for status in (301, 302, 303, 307, 308):
            for host in ("portal", "vault", "login"):
                with self.subTest(f"{status} from {host}"):
                    self.sandbox.forget_requests()
                    self.sandbox.fault(host=host, kind="500", status=status, times=1)
                    ran = self.pk("skus")
                    self.expect_error(FAILED, ran)
                    self.assertEqual(1, len([r for r in self.sandbox.requests() if r["status"] == status]), "it was sent again")
                    self.assertTrue({r["host"] for r in self.sandbox.requests()} <= CLOUD)
                    self.sandbox.no_faults()
        self.session_works(why="redirects")

    def test_the_sandbox_certificate_is_not_trusted_by_another_sandboxs_client(self):
        """TLS is verified: a server with a certificate of another authority gets nothing."""
        other = self.new_sandbox("--auto-approve", name="other")
        facts = json.loads((self.sandbox.folder / "sandbox.json").read_text())
        facts["port"] = other.facts["port"]
        (self.sandbox.folder / "sandbox.json").write_text(json.dumps(facts))
        self.expect_error(FAILED, self.pk("session", "refresh", timeout=60), "certificate", "cannot be trusted")
        self.assertEqual([], other.requests(), "a server that cannot be trusted was sent a request")

    def test_proxies_and_other_environment_do_not_lead_astray(self):
        self.expect(DONE, self.pk("session", "refresh", env={"https_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9",
                                                             "SSL_CERT_FILE": "/dev/null", "CURL_CA_BUNDLE": "/dev/null",
                                                             "AZURE_AUTHORITY_HOST": "https://evil.example", "AZURE_TENANT_ID": "evil.example"}))


if __name__ == "__main__":
    main()
