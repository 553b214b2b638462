"""Sealed files over the years: a lost passphrase, an old copy put back, weak passphrases, files of an older version."""
import shutil
import struct

from harness import *

FIRST = mask("the first passphrase, which gets lost")
SECOND = mask("the second passphrase, after that")
BEFORE = ROOT / "tests" / "data" / "vault" / "before.vault"


class SealedFiles(EndToEnd):
    def setUp(self):
        super().setUp()
        self.word = self.folder / "passphrase"
        self.vault = self.folder / "data" / "the.vault"
        self.state = self.folder / "state"
        self.before = self.profile(vault=f'type = "file"\npath = "{self.vault}"\npassphrase_file = "{self.word}"', state_dir=str(self.state))
        self.passphrase(FIRST)

    def passphrase(self, text):
        self.word.write_text(text + "\n")
        self.word.chmod(0o600)

    def on(self, *args, **more):
        return self.bare(*self.before, *args, **more)

    def login(self):
        return self.expect(DONE, self.on("login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))

    def half_done_job(self):
        file, rows = self.seeds(3)
        self.sandbox.fault(host="portal", path="enable", kind="503")
        self.expect(FAILED, self.on("tokens", "import", file), "jobs resume")
        self.sandbox.no_faults()
        (job,) = self.expect(DONE, self.on("jobs", "list", "-o", "json")).json()
        self.assertEqual("finished with failures", job["state"])
        return file, rows, job["id"]

    def leave_an_escrow(self):
        """The program dies when the escrow is written and the vault file is not."""
        escrow = self.state / "escrow.sealed"
        for point in range(1, 20):
            self.on("session", "refresh", env={"PORTALKEY_TEST_CRASH_AT": str(point)})
            if escrow.exists():
                return
        self.fail("no crash point leaves an escrow")

    def follow(self, ran):
        """Runs, in turn, the commands that a message tells to run."""
        advice = re.findall(r"portalkey (?:--\S+ \S+ )*(session reset|session refresh|login)\b", ran.text)
        self.assertTrue(advice, f"it gives no command to run:\n{ran}")
        for command in dict.fromkeys(advice):
            if command == "session reset":
                self.expect_error(USAGE, self.on("session", "reset"), "add --yes")
                self.expect(DONE, self.on("session", "reset", "--yes"), "Set aside: ")
            elif command == "login":
                self.login()
            else:
                self.expect(DONE, self.on(*command.split()))

    def aside(self):
        return sorted(p.name.split(".aside-")[0] for p in self.folder.rglob("*.aside-*"))

    def test_the_way_out_when_the_passphrase_is_lost(self):
        self.login()
        file, rows, job = self.half_done_job()
        self.leave_an_escrow()
        self.passphrase(SECOND)
        self.expect_error(FAILED, self.on("session", "status"), "the passphrase does not open the vault file", str(self.vault), "portalkey session reset")
        self.expect_error(FAILED, self.on("jobs", "resume", job), "the passphrase does not open the journal's key file", str(self.state / "jobs/jobs.key"),
                          "portalkey session reset")
        lost = self.on("session", "refresh")
        self.expect_error(FAILED, lost, "the passphrase does not open the escrow", str(self.state / "escrow.sealed"), "portalkey session reset", "portalkey login")
        self.follow(lost)
        self.assertEqual(["escrow.sealed", "jobs.key", "the.vault"], self.aside())
        self.session_works(*self.before, why="the instructions were followed")
        self.expect(DONE, self.on("jobs", "list"), job)
        self.expect_error(FAILED, self.on("jobs", "resume", job), "jobs.key", "import the seed file")
        self.expect(DONE, self.on("tokens", "import", file), "3 active")
        self.assertEqual(serials(rows), self.sandbox.active())
        self.expect_error(FAILED, self.on("jobs", "show", job), rows[0]["serial number"], "or the journal's key is another", "jobs forget")
        self.expect(DONE, self.on("jobs", "forget", job))
        self.expect(DONE, self.on("session", "reset", "--yes"), "nothing was set aside")

    def test_the_lost_passphrase_is_found_again(self):
        self.login()
        _, rows, job = self.half_done_job()
        self.passphrase(SECOND)
        self.expect(DONE, self.on("session", "reset", "--yes"), "the refresh token of the session", job, f"jobs forget {job}")
        self.passphrase(FIRST)
        for aside in list(self.folder.rglob("*.aside-*")):
            aside.rename(aside.with_name(aside.name.split(".aside-")[0]))
        self.session_works(*self.before, why="the files were renamed back")
        self.expect(DONE, self.on("jobs", "resume", job), "3 active")
        self.assertEqual(serials(rows), self.sandbox.active())

    def test_only_what_does_not_open_is_set_aside(self):
        """Somebody moved the vault file away and signed in with a new passphrase: the journal's key is still the old one's."""
        self.login()
        file, _, job = self.half_done_job()
        self.leave_an_escrow()
        self.vault.rename(self.folder / "moved.vault")
        self.passphrase(SECOND)
        self.login()
        self.session_works(*self.before, why="a login with a new passphrase")
        stuck = self.on("tokens", "import", file)
        self.expect_error(FAILED, stuck, "the passphrase does not open the journal's key file")
        self.expect(DONE, self.on("session", "reset", "--yes"), "cannot be resumed", absent=["portalkey login"])
        self.assertEqual(["jobs.key"], self.aside())
        self.expect(DONE, self.on("tokens", "import", file), "3 active")

    def test_it_asks_first(self):
        self.login()
        self.passphrase(SECOND)
        ask = lambda answer: self.note(run_on_terminal(*self.before, "session", "reset", home=self.home, answers=[("[y/N]", answer)]))
        said = ask("n")
        self.expect(INTERRUPTED, said, str(self.vault), "the refresh token of the session", "nothing was set aside")
        self.assertEqual([], self.aside())
        self.expect(DONE, ask("y"), "Set aside: ", "portalkey login")
        self.assertEqual(["the.vault"], self.aside())

    def test_not_while_a_job_runs(self):
        self.login()
        _, _, job = self.half_done_job()
        self.passphrase(SECOND)
        with open(self.state / "jobs" / f"{job}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.expect_error(FAILED, self.on("session", "reset", "--yes"), f"another process runs the job {job}")
        self.assertEqual([], self.aside())

    def test_key_vault_has_no_passphrase(self):
        self.expect(FAILED, self.pk("session", "reset", "--yes"), "Azure Key Vault", "no passphrase")

    def test_a_damaged_escrow_says_that_it_is_the_escrow(self):
        self.login()
        for damage in (lambda b: b[:40], lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b"", lambda b: b"x" * 300):
            self.leave_an_escrow()
            escrow = self.state / "escrow.sealed"
            escrow.write_bytes(damage(escrow.read_bytes()))
            self.expect(DONE, self.on("session", "refresh"), "the escrow is damaged: ", str(escrow), "moved aside to", "a refresh token that the vault had not confirmed",
                        absent=["the vault file is"])

    def test_one_sealed_file_in_the_place_of_another(self):
        self.login()
        self.half_done_job()
        shutil.copy(self.state / "jobs" / "jobs.key", self.vault)
        self.expect_error(FAILED, self.on("session", "status"), "the vault file is damaged: it is a sealed file of portalkey, but of another kind")

    def test_a_damaged_key_file_of_the_jobs_says_so(self):
        self.login()
        _, _, job = self.half_done_job()
        key = self.state / "jobs" / "jobs.key"
        key.write_bytes(key.read_bytes()[:100])
        damaged = self.on("jobs", "resume", job)
        self.expect_error(FAILED, damaged, "the journal's key file is damaged: it is cut off", str(key), "secret keys that wait in unfinished jobs", "portalkey session reset")
        self.expect(DONE, self.on("session", "reset", "--yes"), "Set aside: ")
        self.session_works(*self.before, why="the journal's key was set aside")

    def test_an_old_copy_put_back_is_noticed_once(self):
        self.login()
        old = self.folder / "old"
        shutil.copy(self.vault, old)
        self.expect(DONE, self.on("session", "refresh"), absent=["older copy"])
        shutil.copy(old, self.vault)
        told = self.expect(DONE, self.on("session", "status", "-o", "json"), "warning: the vault file is an older copy: it is writing 1 of this file, and writing 2 was seen here before")
        self.assertEqual(SERVICE_ACCOUNT, told.json()["account"])
        self.expect(DONE, self.on("session", "status"), absent=["older copy"])
        self.session_works(*self.before, why="an old copy")
        shutil.copy(old, self.vault)
        findings = {f["check"]: f for f in self.on("doctor", "-o", "json").json()["findings"]}
        self.assertEqual("warning", findings["vault file"]["outcome"])
        self.assertIn("older copy", findings["vault file"]["what"])
        shutil.copy(old, self.vault)
        shutil.rmtree(self.state)
        self.expect(DONE, self.on("session", "refresh"), absent=["older copy"])

    def test_a_weak_passphrase_for_a_new_vault(self):
        for weak in ("correct hor", "aaaaaaaaaaaaaaaaaaaaaaaa", "abababababababab", "\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00e4"):
            self.passphrase(weak)
            self.sandbox.forget_requests()
            self.expect_error(FAILED, self.on("login", "--device-code"), "the passphrase is too weak for a new vault file", "five words")
            self.assertEqual([], self.sandbox.requests(service="login"), "somebody was bothered")
            self.assertFalse(self.vault.exists())

    def cost(self):
        return struct.unpack("<QQ", self.vault.read_bytes()[10:26])

    def test_a_file_of_an_older_version(self):
        self.vault.parent.mkdir(mode=0o700)
        shutil.copy(BEFORE, self.vault)
        self.vault.chmod(0o600)
        self.passphrase("old secret")
        self.expect(DONE, self.on("session", "status"), SERVICE_ACCOUNT, "passphrase is weak: it is shorter than 12 characters")
        self.assertEqual(BEFORE.read_bytes(), self.vault.read_bytes(), "it was written although nothing was to be stored")
        self.login()
        self.assertEqual(b"PKSEAL2\n", self.vault.read_bytes()[:8])
        self.assertEqual((3, 256 << 20), self.cost(), "not Argon2id at the moderate cost")
        self.session_works(*self.before, why="a file of an older version was taken over")
        shutil.copy(BEFORE, self.vault)
        self.vault.chmod(0o600)
        self.expect(DONE, self.on("session", "status"), "older copy")

    def test_a_header_that_asks_for_a_terabyte(self):
        self.login()
        whole = self.vault.read_bytes()
        for operations, memory in ((3, 1 << 40), (1 << 40, 256 << 20), (16, 1 << 30)):
            self.vault.write_bytes(whole[:10] + struct.pack("<QQ", operations, memory) + whole[26:])
            self.expect_error(FAILED, self.on("session", "status", timeout=20), "the vault file is damaged: its header")


if __name__ == "__main__":
    main()
