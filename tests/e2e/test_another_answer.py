"""Refusals nobody knows, and answers that are not the service's: told in the words that came, no cause or cure that is not known."""
import json

import harness
from harness import *

PAGE = "<!DOCTYPE html><html><head><title>Contoso web filter: blocked</title></head><body>no</body></html>"
TITLE = 'an HTML page titled "Contoso web filter: blocked"'
HOSTS = ("login", "vault", "portal")
CURES = ["az role assignment", "az keyvault", "Give it the role", "Global Administrator", "exclude the account",
        "client id and its secret"]


class Pages(EndToEnd):
    SIGNED_IN = True

    def each(self, command, hosts, needs=(), **more):
        """The command, while each of the hosts answers with something that is not its own."""
        for host in hosts:
            for status in (200, 302, 403, 407, 511):
                for body, said in ((PAGE, TITLE), ("", "an empty body"), ("[]", "JSON of another shape"), ("blocked",
                        "text that is not JSON")):
                    if status == 302 and host != "login":
                        continue  # its own words: it redirects elsewhere
                    if host == "portal" and status == 200 and body != PAGE:
                        continue  # the words of who reads the list
                    self.sandbox.fault(host=host, kind="answer", status=status, body=body)
                    with self.subTest(host=host, status=status, body=body[:10]):
                        ran = self.expect(FAILED, self.pk(*command),
                                f"status {status} came with {said}" if status != 200 or body == PAGE else "", absent=CURES)
                        self.assertIn("what to do: ", ran.err)
                    self.sandbox.no_faults()

    def test_the_session(self):
        stored = self.sandbox.stored()
        self.each(["session", "refresh"], ["login", "vault"])
        self.assertEqual(stored, self.sandbox.stored())
        self.session_works(why="the pages")

    def test_the_portal(self):
        self.each(["tokens", "list"], ["portal"])

    def test_a_page_with_status_200_is_not_taken_for_done(self):
        seeds, rows = self.seeds(2)
        self.expect(DONE, self.pk("tokens", "import", seeds), "2 active")
        self.sandbox.fault(host="portal", path="/remove", kind="answer", body=PAGE)
        ran = self.pk("tokens", "remove", "--yes", rows[0]["serial number"])
        self.assertNotEqual(DONE, ran.code, f"it says that the token is gone\n{ran}")
        self.sandbox.no_faults()
        self.assertEqual(2, len(self.sandbox.active()))
        more, _ = self.seeds(1, seed=2)
        self.sandbox.fault(host="portal", path="/enable", kind="answer", body=PAGE)
        ran = self.pk("tokens", "import", more)
        self.assertNotEqual(DONE, ran.code, f"it says that the token is active\n{ran}")
        self.sandbox.no_faults()
        self.expect(DONE, self.pk("tokens", "import", more), "1 active")

    def test_graph(self):
        self.grant_graph_rights()
        self.each(["--backend", "graph", "tokens", "list"], ["graph"])
        seeds, rows = self.seeds(2)
        self.sandbox.fault(host="graph", path="/$batch", kind="answer", body=PAGE)
        self.expect(FAILED, self.pk("--backend", "graph", "tokens", "import", seeds), TITLE)
        self.sandbox.no_faults()
        self.expect(DONE, self.pk("--backend", "graph", "tokens", "import", seeds), "2 active")
        for body in (PAGE, "[]"):
            self.sandbox.fault(host="graph", method="DELETE", kind="answer", status=403, body=body)
            self.assertNotEqual(DONE, self.pk("--backend", "graph", "tokens", "remove", "--yes", rows[0]["serial number"]).code)
            self.sandbox.no_faults()
        self.sandbox.fault(host="graph", path="/hardwareoathdevices", kind="answer", status=403,
                           body=json.dumps({"error": {"code": "Request_UnsupportedLicense",
                                   "message": "Tenant 'contoso' has no licence. Ask for it."}}))
        self.expect(FAILED, self.pk("--backend", "graph", "tokens", "list"), "and says: Tenant 'contoso' has no licence",
                absent=["application permissions"])

    def test_resource_manager(self):
        setup = ["--credential", "device_code", "setup", "plan", "--location", "westeurope"]
        self.each(setup, ["arm"])
        self.sandbox.fault(host="arm", kind="answer", status=418, body=json.dumps({"error": {"code": "SomethingNew",
                "message": "Brewing. Wait."}}))
        self.expect(FAILED, self.pk(*setup), "Brewing", "knows no more of this code")

    def test_managed_identity(self):
        before = self.profile(credential='type = "managed_identity"',
                vault=f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"')
        env = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.sandbox.facts["imdsEndpoint"]}
        self.expect(DONE, self.bare(*before, "session", "status", env=env))
        for status in (200, 403, 407):
            self.sandbox.fault(host="imds", kind="answer", status=status, body=PAGE)
            self.expect(FAILED, self.bare(*before, "session", "status", env=env), f"status {status} came with {TITLE}")
            self.sandbox.no_faults()


