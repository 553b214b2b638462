"""Signing in: what a person does and may do wrong, and what must never be stored."""
from html.parser import HTMLParser

from harness import *


class Page(HTMLParser):
    """What a browser makes of the sign-in page: its text and its form."""

    def __init__(self, html):
        super().__init__()
        self.words, self.fields, self.choices, self.buttons, self.method = "", {}, [], {}, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.method = a.get("method", "get")
        elif tag == "input" and a.get("type") == "radio":
            self.choices.append(a["value"])
            if "checked" in a:
                self.fields[a["name"]] = a["value"]
        elif tag == "input" and a.get("type") == "checkbox":
            if "checked" in a:
                self.fields[a["name"]] = a.get("value", "on")
        elif tag == "input":
            self.fields[a["name"]] = a.get("value", "")
        elif tag == "button" and "name" in a:
            self.buttons[a["value"]] = a["name"]

    def handle_data(self, data):
        self.words += data


class Person:
    """Somebody with a browser."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.page = None

    def open(self):
        self.page = Page(self.sandbox.http("GET", "/devicelogin").body)

    def submit(self, button=None, **typed):
        form = {**self.page.fields, **typed}
        if button:
            form[self.page.buttons[button]] = button
        answer = self.sandbox.http("POST", "/devicelogin", urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        self.page = Page(answer.body)
        return self.page


class Login:
    """A login that runs and tells a person what to do."""

    def __init__(self, test, args):
        self.test, self.args = test, list(map(str, args))
        self.process = start(self.args, test.home)
        self.err = ""

    def code(self):
        """The next code it asks a person to enter."""
        while True:
            ready, _, _ = select.select([self.process.stderr], [], [], 30)
            line = self.process.stderr.readline().decode() if ready else ""
            self.err += line
            if not line:
                self.process.kill()
                self.end()
                self.test.fail("it showed no code")
            found = re.search(r"open (\S+) in a web browser and enter the code ([A-Z0-9]{9})", line)
            if found:
                self.place = found[1]
                return found[2]

    def end(self):
        ran = finish(self.process, self.args)
        ran.err = self.err + ran.err
        return self.test.note(ran)


class ByPage(EndToEnd):
    SANDBOX = ("--upload-delay", "0")

    def login(self, *before):
        self.addCleanup(lambda: login.process.poll() is None and login.process.kill())
        login = Login(self, [*(before or ("--sandbox", self.sandbox.folder)), "login", "--device-code"])
        return login

    def test_as_a_person_does(self):
        login, person = self.login(), Person(self.sandbox)
        code = login.code()
        self.assertEqual("https://microsoft.com/devicelogin", login.place)
        person.open()
        self.assertIn("Enter code", person.page.words)
        self.assertIn("didn't work", person.submit(code="WRONGCODE").words)
        page = person.submit(code=code.lower())
        self.assertIn("Pick an account", page.words)
        self.assertIn("Microsoft Azure PowerShell", page.words)
        self.assertIn(SERVICE_ACCOUNT, page.choices)
        self.assertIn("incorrect", person.submit("continue", other="nobody@contoso.com").words)
        self.assertIn("50057", person.submit("continue", account="former.employee@contoso.com").words)
        self.assertIn("You have signed in", person.submit("continue", account=SERVICE_ACCOUNT).words)
        ran = self.expect(DONE, login.end(), "Signed in: " + SERVICE_ACCOUNT, f"http://127.0.0.1:{self.sandbox.facts['adminPort']}/devicelogin")
        self.assertNotIn("multi-factor", ran.err)
        self.assertEqual(1, len(self.sandbox.versions()))
        person.open()
        self.assertIn("didn't work", person.submit(code=code).words, "a code works twice")
        self.session_works(why="the sign-in through the page")

    def test_declined(self):
        login, person = self.login(), Person(self.sandbox)
        person.open()
        person.submit(code=login.code())
        self.assertIn("cancelled", person.submit("cancel").words)
        self.expect_error(NEEDS_PERSON, login.end(), "declined", "portalkey login")
        self.assertEqual([], self.sandbox.versions(), "something was stored")

    def test_without_multi_factor_authentication(self):
        login, person = self.login(), Person(self.sandbox)
        person.open()
        person.submit(code=login.code())
        del person.page.fields["mfa"]
        person.submit("continue", account=SERVICE_ACCOUNT)
        self.expect(DONE, login.end(), "warning: ", "without multi-factor authentication")

    def test_interrupted_while_it_waits(self):
        login = self.login()
        login.code()
        login.process.send_signal(signal.SIGINT)
        self.expect(INTERRUPTED, login.end(), "interrupted")
        self.assertEqual([], self.sandbox.versions())

    def test_two_sign_ins_when_a_person_opens_the_vault(self):
        """A profile with a vault and no credential: first who may write to the vault, then the service account."""
        before = self.profile(vault=f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"')
        login, person = self.login("--credential", "device_code", *before), Person(self.sandbox)
        first = login.code()
        person.open()
        self.assertIn("vault.azure.net", person.submit(code=first).words)
        self.assertEqual(ADMIN_ACCOUNT, person.page.fields["account"], "the page proposes another account")
        person.submit("continue", account=ADMIN_ACCOUNT)
        second = login.code()
        person.open()
        self.assertIn(PORTAL_RESOURCE, person.submit(code=second).words)
        person.submit("continue", account=SERVICE_ACCOUNT)
        ran = self.expect(DONE, login.end(), "account that may write to the vault", "opened by a person, by device code",
                          "Signed in: " + SERVICE_ACCOUNT)
        self.assertLess(ran.err.index(first), ran.err.index(second))
        self.assertEqual(1, len(self.sandbox.versions()))
        self.session_works(why="two sign-ins")

    def test_the_vault_is_tried_before_a_person_signs_in(self):
        self.sandbox.admin("POST", "/vault-roles", {"principal": self.sandbox.facts["clientId"], "role": "none"})
        ran = self.pk("login", "--device-code")
        self.expect_error(FAILED, ran, "Key Vault Secrets Officer")
        self.assertNotIn("enter the code", ran.err, "a person signed in for nothing")


def shown_page(text):
    """The sandbox's own address of the sign-in that was shown last."""
    return re.findall(r"page is (http://127\.0\.0\.1:\d+/sign-in/\S+)\)", text)[-1]


