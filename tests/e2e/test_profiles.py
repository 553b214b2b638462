"""Somebody who looks after many tenants: what profiles there are, and one command for all of them."""
from harness import *


class Profiles(EndToEnd):
    SANDBOX = None

    def setUp(self):
        super().setUp()
        self.folder_of_config = self.home / ".config" / "portalkey"
        self.folder_of_config.mkdir(parents=True)

    def config(self, text):
        (self.folder_of_config / "config.toml").write_text(text)

    def test_they_are_listed_shown_and_checked(self):
        self.config('[profile.prod]\ntenant = "contoso.com"\nbackend = "graph"\n[profile.gov]\ntenant = "fabrikam.us"\ncloud = "usgov"\n'
                    '[profile.bad]\ntenant = 5\n')
        ran = self.expect(DONE, self.bare("profiles", "list"), "prod", "graph", "fabrikam.us", "invalid", "3 profiles", "profiles check")
        ran = self.expect(USAGE, self.bare("profiles", "check"), "prod: fine", "gov: fine", "bad: ", "tenant must be text", "line: 8", "what to do")
        found = json.loads(self.bare("profiles", "list", "-o", "json").out)
        self.assertEqual(["prod", "gov", "bad"], [one["name"] for one in found])
        self.assertEqual("contoso.com", found[0]["profile"]["tenant"])
        self.assertIsNone(found[2]["profile"])
        self.expect(DONE, self.bare("profiles", "show", "gov"), "fabrikam.us", "usgov", "RefreshToken, 10 versions kept")
        self.assertEqual("usgov", json.loads(self.bare("profiles", "show", "gov", "-o", "json").out)["cloud"])
        self.expect_error(USAGE, self.bare("profiles", "show", "nobody"), "there is no profile named nobody", "prod")

    def test_without_any(self):
        self.expect(DONE, self.bare("profiles", "list"), "0 profiles")
        self.expect_error(USAGE, self.bare("doctor", "--all-profiles"), "there are no profiles")
        self.expect_error(USAGE, self.bare("profiles", "list", "--config", self.folder / "none.toml"))

    def test_one_or_all(self):
        self.config('[profile.a]\ntenant = "contoso.com"\n')
        self.expect_error(USAGE, self.bare("doctor", "--all-profiles", "--profile", "a"), "exclude each other")


class AllProfiles(EndToEnd):
    def setUp(self):
        super().setUp()
        self.sign_in()
        folder = self.home / ".config" / "portalkey"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f'[profile.good]\nsandbox = "{self.sandbox.folder}"\nstate_dir = "{self.sandbox.folder}/client/state"\n'
                                            f'[profile.bad]\ntenant = 5\n[profile.other]\nsandbox = "{self.folder}/nowhere"\n')

    def test_sessions_of_all(self):
        ran = self.bare("session", "health", "--all-profiles")
        self.assertEqual((USAGE, 3), (ran.code, len(ran.out.splitlines())), ran)
        self.assertIn("good: ok: " + SERVICE_ACCOUNT, ran.out)
        before = self.sandbox.versions()
        ran = self.bare("session", "refresh", "--all-profiles", "-o", "json")
        self.assertEqual([0, 2, 2], [one["exitCode"] for one in ran.json()])
        self.assertEqual(([], SERVICE_ACCOUNT), (ran.json()[0]["result"]["warnings"], ran.json()[0]["result"]["account"]))
        self.assertEqual(len(before) + 1, len(self.sandbox.versions()))

    def test_the_worst_code_and_a_line_each(self):
        ran = self.bare("doctor", "--all-profiles")
        self.assertEqual(USAGE, ran.code, ran)
        lines = ran.out.splitlines()
        self.assertEqual(3, len(lines), ran)
        self.assertIn("good: ", lines[0])
        self.assertIn("bad: error: ", lines[1])
        ran = self.bare("doctor", "--all-profiles", "-o", "json")
        found = json.loads(ran.out)
        self.assertEqual(["good", "bad", "other"], [one["profile"] for one in found])
        self.assertEqual(2, found[1]["exitCode"])
        self.assertIn("tenant must be text", found[1]["error"]["what"])
        self.assertTrue(found[0]["result"]["findings"] if "findings" in found[0]["result"] else found[0]["result"])

    def test_tokens_report(self):
        ran = self.bare("tokens", "report", "--all-profiles")
        self.assertIn("good: 0 tokens", ran.out, ran)
        self.assertEqual(USAGE, ran.code)


if __name__ == "__main__":
    main()