class Words(EndToEnd):
    """The service's own first sentence, where nothing more is known."""
    SIGNED_IN = True

    def vault_says(self, status, code, inner, message):
        error = {"code": code, "message": message}
        if inner:
            error["innererror"] = {"code": inner}
        self.sandbox.no_faults()
        self.sandbox.fault(host="vault", kind="answer", status=status, body=json.dumps({"error": error}))
        return self.pk("session", "refresh")

    def test_key_vaults_inner_codes(self):
        for status, code, inner in ((403, "Forbidden", "ForbiddenByPolicy"), (403, "Forbidden", "RequestDisallowedByPolicy"),
                                    (403, "Forbidden", "SomethingNew"), (403, "Forbidden", ""), (409, "Conflict", "SomethingNew"),
                                    (404, "SomethingNew", "")):
            with self.subTest(code=code, inner=inner):
                ran = self.vault_says(status, code, inner,
                        "Policy 'deny-7' of Contoso forbids it. Ask them.\r\nVault: contoso-kv")
                self.expect(FAILED, ran,
                        f"Key Vault refused, and says: Policy 'deny-7' of Contoso forbids it (status {status}, {inner or code})",
                            "knows no more of this code", absent=CURES)
        for inner, message, word in (("ForbiddenByFirewall",
                "Client address is not authorized.\r\nClient address: 203.0.113.9\r\n",
                        "network-rule add --name contoso-kv --ip-address 203.0.113.9"),
                                     ("ForbiddenByConnection", "Public network access is disabled.", "private endpoint"),
                                     ("SecretExpired", "x", "past its expiry time"), ("SecretDisabled", "x", "is disabled"),
                                     ("AccessDenied", "The user does not have secrets get permission on key vault",
                                             "access policies")):
            with self.subTest(inner=inner):
                self.expect(FAILED, self.vault_says(403, "Forbidden", inner, message), word)
        self.sandbox.no_faults()
        self.session_works(why="the vault's refusals")

    def test_a_secret_that_expired_is_replaced_by_signing_in(self):
        self.sandbox.fault(host="vault", method="GET", kind="answer", status=403, times=2,
                           body=json.dumps({"error": {"code": "Forbidden", "message": "x",
                                   "innererror": {"code": "SecretExpired"}}}))
        self.expect(DONE, self.pk("login", "--device-code"), "Stored: RefreshToken")
        self.sandbox.no_faults()

    def test_entras_codes(self):
        said = "Application 'Azure PowerShell' (1950a258) is blocked by Contoso's rule 7"
        for code in (530999, 999998, 999999):
            with self.subTest(code=code):
                self.sandbox.policy(errorTexts={str(code): said + ". Trace ID: 1"}, refreshError=code)
                ran = self.pk("session", "refresh")
                self.assertIn(ran.code, (FAILED, NEEDS_PERSON), str(ran))
                self.expect(ran.code, ran, f"says: {said} (", f"AADSTS{code}", "knows no more of this code", absent=[*CURES,
                        "what to do: sign"])
        for code in (50105, 650052, 7000112, 500014):
            with self.subTest(code=code):
                self.sandbox.policy(errorTexts={str(code): said + ". Trace ID: 1"}, refreshError=code)
                self.expect(FAILED, self.pk("session", "refresh"), f"(AADSTS{code}); Entra says: {said}")
        for code in (90072, 530021, 53009):
            with self.subTest(code=code):
                self.sandbox.policy(errorTexts={str(code): said + ". Trace ID: 1"}, refreshError=code)
                self.expect(NEEDS_PERSON, self.pk("session", "refresh"), f"(AADSTS{code}); Entra says: {said}", "portalkey login")
        self.sandbox.policy(refreshError=53003)
        self.expect(NEEDS_PERSON, self.pk("session", "refresh"), "portalkey login", "web browser")