class ByBrowser(EndToEnd):
    """The default: authorization code with PKCE, which comes back to a port of this machine or is pasted."""

    def come_back(self, text, **form):
        """What a browser is sent on to that opens the address shown; with a form, from the page that asks for an account."""
        path = shown_page(text).split("/", 3)[3]
        if form:
            page = Page(self.sandbox.http("GET", "/" + path).body)
            answer = self.sandbox.http("POST", "/" + path, urllib.parse.urlencode({**page.fields, **form}),
                                       {"Content-Type": "application/x-www-form-urlencoded"})
        else:
            answer = self.sandbox.http("GET", "/" + path)
        self.assertEqual(302, answer.status, masked(answer.body))
        return answer.headers["Location"]

    def nothing_stored(self, before):
        self.assertEqual(before, self.sandbox.versions(), "something was stored")
        self.assertFalse([f for f in self.state_files() if f.endswith("escrow.sealed")])

    def test_a_browser_is_opened_without_being_told(self):
        ran = self.expect(DONE, self.pk("login", env={"BROWSER": browser(self.folder)}), "Signed in: " + SERVICE_ACCOUNT,
                          "a browser of this machine is opened")
        self.assertEqual([], self.sandbox.requests(part="/devicecode"))
        self.assertNotIn("device code", ran.text)
        self.session_works(why="the sign-in by browser")

    def test_the_device_code_flow_says_what_it_costs(self):
        self.expect(DONE, self.pk("login", "--device-code"), "warning: tenants made since July 2026 block the device code flow",
                    "ends on the day a policy blocks it")
        self.expect(USAGE, self.pk("login", "--device-code", "--browser"), "--browser")

    def test_pasted_where_there_is_no_browser(self):
        pasted = []

        def paste(what):
            return lambda shown: pasted.append(mask(what(shown))) or pasted[-1]

        older = "http://localhost:1/?code=1.AX0AanOlderOneOfYesterday&state=older"
        ran = self.on_terminal("login", env={"SSH_CONNECTION": "198.51.100.7 50000 192.0.2.1 22", "USER": "op"}, answers=[
            ("press Enter", older), ("another sign-in", "hello"), ("neither an address", shown_page),
            ("sign-in page's own address", paste(self.come_back))])
        self.expect(DONE, ran, "no browser was found on this machine", "Signed in: " + SERVICE_ACCOUNT)
        self.assertRegex(ran.out, r"ssh -L (\d+):localhost:\1 op@192\.0\.2\.1")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(pasted[0]).query)["code"][0]
        self.assertNotIn(code, ran.out, "the code is shown")
        self.session_works(why="a pasted address")

    def test_the_code_alone_is_pasted(self):
        code = lambda shown: mask(urllib.parse.parse_qs(urllib.parse.urlsplit(self.come_back(shown)).query)["code"][0])
        self.expect(DONE, self.on_terminal("login", answers=[("press Enter", code)]), "Signed in: " + SERVICE_ACCOUNT)
        before = self.sandbox.versions()
        earlier = []
        self.on_terminal("login", answers=[("press Enter", lambda shown: earlier.append(code(shown)) or "\x03")])
        ran = self.on_terminal("login", answers=[("press Enter", lambda _: earlier[0])])
        self.expect(NEEDS_PERSON, ran, "the code that was pasted is not of this sign-in", "portalkey login")
        self.nothing_stored(before)
        self.session_works(why="a code of an earlier attempt")

    def test_cancelled_and_refused_leave_the_session_as_it_was(self):
        self.sign_in()
        before = self.sandbox.versions()
        self.sandbox.stop()
        self.sandbox.start(flags=("--upload-delay", "0"))  # a person decides
        cancel = lambda shown: self.come_back(shown, decision="cancel")
        self.expect(NEEDS_PERSON, self.on_terminal("login", answers=[("press Enter", cancel)]), "the person declined (AADSTS65004)",
                    "portalkey login")
        self.nothing_stored(before)
        another = lambda shown: mask(self.come_back(shown, decision="continue", account="helpdesk@contoso.com"))
        self.expect(FAILED, self.on_terminal("login", answers=[("press Enter", another)]), "helpdesk@contoso.com has no role",
                    "nothing was stored")
        self.nothing_stored(before)
        self.session_works(why="a sign-in that was cancelled, and one of another account")

    def test_the_first_answer_counts_and_no_second(self):
        args = ["--sandbox", self.sandbox.folder, "login"]
        process = start(args, self.home)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        shown = ""
        while "page is http" not in shown:
            shown += process.stderr.readline().decode()
        back = urllib.parse.urlsplit(self.come_back(shown))

        def visit():
            connection = http.client.HTTPConnection("localhost", back.port, timeout=30)
            connection.request("GET", back.path + "?" + back.query)
            return connection.getresponse().status
        self.assertEqual(200, visit())
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            visit()
        self.expect(DONE, self.note(finish(process, args)), "Signed in: " + SERVICE_ACCOUNT)
        self.assertEqual(1, len(self.sandbox.versions()))


