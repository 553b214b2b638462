"""The canary test: secrets that are easy to recognise go through everything, and must not be found in what the program says, in what
it writes, or in the memory it has when it ends."""
import threading

from harness import *

PASSPHRASE = mask("Kanarienvogel-passphrase-4711/+Zwitscher")
SHIM = os.environ.get("PORTALKEY_CANARY_SCAN", "")
SANITIZED = b"__asan_init" in pathlib.Path(PROGRAM).read_bytes() or b"__tsan_init" in pathlib.Path(PROGRAM).read_bytes()


def spellings(secret):
    """A secret as it is, and as it may be hidden in something: base64 in its three alignments, hex, percent-encoded."""
    secret = secret if isinstance(secret, bytes) else secret.encode()
    out = {"plain": secret, "hex": secret.hex().encode(), "HEX": secret.hex().upper().encode(),
           "percent-encoded": urllib.parse.quote(secret, safe="").encode(), "form-encoded": urllib.parse.quote_plus(secret).encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret)
        inner = text[4 if shift else 0:len(text) // 4 * 4 - 4]
        out[f"base64 at {shift}"] = inner
        out[f"base64url at {shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return {how: value for how, value in out.items() if len(value) >= 8}


class Canaries(EndToEnd):
    def setUp(self):
        super().setUp()
        self.secrets = {}
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()
        self.add("client secret", secret)
        self.add("passphrase", PASSPHRASE)
        self.file, self.rows = self.seeds(6, seed=33)
        self.rows[5]["upn"] = "left.company@contoso.com"  # one that fails
        write_seeds(self.file, self.rows)
        for row in self.rows:
            self.add("seed key", row["secret key"])
            self.add("seed key, decoded", base64.b32decode(row["secret key"]))
        self.bad_file = self.folder / "bad.csv"
        rows = [dict(r) for r in seed_rows(6, seed=34)]
        for row in rows:
            self.add("seed key of a bad row", row["secret key"])
        rows[0]["secret key"] = rows[0]["secret key"][:-1] + "1"
        rows[1]["time interval"] = "45"
        rows[2]["upn"] = "nobody"
        rows[3]["serial number"] = rows[4]["serial number"]
        rows[5]["secret key"] = base64.b32decode(rows[5]["secret key"]).hex().replace("a", "O")
        self.add("seed key of a bad row", rows[0]["secret key"][:-1])
        self.add("seed key of a bad row", rows[5]["secret key"])
        write_seeds(self.bad_file, rows)

    def add(self, name, value):
        self.secrets.setdefault(value if isinstance(value, bytes) else value.encode(), name)
        if isinstance(value, str):
            mask(value)

    def given_token(self):
        token = self.sandbox.refresh_token_of()
        self.add("refresh token that was given", token)
        file = self.folder / "given-token"
        file.write_text(token)
        return file

    def file_vault(self, **more):
        file = self.folder / "passphrase"
        file.write_text(PASSPHRASE + "\n")
        return self.profile(vault=f'type = "file"\npath = "{self.home}/vault/the.vault"\npassphrase_file = "{file}"',
                            state_dir=str(self.home / "state"), upload_timeout_seconds=2, **more)

    def search(self, where, content):
        """Fails if a secret, or a part of one, is in there."""
        content = content if isinstance(content, bytes) else content.encode(errors="surrogateescape")
        for secret, name in self.secrets.items():
            parts = [secret] if len(secret) <= 48 else [secret[:32], secret[len(secret) // 2:len(secret) // 2 + 32], secret[-32:]]
            for part in parts:
                for how, value in spellings(part).items():
                    if value in content:
                        self.fail(f"{where} has the {name}, {how}, at byte {content.index(value)}")
        if re.search(rb"eyJ0eXAiOiJKV1Qi", content) or re.search(rb"[01]\.AX0A[A-Za-z0-9_-]{10}", content):
            self.fail(f"{where} has a token")

    def said(self, args, env=None, stdin=None, codes=(DONE,)):
        """Runs it at the highest verbosity and looks at everything that can be seen of it."""
        args = list(map(str, args)) + ["-vv"]
        process = start(args, self.home, env, stdin)
        seen = []

        def look():  # at its arguments, while it runs
            try:
                while process.poll() is None and len(seen) < 1:
                    text = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
                    if text:
                        seen.append(text)
            except OSError:
                pass

        looker = threading.Thread(target=look)
        looker.start()
        ran = self.note(finish(process, args, stdin, timeout=120))  # an activation tries three codes, a minute apart
        looker.join()
        self.assertIn(ran.code, codes, str(ran))
        self.search(f"standard output of {args[-3:]}", ran.out)
        self.search(f"standard error of {args[-3:]}", ran.err)
        for text in seen:
            self.search("its arguments", text)
        return ran

    def all_files(self):
        for place in (self.home, self.sandbox.folder / "client"):
            for path in place.rglob("*"):
                if path.is_file():
                    self.search(f"the file {path.relative_to(self.folder)}", path.read_bytes())


class OutputAndFiles(Canaries):
    def everything(self, before, env=None):
        token = self.given_token()
        seen = lambda *args, **more: self.said([*before, *args], env=env, **more)
        seen("login", "--refresh-token-file", token)
        seen("login", "--refresh-token-file", "-", stdin=token.read_text())
        seen("session", "refresh")
        seen("session", "refresh", "-o", "json")
        seen("session", "status")
        seen("skus")
        seen("tokens", "validate", self.file)
        seen("tokens", "validate", self.bad_file, codes=(PARTLY, FAILED))
        seen("tokens", "validate", self.bad_file, "-o", "json", codes=(PARTLY, FAILED))
        seen("tokens", "import", self.file, "--dry-run")
        # Failures of every kind on the way.
        for rule in (dict(host="login", kind="503", times=2), dict(host="login", kind="reset-in-body", times=1),
                     dict(host="vault", kind="503", times=1), dict(host="vault", method="PUT", kind="reset-after-effect", times=1)):
            self.sandbox.fault(**rule)
            seen("session", "refresh")
            self.sandbox.no_faults()
        for code in (50076, 70000, 700082):
            self.sandbox.policy(refreshError=code)
            seen("session", "refresh", codes=(NEEDS_PERSON,))
            seen("session", "refresh", "-o", "json", codes=(NEEDS_PERSON,))
        self.sandbox.policy(refreshError=None, portalError=50173)
        seen("tokens", "import", self.file, codes=(NEEDS_PERSON,))
        self.sandbox.policy(portalError=None, uploadOutcome="errors")
        seen("tokens", "import", self.file, codes=(FAILED,))
        self.sandbox.policy(uploadOutcome="ok")
        for rule in (dict(kind="429", retryAfter=0, times=2), dict(kind="reset-in-body", times=1), dict(kind="slow-body", milliseconds=100, times=2)):
            self.sandbox.fault(host="portal", **rule)
        seen("tokens", "import", self.file, codes=(PARTLY,))
        seen("tokens", "import", self.bad_file, codes=(PARTLY, FAILED))
        seen("tokens", "list", "-o", "json")
        seen("api", "GET", HARDWARE_TOKEN + "users?skipToken=&upn=&enabledFilter=", "-o", "raw")
        seen("api", "GET", "//evil.example/", codes=(FAILED,))
        seen("tokens", "remove", "--yes", self.rows[0]["serial number"])
        for rule in (dict(host="vault", method="PUT", kind="503"),):
            self.sandbox.fault(**rule)
            seen("session", "refresh", codes=(DONE, FAILED))
            self.all_files()
            self.sandbox.no_faults()
        self.add("refresh token in the vault", self.sandbox.stored() or "nothing")
        for point in range(1, 30):
            ran = self.said([*before, "session", "refresh"], env={**(env or {}), "PORTALKEY_TEST_CRASH_AT": point}, codes=(DONE, -signal.SIGKILL))
            self.all_files()
            if ran.code == DONE:
                break
        self.all_files()

    def test_file_vault(self):
        self.everything(self.file_vault())

    def test_key_vault(self):
        self.everything(["--sandbox", str(self.sandbox.folder)])

    def test_refused_passphrases_and_secrets(self):
        before = self.file_vault()
        self.said([*before, "login", "--refresh-token-file", self.given_token()])
        self.add("wrong passphrase", "this-is-the-wrong-passphrase")
        (self.folder / "passphrase").write_text("this-is-the-wrong-passphrase")
        self.said([*before, "session", "refresh"], codes=(FAILED,))
        (self.folder / "passphrase").unlink()
        self.said([*before, "session", "refresh"], codes=(FAILED,))
        facts = self.sandbox.facts
        before = self.profile(vault=f'type = "key_vault"\nurl = "{facts["vaultUrl"]}"', credential=f'client_id = "{facts["clientId"]}"')
        self.add("wrong client secret", "wrong-client-secret~~")
        self.said([*before, "session", "refresh"], env={"AZURE_CLIENT_SECRET": "wrong-client-secret~~"}, codes=(FAILED,))

    def test_environment_of_the_process(self):
        """A passphrase given in the environment is gone from /proc/PID/environ once it has been read."""
        before = [*self.file_vault(), "session", "refresh"]
        text = (self.folder / "test.toml").read_text()
        self.said([*before[:-2], "login", "--refresh-token-file", self.given_token()])
        (self.folder / "test.toml").write_text("\n".join(line for line in text.splitlines() if not line.startswith("passphrase_file")))
        self.sandbox.forget_requests()
        self.sandbox.fault(host="login", kind="hang")
        process = start(before, self.home, {"PORTALKEY_PASSPHRASE": PASSPHRASE})
        try:
            end = time.monotonic() + 30
            while not self.sandbox.requests(service="login"):
                self.assertLess(time.monotonic(), end, "it sent nothing")
            seen = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
            self.assertIn(b"PORTALKEY_PASSPHRASE", seen, "this shows nothing: the environment is not readable")
            self.search("its environment", seen)
            self.search("its arguments", pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes())
            limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
            self.assertRegex(limits, r"Max core file size +0 +0 ", "it may dump core")
        finally:
            process.kill()
            finish(process, before)


@unittest.skipIf(not SHIM, "PORTALKEY_CANARY_SCAN does not name the shim (ctest builds it)")
@unittest.skipIf(SANITIZED, "a sanitizer keeps freed memory on purpose")
class Memory(Canaries):
    """What is left in the process's writable memory when it ends: heap, freed or not, stack and data of every library."""

    def scan(self, *args, env=None, stdin=None, codes=(DONE,)):
        """Runs it under the shim; returns the finds as {(what, mapping)}."""
        canaries, names = [], []

        def watch(name, value):
            canaries.append(value)
            names.append(name)

        control = "control-" + self.folder.name
        watch("control", control.encode())
        for secret, name in self.secrets.items():
            if len(secret) <= 48:
                watch(name, secret)
            else:  # any part of it
                for at in range(0, len(secret) - 32, 48):
                    watch(f"{name}, from byte {at}", secret[at:at + 24])
        # Any token, also those that this test cannot know: what all of the sandbox's have in common.
        watch("a refresh token", b".AgABAwEAAAA")
        header = self.access_token.split(".")[0].encode()
        watch("an access token's header", header[:48])
        for audience in (PORTAL_RESOURCE, "https://vault.azure.net"):
            text = '{"aud":"' + audience + '","iss":"https://sts.windows.net/'
            watch("an access token's claims", base64.urlsafe_b64encode(text.encode()[:len(text) // 3 * 3]))
        self.assertLess(len(canaries), 250)
        file, report = self.folder / "canaries", self.folder / "report"
        file.write_text("".join(bytes(b ^ 0x5A for b in c).hex() + "\n" for c in canaries))
        report.unlink(missing_ok=True)
        ran = self.bare(*args, stdin=stdin, env={"LD_PRELOAD": SHIM, "CANARY_FILE": file, "CANARY_REPORT": report, "CONTROL": control, **(env or {})})
        self.assertIn(ran.code, codes, str(ran))
        lines = report.read_text(errors="replace").splitlines() if report.exists() else []
        self.assertTrue(lines and lines[-1].startswith("scanned "), "the shim did not run to its end")
        found = [(names[int(line.split(" ", 1)[0])], line.split(" ", 2)[1], line) for line in lines[:-1]]
        self.assertIn(("control", "[stack]"), {f[:2] for f in found}, "the shim is blind: it did not find what is there")
        if os.environ.get("PORTALKEY_TEST_CANARY_DETAILS"):
            print("\n" + "\n".join(f"{names[int(l.split(' ', 1)[0])]}: {l}" for l in lines[:-1]), file=sys.stderr)
        return sorted({f"{re.sub(', from byte.*', '', name)} in {mapping}" for name, mapping, _ in found if name != "control"})

    def setUp(self):
        super().setUp()
        code = self.sandbox.refresh_token_of()
        self.access_token = mask(self.sandbox.redeem(code).json()["access_token"])

    def clean(self, *args, **more):
        with self.subTest(" ".join(map(str, args[-3:]))):
            found = self.scan(*args, **more)
            self.assertEqual([], found, f"left in memory by {' '.join(map(str, args))}")

    def test_validate(self):
        self.clean("tokens", "validate", self.file)
        self.clean("tokens", "validate", self.file, "-o", "json")
        self.clean("tokens", "validate", "-", stdin=self.file.read_text())
        self.clean("tokens", "validate", self.bad_file, codes=(PARTLY, FAILED))
        self.clean("tokens", "validate", self.bad_file, "-o", "json", codes=(PARTLY, FAILED))
        self.clean("tokens", "validate", self.bad_file, "--secret-encoding", "hex", codes=(PARTLY, FAILED))

    def test_login(self):
        self.clean("--sandbox", self.sandbox.folder, "login", "--refresh-token-file", self.given_token())
        self.clean("--sandbox", self.sandbox.folder, "login", "--refresh-token-file", "-", stdin=self.given_token().read_text())
        self.clean("--sandbox", self.sandbox.folder, "login", "--device-code")
        self.clean("--sandbox", self.sandbox.folder, "login", env={"BROWSER": browser(self.folder)})

    def test_refresh_with_key_vault(self):
        self.sign_in()
        self.add("refresh token in the vault", self.sandbox.stored())
        self.clean("--sandbox", self.sandbox.folder, "session", "refresh", "-vv")
        self.clean("--sandbox", self.sandbox.folder, "session", "status")
        self.clean("--sandbox", self.sandbox.folder, "session", "access-token")
        self.sandbox.fault(host="vault", method="PUT", kind="503")
        self.clean("--sandbox", self.sandbox.folder, "session", "refresh", codes=(FAILED,))
        self.sandbox.no_faults()
        self.clean("--sandbox", self.sandbox.folder, "session", "refresh")
        self.sandbox.policy(refreshError=70000)
        self.clean("--sandbox", self.sandbox.folder, "session", "refresh", codes=(NEEDS_PERSON,))

    def test_refresh_with_a_file_vault(self):
        before = self.file_vault()
        self.clean(*before, "login", "--refresh-token-file", self.given_token())
        self.clean(*before, "session", "refresh")
        self.clean(*before, "session", "status")
        self.add("wrong passphrase", "this-is-the-wrong-passphrase")
        (self.folder / "passphrase").write_text("this-is-the-wrong-passphrase")
        self.clean(*before, "session", "refresh", codes=(FAILED,))

    def test_import(self):
        self.sign_in()
        self.clean("--sandbox", self.sandbox.folder, "tokens", "import", self.file, "--dry-run")
        self.clean("--sandbox", self.sandbox.folder, "tokens", "import", self.file, codes=(PARTLY,))
        self.clean("--sandbox", self.sandbox.folder, "tokens", "import", self.bad_file, codes=(PARTLY, FAILED))
        self.clean("--sandbox", self.sandbox.folder, "tokens", "list")


if __name__ == "__main__":
    main()