class SessionStatus(EndToEnd):
    """What is not recorded is not known; --check asks Entra."""

    def status(self, *args):
        return self.pk("session", "status", "-o", "json", *args)

    def test_another_tools_token(self):
        token = self.sandbox.refresh_token_of()
        self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": token}).status)
        status = self.expect(DONE, self.status()).json()
        self.assertEqual([None] * 3, [status[k] for k in ("idleDaysLeft", "lastRotation", "ageSeconds")])
        self.expect(DONE, self.pk("session", "status"), "idle days left", "unknown: portalkey session status --check",
                absent=["of 90"])
        self.expect(DONE, self.pk("doctor"), "the idle days left are not known")
        checked = self.expect(DONE, self.status("--check")).json()
        self.assertEqual(("accepted", 90, SERVICE_ACCOUNT), (checked["check"]["outcome"], checked["idleDaysLeft"],
                checked["account"]))
        self.assertEqual(2, len(self.sandbox.versions()), "the successor was not stored")
        self.expect(DONE, self.pk("session", "status", "--check"), "Entra", "took the refresh token; its successor is stored",
                "90 of 90")

    def test_what_entra_refuses(self):
        self.sign_in()
        stored = self.sandbox.stored()
        self.sandbox.policy(refreshError=50173)
        ran = self.expect(NEEDS_PERSON, self.status("--check"))
        self.assertEqual("refused", ran.json()["check"]["outcome"])
        self.assertEqual(90, ran.json()["idleDaysLeft"], "it was redeemed, and then revoked")
        self.assertEqual("needs_person", ran.json_error()["code"])
        self.expect(NEEDS_PERSON, self.pk("session", "status", "--check"), "refused: ", "AADSTS50173", "portalkey login")
        self.assertEqual(stored, self.sandbox.stored())
        self.sandbox.policy(refreshError=None)

    def test_what_entra_does_not_answer(self):
        self.sign_in()
        self.sandbox.fault(host="login", path="/token", kind="answer", status=403, body=PAGE, skip=1)
        ran = self.expect(FAILED, self.status("--check"))
        self.assertEqual("unknown", ran.json()["check"]["outcome"])
        self.assertIn(TITLE, ran.json()["check"]["what"])

    def test_an_empty_vault(self):
        self.expect(NEEDS_PERSON, self.status("--check"), "no secret named RefreshToken")


class FilledByHand(EndToEnd):
    """A vault's value and a secret's file, as people fill them."""

    def around(self, secret):
        return {"newline": secret + "\n", "before": "\r\n" + secret, "quotes": f'"{secret}"', "single": f"'{secret}'\n",
                "BOM": "\ufeff" + secret + "\r\n",
                "blanks": f"  {secret}\t"}

    def test_around_the_refresh_token(self):
        token = self.sandbox.refresh_token_of()
        for name, text in self.around(token).items():
            with self.subTest(name):
                self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": text}).status)
                self.expect(DONE, self.pk("session", "refresh"))
                self.assertRegex(mask(self.sandbox.stored()), r"^1\.A[A-Za-z0-9_.-]+$")
                file = self.folder / "given"
                file.write_text(text)
                self.expect(DONE, self.pk("login", "--refresh-token-file", file))
                self.expect(DONE, self.pk("login", "--refresh-token-file", "-", stdin=text))
                file.write_bytes(text.encode("utf-16"))
                self.expect(DONE, self.pk("login", "--refresh-token-file", file))

    def test_within_it_the_place_is_named(self):
        token = self.sandbox.refresh_token_of()
        for within, named in ((" ", "a blank at character 11"), ("\n", "a line break at character 11"), ('"',
                "a quotation mark at character 11"), ("\ufeff", "a character beyond ASCII at character 11")):
            text = token[:10] + within + token[10:]
            with self.subTest(named):
                self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": text}).status)
                ran = self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "in the vault as the refresh token is none",
                        named)
                self.assertNotIn(token[:10], ran.text)
                for ran in (self.pk("login", "--refresh-token-file", "-", stdin=text),):
                    self.expect_error(FAILED, ran, "no refresh token", named)
        whole = json.dumps({"refresh_token": token})
        self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": whole})
        self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "a brace, as JSON has")

    def test_around_and_within_the_client_secret(self):
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()
        self.sign_in()
        file = self.folder / "client-secret"
        client = self.sandbox.facts["clientId"]
        vault = f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"'
        by_file = self.profile(vault=vault,
                credential=f'type = "client_secret"\nclient_id = "{client}"\nclient_secret_file = "{file}"', name="file")
        by_variable = self.profile(vault=vault, credential=f'type = "client_secret"\nclient_id = "{client}"', name="variable")
        for name, text in self.around(secret).items():
            with self.subTest(name):
                file.write_text(text)
                self.expect(DONE, self.bare(*by_file, "session", "status"))
                self.expect(DONE, self.bare(*by_variable, "session", "status", env={"AZURE_CLIENT_SECRET": text}))
        broken = secret[:5] + "\n" + secret[5:]
        file.write_text(broken)
        self.expect_error(FAILED, self.bare(*by_file, "session", "status"),
                "no client secret: it has a line break at character 6", str(file))
        self.expect_error(FAILED, self.bare(*by_variable, "session", "status", env={"AZURE_CLIENT_SECRET": broken}),
                "line break at character 6", "AZURE_CLIENT_SECRET")


