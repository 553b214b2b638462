"""The two vaults and what goes wrong with them: the sealed file and Azure Key Vault."""
from concurrent.futures import ThreadPoolExecutor

from harness import *

PASSPHRASE = mask("correct horse battery staple, 1234")
HEADER = 8 + 1 + 1 + 8 + 8 + 16 + 16 + 16 + 8 + 8 + 24  # of a sealed file (vault/sealed_file.h)


class FileVault(EndToEnd):
    def setUp(self):
        super().setUp()
        self.passphrase_file = self.folder / "passphrase"
        self.passphrase_file.write_text(PASSPHRASE + "\n")
        self.data = self.folder / "data"
        self.vault = self.data / "the.vault"
        self.state = self.data / "state"

    def with_file(self, passphrase_file=True):
        line = f'passphrase_file = "{self.passphrase_file}"' if passphrase_file else ""
        return self.profile(vault=f'type = "file"\npath = "{self.vault}"\n{line}', state_dir=str(self.state))

    def login(self, before, **more):
        return self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of(), **more),
                           f"Stored: RefreshToken in {self.vault}")

    def files(self):
        return {str(p.relative_to(self.data)) for p in self.data.rglob("*") if p.is_file()}

    def test_passphrase_from_a_file(self):
        before = self.with_file()
        self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "status"), "no vault file yet", "portalkey login")
        self.login(before)
        self.session_works(*before)
        status = self.expect(DONE, self.bare(*before, "session", "status", "-o", "json")).json()
        self.assertEqual((SERVICE_ACCOUNT, str(self.vault), False), (status["account"], status["vault"], status["inEscrow"]))
        self.assertEqual({"the.vault", "the.vault.lock", "state/session.lock", "state/vault.seen"}, self.files(), "files were left behind")
        self.assertEqual(0o600, self.vault.stat().st_mode & 0o777)
        self.assertEqual(0o700, self.state.stat().st_mode & 0o777)
        self.assertNotIn(b"1.AX0A", self.vault.read_bytes(), "the vault file is not sealed")
        file, _ = self.seeds(2)
        self.expect(DONE, self.bare(*before, "tokens", "import", file), "2 active")
        self.assertEqual([], self.sandbox.requests(service="vault"), "Key Vault was asked although the profile has a file")

    def test_passphrase_from_the_environment(self):
        before = self.with_file(False)
        self.login(before, env={"PORTALKEY_PASSPHRASE": PASSPHRASE})
        self.session_works(*before, env={"PORTALKEY_PASSPHRASE": PASSPHRASE})
        self.session_works(*before, env={"PORTALKEY_PASSPHRASE_FILE": self.passphrase_file})
        self.expect(FAILED, self.bare(*before, "session", "status", env={"PORTALKEY_PASSPHRASE": "wrong"}), "passphrase does not open")
        self.expect_error(FAILED, self.bare(*before, "session", "status"), "no terminal to ask on", "passphrase_file")
        self.expect_error(FAILED, self.bare(*before, "session", "status", env={"PORTALKEY_PASSPHRASE_FILE": self.folder / "none"}), "none")

    def test_passphrase_at_a_terminal(self):
        before = self.with_file(False)
        token = self.folder / "token"
        token.write_text(self.sandbox.refresh_token_of())
        login = lambda answers: self.note(run_on_terminal(*before, "login", "--refresh-token-file", token, home=self.home, answers=answers))
        self.expect(FAILED, login([("New passphrase", PASSPHRASE), ("once more", "something else")]), "two passphrases differ")
        self.expect(FAILED, login([("New passphrase", ""), ("once more", "")]), "passphrase is empty")
        self.assertFalse(self.vault.exists())
        shown = self.expect(DONE, login([("New passphrase", PASSPHRASE), ("once more", PASSPHRASE)]))
        self.assertNotIn(PASSPHRASE, shown.out, "the passphrase was echoed")
        asked = self.note(run_on_terminal(*before, "session", "refresh", home=self.home, answers=[("Passphrase of the vault file", PASSPHRASE)]))
        self.expect(DONE, asked, "Refreshed: ")
        self.assertNotIn(PASSPHRASE, asked.out, "the passphrase was echoed")
        self.assertEqual(1, asked.out.count("Passphrase of"), "it asked twice")
        wrong = self.note(run_on_terminal(*before, "session", "refresh", home=self.home, answers=[("Passphrase of the vault file", "wrong one")]))
        self.expect(FAILED, wrong, "the passphrase does not open the vault file", "what to do: ")

    def test_wrong_passphrase(self):
        before = self.with_file()
        self.login(before)
        bytes_before = self.vault.read_bytes()
        self.passphrase_file.write_text("wrong\n")
        self.sandbox.forget_requests()
        for command in (["session", "status"], ["session", "refresh"], ["tokens", "list"]):
            self.expect_error(FAILED, self.bare(*before, *command), "the passphrase does not open the vault file", str(self.vault))
        self.expect_error(FAILED, self.bare(*before, "login", "--device-code"), "the passphrase does not open")
        self.assertEqual([], self.sandbox.requests(), "something was sent before the vault was open")
        self.assertEqual(bytes_before, self.vault.read_bytes(), "the vault file was changed")
        self.passphrase_file.write_text("\n")
        self.expect_error(FAILED, self.bare(*before, "session", "status"), "empty")
        self.passphrase_file.write_text(PASSPHRASE)
        self.session_works(*before, why="the right passphrase came back")

    def test_cut_off_at_every_byte(self):
        before = self.with_file()
        self.login(before)
        whole = self.vault.read_bytes()
        lengths = range(len(whole)) if LONG else sorted({*range(HEADER + 1), *range(HEADER, len(whole), 16), *range(len(whole) - 20, len(whole))})
        folders = [self.folder / f"cut{i}" for i in range(3)]

        def try_lengths(at):
            folders[at].mkdir()
            cut = folders[at] / "cut.vault"
            config = self.folder / f"cut{at}.toml"
            config.write_text(f'[profile.cut]\nsandbox = "{self.sandbox.folder}"\nstate_dir = "{folders[at]}"\n[profile.cut.vault]\n'
                              f'type = "file"\npath = "{cut}"\npassphrase_file = "{self.passphrase_file}"\n')
            bad = []
            for length in lengths[at::len(folders)]:
                cut.write_bytes(whole[:length])
                ran = run("--config", config, "--profile", "cut", "session", "status", home=self.home)
                said = "cut off" in ran.err or "empty" in ran.err or "damaged" in ran.err
                if ran.code != FAILED or not said or "what to do: Restore the file from a backup" not in ran.err or str(cut) not in ran.err:
                    bad.append(f"{length} of {len(whole)} bytes: {ran}")
                if cut.read_bytes() != whole[:length]:
                    bad.append(f"{length} of {len(whole)} bytes: the file was changed")
            return bad

        with ThreadPoolExecutor(len(folders)) as pool:
            bad = [line for lines in pool.map(try_lengths, range(len(folders))) for line in lines]
        self.assertEqual([], bad[:5], f"{len(bad)} lengths are not handled")
        self.assertEqual({"cut.vault"}, {p.name for f in folders for p in f.iterdir()}, "files were left behind")
        self.session_works(*before, why="all that")

    def test_altered_bytes(self):
        before = self.with_file()
        self.login(before)
        whole = self.vault.read_bytes()
        for at in (0, 6, 7, 8, 9, 10, 17, 18, 25, 30, 45, 60, 74, 80, 90, 97, 98, 106, 110, HEADER - 1, HEADER, 150, len(whole) - 17, len(whole) - 1):
            with self.subTest(f"byte {at}"):
                self.vault.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1:])
                self.expect_error(FAILED, self.bare(*before, "session", "status", timeout=30), str(self.vault))
        self.vault.write_bytes(whole + b"x")
        self.expect_error(FAILED, self.bare(*before, "session", "status"), "damaged")
        self.vault.write_bytes(whole)
        self.session_works(*before, why="the file was restored")

    def test_a_login_repairs_a_lost_file(self):
        before = self.with_file()
        self.login(before)
        self.vault.rename(self.vault.with_suffix(".old"))
        self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "refresh"), "portalkey login")
        self.login(before)
        self.session_works(*before, why="a new login")

    def test_read_only_folder_keeps_the_token_in_the_escrow(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        before = self.with_file()
        self.login(before)
        os.chmod(self.data, 0o500)
        try:
            self.expect_error(FAILED, self.bare(*before, "session", "refresh"), "escrow")
        finally:
            os.chmod(self.data, 0o700)
        self.session_works(*before, why="the folder is writable again")


class KeyVault(EndToEnd):
    SIGNED_IN = True

    def role(self, role):
        self.sandbox.admin("POST", "/vault-roles", {"principal": self.sandbox.facts["clientId"], "role": role})

    def in_escrow(self, **more):
        return self.pk("session", "status", "-o", "json").json()["inEscrow"]

    def test_403_without_a_role(self):
        self.role("none")
        for command in (["session", "status"], ["session", "refresh"], ["tokens", "list"], ["login", "--device-code"]):
            self.expect_error(FAILED, self.pk(*command), "Key Vault Secrets Officer", "status: 403", "code: ForbiddenByRbac",
                              "https://contoso-kv.vault.azure.net")
        error = self.expect(FAILED, self.pk("session", "refresh", "-o", "json")).json_error()
        self.assertEqual(("forbidden", "403"), (error["code"], error["context"]["status"]))
        self.role("Key Vault Secrets Officer")
        self.session_works(why="the role was given back")

    def test_a_reader_cannot_store_and_the_escrow_keeps_the_token(self):
        self.role("Key Vault Secrets User")
        for _ in range(2):
            self.expect_error(FAILED, self.pk("session", "refresh"), "Key Vault Secrets Officer", "the new refresh token is safe there")
            self.assertTrue(self.in_escrow(), "the escrow is empty")
        self.expect(DONE, self.pk("skus"), "warning: the vault did not take the new refresh token", "contoso:")
        self.role("Key Vault Secrets Officer")
        self.session_works(why="the role was given")
        self.assertFalse(self.in_escrow(), "the escrow was not emptied")

    def test_404(self):
        before = self.profile(vault=self.key_vault(secret_name="Another"), credential=self.app())
        self.expect_error(NEEDS_PERSON, self.bare(*before, "session", "refresh"), "no secret named Another", "portalkey login", "status: 404")

    def key_vault(self, url=None, secret_name="RefreshToken"):
        facts = self.sandbox.facts
        return f'type = "key_vault"\nurl = "{url or facts["vaultUrl"]}"\nsecret_name = "{secret_name}"'

    def app(self):
        facts = self.sandbox.facts
        return f'type = "client_secret"\nclient_id = "{facts["clientId"]}"\nclient_secret_file = "{facts["clientSecretFile"]}"'

    def test_a_vault_that_is_not_there(self):
        before = self.profile(vault=self.key_vault("https://no-such-vault.vault.azure.net"), credential=self.app())
        self.expect_error(FAILED, self.bare(*before, "session", "refresh"), "no-such-vault.vault.azure.net", "vault")
        before = self.profile(vault=self.key_vault("https://contoso-kv.example.com"), credential=self.app())
        self.expect_error(USAGE, self.bare(*before, "session", "refresh"), "is not the URL of a vault", "vault.azure.net")

    def test_deleted_secret(self):
        """It is recovered, with a warning, by whoever needs it; its older versions come back with it, and nothing is purged."""
        for command in (["session", "refresh"], ["login", "--refresh-token-file", "-"]):
            with self.subTest(command[0]):
                before = set(self.sandbox.versions())
                token = self.sandbox.refresh_token_of()
                self.assertEqual(200, self.sandbox.vault("DELETE", "/secrets/RefreshToken").status)
                self.sandbox.forget_requests()
                ran = self.pk(*command, stdin=token if command[0] == "login" else None)
                self.expect(DONE, ran, "the secret RefreshToken was deleted from the vault; recovering it")
                self.assertEqual([], self.sandbox.requests(service="vault", method="DELETE"))
                self.assertTrue(before < set(self.sandbox.versions()))
        self.session_works(why="the secret was recovered")

    def test_disabled_version(self):
        version = self.sandbox.versions()[0]
        self.assertEqual(200, self.sandbox.vault("PATCH", f"/secrets/RefreshToken/{version}", {"attributes": {"enabled": False}}).status)
        self.expect_error(FAILED, self.pk("session", "refresh"), "disabled", "SecretDisabled")

    def test_client_secret(self):
        facts = self.sandbox.facts
        self.sandbox.policy(clientSecretExpired=True)
        self.expect_error(FAILED, self.pk("session", "refresh"), "the client secret has expired", "AADSTS7000222", "Make another secret", f"az ad app credential reset --id {facts['clientId']}")
        self.sandbox.policy(clientSecretExpired=False)
        before = self.profile(vault=self.key_vault(), credential=f'type = "client_secret"\nclient_id = "{facts["clientId"]}"')
        self.expect_error(FAILED, self.bare(*before, "session", "refresh"), "is not complete", "AZURE_CLIENT_SECRET")
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env={"AZURE_CLIENT_SECRET": "wrong"}), "AADSTS7000215")
        secret = pathlib.Path(facts["clientSecretFile"]).read_text().strip()
        self.session_works(*before, env={"AZURE_CLIENT_SECRET": secret})

    def test_503_when_reading(self):
        versions = self.sandbox.versions()
        self.sandbox.fault(host="vault", kind="503", retryAfter=0)
        self.expect_error(FAILED, self.pk("session", "refresh"), "Key Vault is not available", "status: 503")
        self.sandbox.no_faults()
        self.assertEqual(versions, self.sandbox.versions())
        self.session_works(why="the vault was down")

    def test_503_when_storing(self):
        before = self.sandbox.stored()
        for kind in ("503", "reset-before", "500"):
            with self.subTest(kind):
                self.sandbox.fault(host="vault", method="PUT", kind=kind)
                self.expect_error(FAILED, self.pk("session", "refresh"), "the new refresh token is safe there")
                self.assertEqual(before, self.sandbox.stored())
                self.assertTrue(self.in_escrow())
                # The session can be used all the same, and the escrow is kept until the vault answers.
                self.expect(DONE, self.pk("skus"), "warning: the vault did not take the new refresh token", "contoso:")
                self.expect(DONE, self.pk("session", "status"), "holds a newer refresh token")
                self.sandbox.no_faults()
                versions = len(self.sandbox.versions())
                self.expect(DONE, self.pk("session", "refresh", "-v"), "a former run could not store its refresh token; going on with that one")
                self.assertEqual(versions + 1, len(self.sandbox.versions()), "not the successor of the escrow's token alone")
                self.assertFalse(self.in_escrow())
                before = self.sandbox.stored()
        self.session_works(why="the vault was down")
        self.assertEqual(["default/escrow.sealed.key", "default/session.lock"], self.state_files(), "files were left behind")

    def test_an_answer_lost_after_the_vault_stored(self):
        for kind in ("reset-after-effect", "reset-in-body"):
            with self.subTest(kind):
                versions = len(self.sandbox.versions())
                self.sandbox.fault(host="vault", method="PUT", kind=kind, times=1)
                self.expect(DONE, self.pk("session", "refresh"))
                self.assertEqual(versions + 1, len(self.sandbox.versions()), "the token was stored twice")
                self.assertFalse(self.in_escrow())
        self.session_works(why="lost answers")

    def test_somebody_else_rotated_while_ours_waited(self):
        self.sandbox.fault(host="vault", method="PUT", path="/secrets/refreshtoken", kind="503", times=3)
        self.expect(FAILED, self.pk("session", "refresh"))
        theirs = self.sandbox.refresh_token_of()
        self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": theirs}).status)
        self.session_works(why="another tool rotated")
        self.assertFalse(self.in_escrow())

    def test_somebody_else_stored_rubbish_while_ours_waited(self):
        self.sandbox.fault(host="vault", method="PUT", path="/secrets/refreshtoken", kind="503", times=3)
        self.expect(FAILED, self.pk("session", "refresh"))
        self.assertEqual(200, self.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": "rubbish"}).status)
        self.session_works(why="rubbish was stored over it")

    def test_damaged_escrow_is_moved_aside(self):
        self.sandbox.fault(host="vault", method="PUT", kind="503")
        self.expect(FAILED, self.pk("session", "refresh"))
        self.sandbox.no_faults()
        escrow = self.sandbox.folder / "client" / "default" / "escrow.sealed"
        whole = escrow.read_bytes()
        for length in (0, 5, 8, 50, HEADER, HEADER + 3, len(whole) - 1):
            with self.subTest(f"{length} bytes of the escrow"):
                escrow.write_bytes(whole[:length])
                self.expect(DONE, self.pk("session", "refresh"), "moved aside to")
        self.assertEqual(7, len([f for f in self.state_files() if "unreadable" in f]))
        self.session_works(why="a damaged escrow")


class KeyVaultDown(EndToEnd):
    SANDBOX = ("--auto-approve", "--vault-down")

    def test_nobody_signs_in_for_a_vault_that_is_down(self):
        ran = self.pk("login", "--device-code")
        self.expect_error(FAILED, ran, "Key Vault is not available", "status: 503")
        self.assertNotIn("enter the code", ran.err)


if __name__ == "__main__":
    main()
