"""Every credential that opens the vault, on the sandbox: how it is chosen, what it sends, what its failures say."""
import datetime

from harness import *


def certificate(folder, name="app", days=30, password=None):
    """A PEM with certificate and key, made by openssl; returns its path and the certificate's DER in base64."""
    key, pem, both = folder / f"{name}.key", folder / f"{name}.crt", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", str(days),
                    "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
    both.write_text(pem.read_text() + key.read_text())
    der = "".join(line for line in pem.read_text().splitlines() if "-----" not in line)
    if password is None:
        return both, der
    pfx, file = folder / f"{name}.pfx", folder / f"{name}.password"
    file.write_text(mask(password) + "\n")
    subprocess.run(["openssl", "pkcs12", "-export", "-in", str(both), "-out", str(pfx), "-passout", f"file:{file}"],
                   check=True, capture_output=True)
    return pfx, der


class Credentials(EndToEnd):
    SIGNED_IN = True

    def vault(self):
        return f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"'

    def with_credential(self, credential, **more):
        return self.profile(vault=self.vault(), credential=credential, **more)

    def graph(self, method, path, content=None):
        """As the tenant's administrator."""
        self.sandbox.policy(nextApprover=ADMIN_ACCOUNT)
        code = self.sandbox.login("devicecode", client_id=POWERSHELL, scope="https://graph.microsoft.com/.default").json()
        token = self.sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=POWERSHELL,
                                   device_code=code["device_code"]).json()["access_token"]
        answer = self.sandbox.https(method, "graph.microsoft.com", "/v1.0" + path, content=content, bearer=token)
        self.assertLess(answer.status, 300, answer.body)
        return answer

    def app(self, member):
        return f"/applications(appId='{self.sandbox.facts['clientId']}')" + member

    def asked_entra_with(self, before, env=None, code=DONE, *words):
        self.sandbox.forget_requests()
        return self.expect(code, self.bare(*before, "session", "refresh", env=env), *words)


class Secrets(Credentials):
    def test_environment(self):
        """As the Azure SDKs have it."""
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()
        env = {"AZURE_CLIENT_ID": self.sandbox.facts["clientId"], "AZURE_TENANT_ID": self.sandbox.facts["tenantId"],
               "AZURE_CLIENT_SECRET": secret}
        self.session_works(*self.profile(vault=self.vault()), env=env, why="a secret from the environment")

    def test_refusals(self):
        facts = self.sandbox.facts
        before = self.with_credential(f'client_id = "{facts["clientId"]}"')
        wrong = {"AZURE_CLIENT_SECRET": mask("not the secret~~")}
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env=wrong), "AADSTS7000215", "credential: client_secret")
        unknown = self.with_credential('client_id = "11111111-2222-3333-4444-555555555555"')
        self.expect_error(FAILED, self.bare(*unknown, "session", "refresh", env=wrong), "AADSTS700016",
                          "az ad app show --id 11111111-2222-3333-4444-555555555555")
        self.sandbox.policy(workloadError=53003)
        ran = self.pk("session", "refresh")
        self.expect_error(FAILED, ran, "AADSTS53003", "workload identities", "Service principal sign-ins")
        self.assertNotIn("portalkey login", ran.text, "nobody can sign a service principal in")

    def test_nothing_fits(self):
        before = self.profile(vault=self.vault())
        self.expect_error(FAILED, self.bare(*before, "session", "refresh"), "nothing here proves to Azure who calls", "AZURE_CLIENT_SECRET",
                          "managed_identity", "azure_cli", "real Azure", "no terminal")
        self.expect(USAGE, self.pk("--credential", "password", "session", "refresh"), 'no credential of type "password"', "managed_identity")

    def test_claims_challenge(self):
        """The vault refuses the token that was issued before, and takes the one that answers its demand."""
        before = self.profile(vault=self.vault(), credential=f'client_id = "{self.sandbox.facts["clientId"]}"\n'
                              f'client_secret_file = "{self.sandbox.facts["clientSecretFile"]}"')
        for _ in range(5):
            self.sandbox.policy(claimsChallenge=["vault"])
            self.asked_entra_with(before)
            reads = [r["status"] for r in self.sandbox.requests(service="vault", method="GET") if not r["path"].endswith("/versions")]
            if reads != [200]:  # a token issued in the next second already is not challenged
                break
        self.assertEqual([401, 200], reads, "challenged, then answered")
        self.sandbox.policy(claimsChallenge=[])