class Hints(EndToEnd):
    """What a hint says can be pasted: with the options of the run, and paths that a shell takes as they are."""

    def pasted(self, ran, needle):
        """The command in what was said that holds `needle`, typed into a shell."""
        line = next(line for line in ran.text.splitlines() if "portalkey " in line and needle in line)
        command = line[line.index("portalkey "):]
        command = command[:command.index(needle) + len(needle)]
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        if not (programs / "portalkey").exists():
            (programs / "portalkey").symlink_to(PROGRAM)
        again = subprocess.run(["bash", "-c", command], cwd=self.home, env=harness.environment(self.home,
                {"PATH": f"{programs}:/usr/bin:/bin", "BROWSER": harness.browser(self.folder)}),
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return command, Ran(["-c", command], again.returncode, again.stdout, again.stderr)

    def setUp(self):
        super().setUp()
        odd = self.folder / "it's my folder"
        odd.mkdir()
        file = odd / "my config.toml"
        file.write_text(f'[profile."pro duction"]\nsandbox = "{self.sandbox.folder}"\n')
        self.before = ["--config", file, "--profile", "pro duction"]

    def test_five_commands(self):
        ran = self.expect_error(NEEDS_PERSON, self.bare(*self.before, "session", "status"), "login")
        self.assertRegex(self.bare(*self.before, "doctor").text, r"portalkey --config '.*' --profile 'pro duction' login")
        command, again = self.pasted(ran, "login")
        self.assertIn("'\\''s my folder", command)
        self.expect(DONE, again, "Signed in")
        seeds, rows = self.seeds(1)
        ran = self.expect(DONE, self.bare(*self.before, "tokens", "import", seeds))
        _, again = self.pasted(ran, "jobs show " + re.search(r"jobs show (\S+)", ran.text).group(1))
        self.expect(DONE, again, rows[0]["serial number"])
        self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": self.sandbox.stored()})
        ran = self.expect(DONE, self.bare(*self.before, "session", "status"))
        _, again = self.pasted(ran, "session status --check")
        self.expect(DONE, again, "took the refresh token")
        other = self.folder / "no sandbox; here"
        other.mkdir()
        ran = self.expect(FAILED, self.bare("--sandbox", other, "tokens", "list"), "no sandbox in this folder")
        self.assertIn(f"portalkey sandbox run --dir '{other}'", ran.text)
        self.sandbox.policy(refreshError=50173)
        ran = self.expect(NEEDS_PERSON, self.bare(*self.before, "--backend", "portal", "tokens", "list"))
        command, again = self.pasted(ran, "login")
        self.assertIn("--backend portal", command)

    def test_nothing_to_read_and_nowhere_to_write(self):
        without_home = {k: v for k, v in harness.environment(self.home).items() if k != "HOME"}

        def bare(*args, env=without_home):
            ran = subprocess.run([PROGRAM, *map(str, args)], env=env, cwd=self.home, stdin=subprocess.DEVNULL,
                    capture_output=True, text=True, timeout=60)
            return self.note(Ran(list(map(str, args)), ran.returncode, ran.stdout, ran.stderr))

        for command in (["tokens", "list"], ["doctor"], ["session", "status"]):
            with self.subTest(command=command):
                self.expect(USAGE, self.bare(*command), "there is no config file", "looked for", ".config/portalkey/config.toml")
                self.expect(USAGE, bare(*command), "there is no config file", "HOME: is not set")
        missing = self.folder / "no such" / "config.toml"
        for command in (["tokens", "list"], ["doctor"]):
            self.expect(USAGE, self.bare("--config", missing, *command), "there is no config file at this path", str(missing),
                    "Correct --config")
            self.expect(USAGE, self.bare(*command, env={"PORTALKEY_CONFIG": missing}), "Correct PORTALKEY_CONFIG")
        profile = self.profile()
        ran = bare(*profile, "doctor")
        self.expect(ran.code, ran, "HOME", "is not set")

    def test_a_folder_that_is_read_only(self):
        folder = self.folder / "read only"
        folder.mkdir()
        profile = self.profile(state_dir=str(folder / "state"))
        within = "mount -t tmpfs -o ro none " + shlex.quote(str(folder)) + " && exec "

        def on_it(*args):
            command = within + " ".join(shlex.quote(str(one)) for one in (PROGRAM, *profile, *args))
            ran = subprocess.run(["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", command],
                    env=harness.environment(self.home), cwd=self.home,
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            return self.note(Ran(list(map(str, args)), ran.returncode, ran.stdout, ran.stderr))

        self.expect(FAILED, on_it("doctor"), "cannot be made", str(folder), "Read-only file system", "set state_dir")
        self.sandbox.forget_requests()
        self.expect_error(FAILED, on_it("login", "--device-code"), "cannot make the folder: Read-only file system", str(folder))
        self.assertEqual([], self.sandbox.requests(), "somebody was asked to sign in for nothing")
        seeds, _ = self.seeds(1)
        self.expect_error(FAILED, on_it("tokens", "import", seeds), "Read-only file system")


if __name__ == "__main__":
    main()