class Judged(EndToEnd):
    """The sandbox's auto-approval signs in whom the test names."""

    def refused(self, *words, before=None, args=(), code=FAILED):
        versions = self.sandbox.versions()
        ran = self.bare(*before, "login", "--device-code", *args) if before else self.pk("login", "--device-code", *args)
        self.expect_error(code, ran, *words)
        self.assertEqual(versions, self.sandbox.versions(), "a token was stored although it was refused")
        self.assertFalse([f for f in self.state_files() if f.endswith("escrow.sealed")], "the escrow holds a refused token")
        return ran

    def test_wrong_accounts(self):
        self.sandbox.admin("POST", "/users", {"upn": "guest.admin_fabrikam.com#EXT#@contoso.onmicrosoft.com", "guest": True,
                                              "roles": ["Global Administrator"]})
        for upn, words in {"helpdesk@contoso.com": ["no role", "Global Administrator", "nothing was stored"],
                           "guest.admin_fabrikam.com#EXT#@contoso.onmicrosoft.com": ["guest", "nothing was stored"]}.items():
            with self.subTest(upn):
                self.sandbox.policy(nextApprover=upn)
                self.refused(*words)
        with self.subTest("another role"):
            self.sandbox.admin("POST", "/users", {"upn": "helper@contoso.com", "roles": ["Helpdesk Administrator"]})
            self.sandbox.policy(nextApprover="helper@contoso.com")
            self.refused("helper@contoso.com", "role", "nothing was stored")
        with self.subTest("the vault still has what it had"):
            self.sign_in()
            self.sandbox.policy(nextApprover="helpdesk@contoso.com")
            self.refused("helpdesk@contoso.com")
            self.expect(DONE, self.pk("session", "status"), SERVICE_ACCOUNT)
            self.session_works(why="a refused login")

    def test_any_role(self):
        self.sandbox.policy(nextApprover="helpdesk@contoso.com")
        self.expect(DONE, self.pk("login", "--device-code", "--any-role"), "Signed in: helpdesk@contoso.com")
        self.session_works(why="--any-role")

    def test_activation_only_role(self):
        self.sandbox.admin("POST", "/users", {"upn": "activator@contoso.com", "roles": ["Privileged Authentication Administrator"]})
        self.sandbox.policy(nextApprover="activator@contoso.com")
        self.expect(DONE, self.pk("login", "--device-code"), "Signed in: activator@contoso.com (Privileged Authentication Administrator)")
        file, _ = self.seeds(2)
        self.expect_error(FAILED, self.pk("tokens", "import", file), "Global Administrator")

    def test_the_profile_names_the_account(self):
        before = self.profile(service_account="somebody.else@contoso.com")
        self.refused(SERVICE_ACCOUNT, "somebody.else@contoso.com", before=before)
        self.expect(DONE, self.bare(*self.profile(service_account=SERVICE_ACCOUNT.upper()), "login", "--device-code"), "Signed in: " + SERVICE_ACCOUNT)

    def test_another_account_takes_the_session_over(self):
        self.sign_in()
        self.sandbox.policy(nextApprover=ADMIN_ACCOUNT)
        self.expect(DONE, self.pk("login", "--device-code"), "warning: ", f"belonged to {SERVICE_ACCOUNT} before")
        self.expect(DONE, self.pk("session", "status"), ADMIN_ACCOUNT)

    def test_another_tenant(self):
        self.refused("tenant", before=self.profile(tenant="11111111-2222-3333-4444-555555555555",
                                                   vault=f'type = "file"\npath = "v"\npassphrase_file = "{self.passphrase()}"'))

    def test_tenant_by_domain_name(self):
        before = self.profile(tenant="contoso.com")
        self.expect(DONE, self.bare(*before, "login", "--device-code"), "Signed in: " + SERVICE_ACCOUNT)
        self.session_works(*before, why="a tenant given by its domain")

    def passphrase(self):
        file = self.folder / "passphrase"
        file.write_text(mask("a passphrase for this test") + "\n")
        return file