class Certificates(Credentials):
    def register(self, *ders):
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.graph("PATCH", self.app(""), {"keyCredentials": [
            {"type": "AsymmetricX509Cert", "usage": "Verify", "key": der, "displayName": "test", "endDateTime": until} for der in ders]})

    def profile_with(self, file, more=""):
        return self.with_credential(f'type = "client_certificate"\nclient_id = "{self.sandbox.facts["clientId"]}"\n'
                                    f'client_certificate_file = "{file}"\n{more}')

    def test_pem_and_pfx(self):
        pem, der = certificate(self.folder)
        pfx, der2 = certificate(self.folder, "other", password="a pass phrase")
        self.register(der, der2)
        self.session_works(*self.profile_with(pem), why="a PEM")
        self.session_works(*self.profile_with(pfx, f'client_certificate_password_file = "{self.folder / "other.password"}"'), why="a PFX")
        env = {"AZURE_CLIENT_ID": self.sandbox.facts["clientId"], "AZURE_CLIENT_CERTIFICATE_PATH": pfx,
               "AZURE_CLIENT_CERTIFICATE_PASSWORD": "a pass phrase"}
        self.session_works(*self.profile(vault=self.vault()), env=env, why="a PFX from the environment")
        self.expect_error(FAILED, self.bare(*self.profile_with(pfx), "session", "refresh"), "protected by a password")

    def test_unknown_certificate(self):
        pem, _ = certificate(self.folder, "stranger")
        ran = self.bare(*self.profile_with(pem), "session", "refresh")
        self.expect_error(FAILED, ran, "AADSTS700027", "thumbprint", f"az ad app credential reset --id {self.sandbox.facts['clientId']}")
        tokens = self.sandbox.requests(service="login", part="/token")
        self.assertEqual(2, len([r for r in tokens if r["status"] == 401]), "PS256, then RS256")

    def test_key_of_another_certificate(self):
        _, _ = certificate(self.folder, "a")
        _, _ = certificate(self.folder, "b")
        mixed = self.folder / "mixed.pem"
        mixed.write_text((self.folder / "a.crt").read_text() + (self.folder / "b.key").read_text())
        self.expect_error(FAILED, self.bare(*self.profile_with(mixed), "session", "refresh"), "does not match the certificate")


class Workloads(Credentials):
    SUBJECT = "system:serviceaccount:tokens:portalkey"

    def token(self, subject=SUBJECT, **more):
        file = self.folder / "outside-token"
        file.write_text(mask(self.sandbox.admin("POST", "/federated-token", {"subject": subject, **more})["token"]))
        return file

    def test_federated_token_file(self):
        self.graph("POST", self.app("/federatedIdentityCredentials"),
                   {"name": "cluster", "issuer": self.sandbox.facts["workloadIssuer"], "subject": self.SUBJECT,
                    "audiences": ["api://AzureADTokenExchange"]})
        env = {"AZURE_CLIENT_ID": self.sandbox.facts["clientId"], "AZURE_FEDERATED_TOKEN_FILE": self.token()}
        before = self.profile(vault=self.vault())
        self.session_works(*before, env=env, why="a workload identity")
        self.token("system:serviceaccount:tokens:another")
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env=env), "AADSTS70021",
                          f"az ad app federated-credential list --id {self.sandbox.facts['clientId']}", "outside-token")
        self.token(lifetimeSeconds=-3600)
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env=env), "AADSTS700024", "has expired")
        (self.folder / "outside-token").unlink()
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env=env), "AZURE_FEDERATED_TOKEN_FILE")


class Machines(Credentials):
    """Managed identity: the sandbox has the endpoints on its admin port."""

    def test_imds(self):
        before = self.with_credential('type = "managed_identity"')
        self.session_works(*before, why="the machine's identity")
        ran = self.bare(*self.with_credential('type = "managed_identity"\nclient_id = "11111111-2222-3333-4444-555555555555"'),
                        "session", "refresh")
        self.expect_error(FAILED, ran, "has no managed identity 11111111-2222-3333-4444-555555555555", "az vm identity assign")

    def test_imds_found_by_auto(self):
        env = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:%d" % self.sandbox.facts["adminPort"]}
        self.session_works(*self.profile(vault=self.vault()), env=env, why="a metadata service that answers")

    def test_nobody_there(self):
        listener = socket.create_server(("127.0.0.1", 0))  # accepts, and says nothing
        env = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:%d" % listener.getsockname()[1]}
        began = time.monotonic()
        ran = self.bare(*self.profile(vault=self.vault()), "session", "refresh", env=env)
        self.expect_error(FAILED, ran, "no metadata service answers within a second")
        self.assertLess(time.monotonic() - began, 10)
        listener.close()

    def test_metadata_elsewhere_is_not_asked(self):
        env = {"IDENTITY_ENDPOINT": "http://identity.example.com/msi/token", "IDENTITY_HEADER": mask("key of the identity")}
        before = self.with_credential('type = "managed_identity"')
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env=env), "nothing was sent", "IDENTITY_ENDPOINT")


class Cli(Credentials):
    def az(self, script):
        """An az that does what the script says."""
        (self.folder / "bin").mkdir(exist_ok=True)
        az = self.folder / "bin" / "az"
        az.write_text("#!/bin/sh\n" + script)
        az.chmod(0o755)
        return {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"}

    def test_signed_in_at_az(self):
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()
        token = mask(self.sandbox.login("token", grant_type="client_credentials", client_id=self.sandbox.facts["clientId"],
                                        client_secret=secret, scope="https://vault.azure.net/.default").json()["access_token"])
        (self.folder / "answer").write_text(json.dumps({"accessToken": token, "expires_on": int(self.sandbox.now()) + 3600}))
        env = self.az(f'printf "%s\\n" "$*" >>{self.folder}/asked\ncat {self.folder}/answer\n')
        before = self.with_credential('type = "azure_cli"')
        self.expect(DONE, self.bare(*before, "session", "refresh", env=env))
        self.assertEqual(f"account get-access-token --resource https://vault.azure.net --output json --tenant {self.sandbox.facts['tenantId']}\n",
                         (self.folder / "asked").read_text())

    def test_failures(self):
        before = self.with_credential('type = "azure_cli"')
        env = self.az("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1\n")
        self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "refresh", env=env), "nobody is signed in at the az CLI", "az login --tenant")
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env={"PATH": str(self.folder / "nowhere")}), "az CLI is not installed")


