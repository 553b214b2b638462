"""Killed at every step of a rotation, and at random moments: the session works afterwards."""
from harness import *

KILLED = -signal.SIGKILL
SEED = int(os.environ.get("PORTALKEY_TEST_SEED", "20260101"))


class CrashPoints(EndToEnd):
    """PORTALKEY_TEST_CRASH_AT=N kills the program at the Nth numbered point it comes to."""

    def each_point(self, command, after, most=60):
        """Runs `command(env)` with every crash point until it survives one; returns how many points there are."""
        for point in range(1, most):
            ran = command({"PORTALKEY_TEST_CRASH_AT": point})
            if ran.code == DONE:
                self.assertGreater(point, 3, "there are no crash points in this build")
                return point - 1
            with self.subTest(f"crash point {point}"):
                self.assertEqual(KILLED, ran.code, f"neither killed nor done:\n{ran}")
                after(point)
        self.fail("it never survives")

    def redeemable(self, why):
        self.session_works(why=why)
        self.assertEqual(200, self.sandbox.redeem(self.sandbox.stored()).status, f"{why}: the stored token cannot be redeemed")

    def test_refresh(self):
        self.sign_in()
        points = self.each_point(lambda env: self.pk("session", "refresh", env=env), lambda n: self.redeemable(f"crash point {n}"))
        self.redeemable(f"all {points} crash points")
        self.assertEqual([], [f for f in self.state_files() if f.endswith("escrow.sealed")])

    def test_refresh_that_finds_an_escrow(self):
        """The run after a vault failure has more steps: it stores the former run's token first."""
        self.sign_in()

        def refresh(env):
            self.sandbox.fault(host="vault", method="PUT", kind="503")
            self.expect(FAILED, self.pk("session", "refresh"))
            self.sandbox.no_faults()
            return self.pk("session", "refresh", env=env)

        self.each_point(refresh, lambda n: self.redeemable(f"crash point {n} with an escrow"))

    def test_refresh_with_a_file_vault(self):
        passphrase = self.folder / "passphrase"
        passphrase.write_text(mask("crash test passphrase"))
        before = self.profile(vault=f'type = "file"\npath = "{self.folder}/data/the.vault"\npassphrase_file = "{passphrase}"',
                              state_dir=str(self.folder / "data"))
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        self.each_point(lambda env: self.bare(*before, "session", "refresh", env=env),
                        lambda n: self.session_works(*before, why=f"crash point {n}"))

    def test_login(self):
        token = self.folder / "token"
        token.write_text(self.sandbox.refresh_token_of())

        def after(point):
            # The given token is still good (Entra keeps a redeemed one valid), so at the latest a second login works; if the first
            # one got as far as the escrow or the vault, the session must work without.
            if self.sandbox.stored() or (self.sandbox.folder / "client/default/escrow.sealed").exists():
                self.redeemable(f"crash point {point}")
            self.expect(DONE, self.pk("login", "--refresh-token-file", token))
            self.redeemable(f"crash point {point} and another login")

        self.each_point(lambda env: self.pk("login", "--refresh-token-file", token, env=env), after)

    def test_login_over_an_escrow_of_the_session_before(self):
        """A login starts over: the escrow of an older session must not come back and win."""
        self.sign_in()
        self.sandbox.fault(host="vault", method="PUT", kind="503")
        self.expect(FAILED, self.pk("session", "refresh"))
        self.sandbox.no_faults()
        self.sandbox.admin("POST", "/revoke", {"upn": SERVICE_ACCOUNT})
        self.expect(NEEDS_PERSON, self.pk("session", "refresh"))
        self.expect(DONE, self.pk("login", "--device-code"))
        self.redeemable("a login over an escrow")

    def test_no_temporary_files_pile_up(self):
        self.sign_in()
        count = lambda: len([f for f in self.state_files() if re.search(r"\.sealed\.[A-Za-z0-9]{6}$", f)])
        for _ in range(3):
            for point in range(1, 14):
                if self.pk("session", "refresh", env={"PORTALKEY_TEST_CRASH_AT": point}).code == DONE:
                    break
        self.expect(DONE, self.pk("session", "refresh"))
        self.assertLessEqual(count(), 1, "each crash leaves a temporary file that nobody removes")


