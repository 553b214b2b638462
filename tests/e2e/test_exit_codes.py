"""0 done, 1 failed, 2 wrong usage or profile, 3 partly done, 4 somebody must sign in, 130 interrupted."""
from harness import *


class Usage(EndToEnd):
    SANDBOX = None

    def test_wrong_usage(self):
        file, _ = self.seeds(1)
        for args in ([], ["nonsense"], ["login", "extra"], ["--nonsense"], ["tokens"], ["session"], ["sandbox"], ["tokens", "import"],
                     ["tokens", "validate"], ["tokens", "import", file, "--until", "tomorrow"], ["tokens", "validate", file, "-o", "xml"],
                     ["tokens", "validate", file, "--secret-encoding", "rot13"], ["tokens", "list", "--state", "lost"],
                     ["tokens", "activate"], ["tokens", "activate", file, "--code", "123456"], ["tokens", "activate", "--code", "123456"],
                     ["tokens", "activate", "--serial", "1", "--code", "12e456"], ["tokens", "remove"], ["api"], ["api", "GET"],
                     ["api", "BREW", "/api/x"], ["api", "GET", "/api/x", "-o", "table"], ["skus", "-o", "raw"],
                     ["session", "refresh", "--force"], ["login", "--refresh-token"],
                     ["sandbox", "run", "--port", "many"], ["sandbox", "run", "--activation-limit", "often"],
                     ["sandbox", "run", "--upload-outcome", "perhaps"]):
            with self.subTest(" ".join(map(str, args)) or "no arguments"):
                ran = self.expect_error(USAGE, self.bare(*args), "--help")
                self.assertEqual("", ran.out)

    def test_help_and_version(self):
        self.expect(DONE, self.bare("--help"), "Exit codes: 0 done, 1 failed, 2 wrong usage or profile, 3 partly done, 4 ", "130 interrupted")
        self.expect(DONE, self.bare("--version"), "portalkey ")
        for command in ("login", "session refresh", "session status", "session health", "session access-token", "api", "skus", "tokens validate", "tokens import",
                        "tokens list", "tokens activate", "tokens remove", "sandbox run"):
            self.expect(DONE, self.bare(*command.split(), "--help"), "Usage: portalkey " + command)

    def config(self, text):
        file = self.folder / "config.toml"
        file.write_text(text)
        return file

    def test_bad_profiles(self):
        good = '[profile.default]\ntenant = "contoso.com"\n'
        for text, words in {
            "[profile.default\n": ["not TOML", "line: 1"],
            "x = 1\n": ["does not belong here", "line: 1"],
            "[profile.default]\n": ["names no tenant", "AZURE_TENANT_ID"],
            "[profile.default]\ntenant = 5\n": ["tenant must be text", "line: 2"],
            good + "colour = 'red'\n": ['no setting "colour"', "line: 3", "Known settings: "],
            good + 'cloud = "moon"\n': ["moon"],
            good + 'cloud = "china"\n': ["portal_resource"],
            good + "upload_timeout_seconds = 0\n": ["must be from 1 to"],
            good + '[profile.default.vault]\ntype = "drawer"\n': ['no vault of type "drawer"', "line: 4"],
            good + '[profile.default.vault]\ntype = "key_vault"\n': ["is not the URL of a vault"],
            good + '[profile.default.vault]\ntype = "key_vault"\nurl = "https://kv.vault.azure.net@evil.example"\n': ["is not the URL of a vault"],
            good + '[profile.default.vault]\ntype = "key_vault"\nurl = "http://kv.vault.azure.net"\n': ["is not the URL of a vault"],
            good + '[profile.default.vault]\ntype = "key_vault"\nurl = "https://kv.vault.azure.net\\\\@evil.example"\n': ["vault.url is not the URL of a vault", "backslash"],
            good + '[profile.default.vault]\ntype = "key_vault"\nurl = "https://kv.vault.azure.net\\u0000.evil.example"\n': ["vault.url is not", "control character"],
            good + '[profile.default.vault]\ntype = "key_vault"\nurl = "https://kv.vault.azure.net:8443"\n': ["vault.url is not", "port"],
            good + '[profile.default.vault]\ntype = "key_vault"\nurl = "https://kv.vault.azure.net/x/.."\n': ["vault.url is not", ".."],
            good + 'proxy = "http://good.example\\\\x:1"\n': ["proxy is not the address of a proxy"],
            '[profile.default]\ntenant = "../common"\n': ["tenant is neither"],
            '[cloud.mine]\nauthority = "login.mine.example\\\\@evil.example"\n[profile.default]\ntenant = "x"\ncloud = "mine"\n': ["cloud.mine.authority"],
            good + '[profile.default.vault]\nsecret_name = "a/b"\n': ["letters, digits and dashes"],
            good + "[profile.default.limits]\nactivations = -3\n": ["must be from 0 to"],
        }.items():
            with self.subTest(text):
                self.expect_error(USAGE, self.bare("--config", self.config(text), "session", "status"), *words)
        for variable, words in {"AZURE_KEYVAULT_URL": "AZURE_KEYVAULT_URL is not the URL of a vault", "AZURE_AUTHORITY_HOST": "AZURE_AUTHORITY_HOST names no https host"}.items():
            ran = self.bare("session", "status", env={"AZURE_TENANT_ID": "x", variable: "https://kv.vault.azure.net\\@evil.example"})
            self.expect_error(USAGE, ran, words)
        file = self.config(good)
        self.expect_error(USAGE, self.bare("--config", file, "--profile", "other", "session", "status"), "no profile named other", "default")
        self.expect_error(USAGE, self.bare("--config", file, "--profile", "../x", "session", "status"), "profile's name")
        self.expect_error(USAGE, self.bare("session", "status"), "names no tenant", "--sandbox")
        self.expect_error(USAGE, self.bare("session", "status", env={"PORTALKEY_PROFILE": "prod"}), "no profile named prod")
        self.assertIn(self.bare("--config", self.folder / "none.toml", "session", "status").code, (FAILED, USAGE))
        error = self.expect(USAGE, self.bare("--config", self.config("x = 1\n"), "session", "status", "-o", "json")).json_error()
        self.assertEqual("invalid_input", error["code"])

    def test_config_file_places(self):
        place = self.home / ".config" / "portalkey"
        place.mkdir(parents=True)
        (place / "config.toml").write_text('[profile.default]\ntenant = "contoso.com"\nfrom_home = 1\n')
        self.expect(USAGE, self.bare("session", "status"), "from_home", str(place))
        other = self.folder / "xdg" / "portalkey"
        other.mkdir(parents=True)
        (other / "config.toml").write_text('[profile.default]\nfrom_xdg = 1\n')
        self.expect(USAGE, self.bare("session", "status", env={"XDG_CONFIG_HOME": other.parent}), "from_xdg")
        named = self.folder / "named.toml"
        named.write_text('[profile.default]\nfrom_environment = 1\n')
        self.expect(USAGE, self.bare("session", "status", env={"PORTALKEY_CONFIG": named}), "from_environment")

    def test_files(self):
        for command in ("validate",):
            self.expect_error(FAILED, self.bare("tokens", command, self.folder / "nothing.csv"), "nothing.csv", "Check the path")
        self.expect_error(FAILED, self.bare("tokens", "validate", self.folder), str(self.folder))
        for name, code in {"traps/empty.csv": FAILED, "traps/missing-secret-column.csv": FAILED, "traps/workbook-named.csv": FAILED,
                           "traps/duplicates.csv": PARTLY, "entra/docs-6-columns.csv": DONE}.items():
            self.expect(code, self.bare("tokens", "validate", SEEDS / name))
        self.assertEqual("not_found", self.bare("tokens", "validate", self.folder / "nothing.csv", "-o", "json").json_error()["code"])

    def test_standard_output_that_is_closed_or_full(self):
        ran = subprocess.run(f"{shlex.quote(PROGRAM)} tokens validate {shlex.quote(str(DEMO))} -o json | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}",
                             shell=True, executable="/bin/bash", env=environment(self.home), capture_output=True, text=True, timeout=30)
        self.assertIn(ran.returncode, (DONE, PARTLY), f"a closed pipe is no error: {ran.stderr}")
        self.assertEqual("", ran.stderr)
        with open("/dev/full", "w") as full:
            ran = subprocess.run([PROGRAM, "tokens", "validate", DEMO], env=environment(self.home), stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(FAILED, ran.returncode)
        self.assertIn("cannot write to standard output", ran.stderr)


class Codes(EndToEnd):
    SIGNED_IN = True

    def test_one_of_each(self):
        file, rows = self.seeds(2)
        self.expect(DONE, self.pk("session", "refresh"))
        self.expect_error(FAILED, self.pk("tokens", "import", self.folder / "nothing.csv"), "nothing.csv")
        rows[0]["upn"] = "left.company@contoso.com"
        write_seeds(file, rows)
        self.expect(PARTLY, self.pk("tokens", "import", file), "1 active", "1 failed")
        write_seeds(file, rows[:1])
        self.expect(FAILED, self.pk("tokens", "import", file), "1 failed")
        self.sandbox.policy(refreshError=50173)
        self.expect_error(NEEDS_PERSON, self.pk("session", "refresh"))

    def import_that_waits(self, *more):
        """An import that has activated one token of four and waits for the limit's next window."""
        before = self.profile(limits="activations = 1\nactivation_window_seconds = 3600")
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        file, self.rows = self.seeds(4)
        args = [*before, "-vv", "tokens", "import", file, *more]
        process = start(args, self.home)
        while True:  # until it has the answer to its first activation
            ready, _, _ = select.select([process.stderr], [], [], 30)
            line = process.stderr.readline().decode() if ready else ""
            if not line:
                process.kill()
                self.fail(f"nothing was activated:\n{finish(process, args)}")
            if "/enable -> 200" in line:
                break
        return process, args, file

    def interrupted(self, sig, *more):
        process, args, file = self.import_that_waits(*more)
        process.send_signal(sig)
        ran = self.expect(INTERRUPTED, self.note(finish(process, args, timeout=10)), "interrupted")
        # The sandbox's own profile keeps another journal, and so does not wait out this one's hour.
        self.expect(DONE, self.pk("tokens", "import", file), "3 active, 1 already active")
        self.session_works(why="an interruption")
        return ran

    def test_interrupted_import_prints_what_was_done(self):
        ran = self.interrupted(signal.SIGINT)
        self.assertIn("4 tokens: 1 active, 3 not done", ran.out)
        self.assertEqual(3, ran.out.count("uploaded, but not activated: interrupted"))
        self.assertIn("goes on where it ended", ran.out)

    def test_terminated_import_prints_what_was_done_as_json(self):
        summary = self.interrupted(signal.SIGTERM, "-o", "json").json()["summary"]
        self.assertEqual((4, 1, 3), (summary["tokens"], summary["active"], summary["not done"]))

    def test_interrupted_twice_ends_at_once(self):
        self.sandbox.fault(host="portal", path="enable", kind="hang")
        file, _ = self.seeds(2)
        args = ["--sandbox", self.sandbox.folder, "tokens", "import", file]
        self.sandbox.forget_requests()
        process = start(args, self.home)
        end = time.monotonic() + 30
        while not self.sandbox.requests(part="/enable"):
            self.assertLess(time.monotonic(), end, "nothing was sent")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        self.assertEqual(INTERRUPTED, self.note(finish(process, args, timeout=10)).code)


if __name__ == "__main__":
    main()