class Unknown(EndToEnd):
    """Codes that portalkey does not know: Entra's own words, and no cure that is not known."""

    def test_every_code_comes_with_entras_words(self):
        self.expect(DONE, self.pk("login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        for code, text in ((530999, "The application 'Contoso Tokens' does not meet the policy 'Approved apps'."),
                           (999000, "The service principal for resource '74658136-14ec-4630-ad9b-26e160ff0fc6' is disabled."),
                           (999001, "Something that nobody has seen. It says more."), (999002, "An escape \x1b[31m and a token eyJhbGciOiJub25lIn0.e30.x")):
            with self.subTest(code=code):
                self.sandbox.policy(errorTexts={str(code): text}, refreshError=code)
                ran = self.pk("session", "refresh")
                self.expect_error(NEEDS_PERSON, ran, "Entra refused, and says: ", f"AADSTS{code}", "correlation id", "sign-in log")
                self.assertNotIn("portalkey login", ran.err)
                self.assertNotIn("\x1b", ran.err)
                self.assertNotIn("eyJhbGciOiJub25lIn0", ran.err)
        self.sandbox.policy(refreshError=None)
        self.expect(DONE, self.pk("session", "refresh"))


class Given(EndToEnd):
    """--refresh-token-file"""

    def test_from_a_file_and_from_standard_input(self):
        file = self.folder / "token"
        file.write_text(self.sandbox.refresh_token_of() + "\n")
        self.expect(DONE, self.pk("login", "--refresh-token-file", file), "Signed in: " + SERVICE_ACCOUNT)
        self.session_works(why="a token from a file")
        self.expect(DONE, self.pk("login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of() + "\r\n"), "Signed in: ")
        self.session_works(why="a token from standard input")

    def test_useless_ones(self):
        garbage = self.folder / "garbage"
        garbage.write_text(mask("1.AX0A" + "x" * 900))
        self.expect_error(NEEDS_PERSON, self.pk("login", "--refresh-token-file", garbage), "AADSTS70000", "portalkey login")
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", self.folder / "nothing"), "nothing")
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", "-", stdin="\n"), "no refresh token")
        empty = self.folder / "empty"
        empty.write_text("\n")
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", empty), "empty")
        huge = self.folder / "huge"
        huge.write_text("x" * 100_000)
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", huge), "larger")
        self.sandbox.admin("POST", "/users", {"upn": "helpdesk@contoso.com"})
        other = self.folder / "other"
        other.write_text(self.sandbox.refresh_token_of("helpdesk@contoso.com"))
        self.expect_error(FAILED, self.pk("login", "--refresh-token-file", other), "no role")
        self.assertEqual([], self.sandbox.versions(), "something was stored")

    def test_no_session_yet(self):
        for command in (["session", "refresh"], ["session", "status"], ["session", "access-token"], ["skus"], ["tokens", "list"]):
            self.expect_error(NEEDS_PERSON, self.pk(*command), "no secret named RefreshToken", "portalkey login")


if __name__ == "__main__":
    main()