class SingleUse(CrashPoints):
    """The hard case: a refresh token works once. Between Entra's answer and the escrow nothing can save it; before and after, it must
    not be lost."""
    SANDBOX = ("--auto-approve", "--upload-delay", "0", "--single-use-refresh")

    test_refresh_that_finds_an_escrow = test_refresh_with_a_file_vault = test_login = None
    test_login_over_an_escrow_of_the_session_before = test_no_temporary_files_pile_up = None

    def redeemable(self, why):
        self.session_works(why=why)

    def test_refresh(self):
        self.sign_in()
        escrow = self.sandbox.folder / "client/default/escrow.sealed"
        lost = []

        def refresh(env):
            self.sandbox.forget_requests()
            return self.pk("session", "refresh", env=env)

        def after(point):
            redeemed = len(self.sandbox.requests(service="login", status=200)) > 1
            stored = bool(self.sandbox.requests(service="vault", method="PUT", status=200))
            if redeemed and not stored and not escrow.exists():
                lost.append(point)
                self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"), "portalkey login")
                self.expect(DONE, self.pk("login", "--device-code"))
                return
            self.redeemable(f"crash point {point}")

        points = self.each_point(refresh, after)
        self.redeemable("all crash points")
        # Entra's answer is there, the escrow is not: the answer itself, and the escrow file written but not renamed. (The local key is
        # made before: signing in made it.)
        self.assertLessEqual(len(lost), 2, f"lost at {lost} of {points} points")

    def test_a_lost_answer_of_the_vault(self):
        self.sign_in()
        self.sandbox.fault(host="vault", method="PUT", kind="reset-after-effect", times=1)
        self.expect(DONE, self.pk("session", "refresh"))
        self.sandbox.no_faults()
        self.redeemable("a lost answer")

    def test_vault_down_for_days(self):
        self.sign_in()
        self.sandbox.fault(host="vault", method="PUT", kind="503")
        for _ in range(4):
            self.expect(FAILED, self.pk("session", "refresh"), "is safe there")
        self.sandbox.no_faults()
        self.redeemable("the vault was down")

    def test_concurrent(self):
        self.sign_in()
        runs = [start(["--sandbox", self.sandbox.folder, "session", "refresh"], self.home) for _ in range(4)]
        ended = [self.note(finish(p, ["session", "refresh"])) for p in runs]
        self.assertEqual([DONE] * 4, [r.code for r in ended], "one of several refreshes at once failed")
        self.redeemable("four refreshes at once")


class AnyMoment(EndToEnd):
    SANDBOX = ("--auto-approve", "--upload-delay", "0", "--activation-limit", "0")
    SIGNED_IN = True

    def test_killed_at_random_moments(self):
        kills = 100 if LONG else 20
        print(f"\nseed {SEED} (PORTALKEY_TEST_SEED)", end="", file=sys.stderr)
        dice = random.Random(SEED)
        everything, hit = set(), 0
        # How long a run takes here tells where its moments are.
        began = time.monotonic()
        self.expect(DONE, self.pk("session", "refresh"))
        long = (time.monotonic() - began) * 1.1
        for number in range(1, kills + 1):
            importing = number % 2 == 0
            file, rows = self.seeds(5, seed=number)
            everything |= serials(rows)
            args = ["--sandbox", self.sandbox.folder, *(["tokens", "import", file] if importing else ["session", "refresh"])]
            delay = dice.uniform(0, long + (0.6 if importing else 0))
            process = start(args, self.home)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.kill()
            ran = self.note(finish(process, args))
            hit += ran.code == KILLED
            with self.subTest(f"kill {number} after {delay * 1000:.1f} ms of {'import' if importing else 'refresh'}, seed {SEED}"):
                self.assertIn(ran.code, (DONE, KILLED))
                self.expect(DONE, self.pk("session", "refresh"))
                if importing:
                    self.expect(DONE, self.pk("tokens", "import", file), absent=[" failed"])
                    self.assertTrue(serials(rows) <= self.sandbox.active(), "not every token is active")
        self.assertGreater(hit, kills // 4, "hardly a run was killed: the test shows little")
        self.assertEqual(200, self.sandbox.redeem(self.sandbox.stored()).status)
        self.assertEqual(len(self.sandbox.tokens()), len({t["serialNumber"] for t in self.sandbox.tokens()}), "a token is there twice")

    def test_two_at_once(self):
        args = ["--sandbox", self.sandbox.folder, "session", "refresh"]
        for _ in range(3):
            self.sandbox.fault(host="login", kind="latency", milliseconds=100)
            runs = [start(args, self.home) for _ in range(2)]
            ended = [self.note(finish(p, args)) for p in runs]
            self.sandbox.no_faults()
            self.assertEqual([DONE] * 2, [r.code for r in ended], "one of two refreshes at once failed")
        self.assertEqual(7, len(self.sandbox.versions()))
        self.session_works(why="two at once")

    def test_the_sandbox_itself_is_killed(self):
        self.sandbox.stop(signal.SIGKILL)
        self.expect_error(FAILED, self.pk("session", "refresh"), "the sandbox is not running")
        self.sandbox.start()
        # Its state is at most 200 ms old; a session it knew for longer works.
        self.sandbox.stop()
        self.sandbox.start()
        self.assertEqual(DONE, self.pk("login", "--device-code").code)
        self.session_works(why="the sandbox was killed")


if __name__ == "__main__":
    main()