class Browsers(Credentials):
    SIGNED_IN = False

    def browser(self, follow="-L"):
        """A browser that signs in as the sandbox's auto-approval decides, and comes back to this machine."""
        script = self.folder / "browser"
        script.write_text(f"""#!/bin/sh
tr '\\0' '\\n' </proc/$$/cmdline >{self.folder}/arguments
page=$(printf '%s' "$1" | sed -e 's,^file://,,' -e 's,%20, ,g')
stat -c '%a %u' "$page" "$(dirname "$page")" >{self.folder}/modes
address=$(sed -e 's/.*content="0;url=//' -e 's/".*//' -e 's/&amp;/\\&/g' "$page" | head -n 1)
printf '%s' "$address" >{self.folder}/opened
exec curl --silent --cacert {self.sandbox.facts['caFile']} --noproxy '*' --connect-to login.microsoftonline.com:443:127.0.0.1:{self.sandbox.facts['port']} \\
  {follow} "$address" >{self.folder}/page
""")
        script.chmod(0o755)
        return {"BROWSER": script}

    def test_login_with_the_browser(self):
        ran = self.expect(DONE, self.pk("login", "--browser", env=self.browser()), "Signed in: " + SERVICE_ACCOUNT)
        self.assertIn("https://login.microsoftonline.com/", ran.err, "the address is shown as well")
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit((self.folder / "opened").read_text()).query)
        self.assertEqual(["S256"], asked["code_challenge_method"])
        self.assertRegex(asked["redirect_uri"][0], r"^http://localhost:\d+$")
        self.session_works(why="a sign-in with the browser")

    def test_the_list_of_processes_does_not_have_the_address(self):
        self.expect(DONE, self.pk("login", "--browser", env=self.browser()))
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit((self.folder / "opened").read_text()).query)
        arguments = (self.folder / "arguments").read_text()
        self.assertIn("file:///", arguments)
        for name in ("state", "nonce", "code_challenge", "redirect_uri"):
            self.assertTrue(asked[name][0])
            self.assertNotIn(asked[name][0], arguments, name)
        me = os.getuid()
        self.assertEqual([f"600 {me}", f"700 {me}"], (self.folder / "modes").read_text().split("\n")[:2])
        left = [f for f in self.state_files() if "sign-in" in f]
        self.assertEqual([], left, "the page is still there")

    def test_a_person_opens_the_vault_with_the_browser(self):
        self.sandbox.policy(nextApprover=ADMIN_ACCOUNT)
        ran = self.pk("--credential", "browser", "login", "--browser", env=self.browser())
        self.expect(DONE, ran, "opened by a person, with a web browser", "Signed in: " + SERVICE_ACCOUNT)
        self.session_works(why="two sign-ins with the browser")

    def test_refused_by_a_policy(self):
        self.sandbox.policy(signInError=53003)
        ran = self.pk("login", "--browser", env=self.browser())
        self.assertIn(ran.code, (NEEDS_PERSON, FAILED), str(ran))
        self.expect_error(ran.code, ran, "AADSTS53003")
        self.assertEqual([], self.sandbox.versions())

    def test_interrupted_while_nobody_comes(self):
        args = ["--sandbox", self.sandbox.folder, "login", "--browser"]
        process = start(args, self.home, {"BROWSER": "true"})
        line = process.stderr.readline().decode()
        while "https://login.microsoftonline.com/" not in line and line:
            line = process.stderr.readline().decode()
        port = int(re.search(r"redirect_uri=http%3A%2F%2Flocalhost%3A(\d+)", line)[1])
        state = re.search(r"state=([\w-]+)", line)[1]
        for target, host, status in (("/favicon.ico", "localhost", 404), ("/?code=x&state=guessed", "localhost", 400),
                                     ("/?code=x&state=guessed", "127.0.0.1", 400), (f"/?code=x&state={state}", "evil.example", 400)):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", target, headers={"Host": f"{host}:{port}"})
            self.assertEqual(status, connection.getresponse().status, target)
            connection.close()
        process.send_signal(signal.SIGINT)
        self.expect(INTERRUPTED, self.note(finish(process, args)), "interrupted", "answer to another sign-in")
        self.assertEqual([], [f for f in self.state_files() if "sign-in" in f], "the page is still there")
        self.assertLessEqual(len(self.sandbox.requests(method="POST", part="/oauth2/v2.0/token")), 1,
                             "more was redeemed than the vault's own credential")


if __name__ == "__main__":
    main()
