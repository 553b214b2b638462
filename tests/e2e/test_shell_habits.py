"""What a command line is expected to do: --jq, JSON for people and for pipes, completion in real shells, manual pages."""
from harness import *


class Jq(EndToEnd):
    SANDBOX = None

    def test_prints_what_jq_makes_of_it(self):
        file, rows = self.seeds(3)
        ran = self.expect(DONE, self.bare("tokens", "validate", file, "--jq", ".tokens[].serial"))
        self.assertEqual([row["serial number"] for row in rows], ran.out.split())
        ran = self.expect(DONE, self.bare("tokens", "validate", file, "--jq", ".tokens | length"))
        self.assertEqual("3\n", ran.out)
        ran = self.expect(DONE, self.bare("tokens", "validate", file, "-o", "json", "--jq", "-1"))
        self.assertEqual("-1\n", ran.out, "an expression may begin as an option does")

    def test_a_bad_expression_does_nothing(self):
        file, _ = self.seeds(1)
        out = self.folder / "out.csv"
        self.expect_error(USAGE, self.bare("tokens", "validate", file, "--jq", ".tokens["), "jq does not understand the expression", "nothing was done")
        self.expect_error(USAGE, self.bare("session", "access-token", "--jq", "."), "no JSON to give")
        self.expect_error(USAGE, self.bare("tokens", "validate", file, "-o", "table", "--jq", "."), "--jq works on JSON")
        self.assertFalse(out.exists())

    def test_an_expression_that_fails_on_the_result_is_told(self):
        file, _ = self.seeds(1)
        ran = self.bare("tokens", "validate", file, "--jq", ".format | .[0].x")
        self.expect_error(FAILED, ran, "error: jq:", "Cannot index")

    def test_without_jq(self):
        file, _ = self.seeds(1)
        folder = self.folder / "bin"
        folder.mkdir()
        ran = self.bare("tokens", "validate", file, "--jq", ".", env={"PATH": str(folder)})
        self.expect_error(USAGE, ran, "--jq needs jq", "apt install jq")

    def test_json_is_indented_on_a_terminal_and_one_line_in_a_pipe(self):
        ran = self.expect(DONE, self.bare("portal", "operations", "SecurityDefaults", "-o", "json"))
        self.assertEqual(1, ran.out.count("\n"))
        operations = json.loads(ran.out)
        self.assertEqual({"SecurityDefaults.Configuration.Get", "SecurityDefaults.Status.Get"}, {one["name"] for one in operations})
        shown = self.note(run_on_terminal("portal", "operations", "SecurityDefaults", "-o", "json", home=self.home)).out
        self.assertGreater(shown.count("\n"), 10, shown)
        self.assertEqual(operations, json.loads(shown))


class Portal(EndToEnd):
    def test_operations_are_listed_and_read_by_name(self):
        ran = self.expect(DONE, self.bare("portal", "operations", "hardwaretoken"), "MultiFactorAuthentication.HardwareToken.Users.List",
                          "[upn=]", "operations with \"hardwaretoken\"")
        self.assertNotIn("skipToken", ran.out)
        self.sign_in()
        ran = self.expect(DONE, self.pk("portal", "get", "accountskus.list", "--jq", ".[0].name"))
        self.assertTrue(ran.out.strip())
        self.expect_error(FAILED, self.pk("portal", "get", "Group.id.get", "groupId=00000000-0000-4000-8000-000000000001"), "404")

    def test_a_list_in_pages_is_whole(self):
        file, rows = self.seeds(60)
        self.sign_in()
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"))
        name = "MultiFactorAuthentication.HardwareToken.Users.List"
        ran = self.expect(DONE, self.pk("portal", "get", name, "--jq", ".items[].serialNumber"))
        self.assertEqual(sorted(row["serial number"] for row in rows), sorted(ran.out.split()))
        ran = self.expect(DONE, self.pk("portal", "get", name, "--first-page", "--jq", ".items | length"))
        self.assertEqual("25\n", ran.out)

    def test_what_is_not_known_is_refused_before_anything_is_asked(self):
        self.expect_error(USAGE, self.bare("portal", "get", "skus"), "no read of the portal's API is known as skus", "AccountSkus.List")
        self.expect_error(USAGE, self.bare("portal", "get", "Group.id.get"), "Group.id.get needs groupId")
        self.expect_error(USAGE, self.bare("portal", "get", "AccountSkus.List", "colour=red"), "has no parameter colour")
        self.expect_error(USAGE, self.bare("portal", "get", "AccountSkus.List", "red"), "red is not NAME=VALUE")


class Completion(EndToEnd):
    SANDBOX = None

    def shell(self, *command):
        """With the program on PATH, and a config file with two profiles."""
        config = self.folder / ".config" / "portalkey"
        config.mkdir(parents=True, exist_ok=True)
        (config / "config.toml").write_text('[profile.prod]\ntenant = "contoso.com"\n[profile.test]\ntenant = "fabrikam.com"\n')
        (self.folder / "seeds.csv").write_text("")
        path = os.path.dirname(program()) + ":/usr/bin:/bin"
        return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.folder,
                              env={"PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"})

    def bash(self, *words):
        typed = " ".join(shlex.quote(word) for word in words)
        ran = self.shell("bash", "--norc", "-c", ". <(portalkey completion bash)\n"
                         f"COMP_WORDS=(portalkey {typed}); COMP_CWORD={len(words)}\ncompopt() {{ :; }}\n_portalkey; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
        self.assertEqual("", ran.stderr)
        return ran.stdout.split()

    def test_bash(self):
        self.assertIn("tokens", self.bash("to"))
        self.assertEqual(["validate"], self.bash("tokens", "val"))
        self.assertEqual(["prod", "test"], self.bash("--profile", ""))
        self.assertIn("--until", self.bash("tokens", "import", "--un"))
        self.assertEqual(["seeds.csv"], self.bash("tokens", "import", "see"))
        self.assertEqual(["json"], self.bash("tokens", "list", "-o", "j"))

    def test_zsh(self):
        ran = self.shell("zsh", "-f", "-c", "compdef() { :; }; _describe() { print -l -- \"${(@)described}\"; }; _files() { print FILES; }\n"
                         "portalkey completion zsh > z; . ./z; words=(portalkey tokens val); CURRENT=3; _portalkey\n"
                         "words=(portalkey tokens import ''); CURRENT=4; _portalkey")
        self.assertEqual("", ran.stderr)
        self.assertIn("validate:", ran.stdout)
        self.assertIn("FILES", ran.stdout)

    def test_fish(self):
        ran = self.shell("fish", "--no-config", "-c", "portalkey completion fish | source; complete -C 'portalkey tokens val'; "
                         "complete -C 'portalkey --profile '; complete -C 'portalkey tokens import see'")
        self.assertEqual("", ran.stderr)
        self.assertIn("validate\t", ran.stdout)
        self.assertIn("prod\t", ran.stdout)
        self.assertIn("seeds.csv", ran.stdout)

    def test_no_name_of_it_in_the_help(self):
        self.assertNotIn("__complete", self.expect(DONE, self.bare("--help")).out)


class JobNames(EndToEnd):
    def test_jobs_are_completed(self):
        file, _ = self.seeds(1)
        self.expect(DONE, self.bare("__complete", "--sandbox", self.sandbox.folder, "jobs", "show", ""), "none\n")
        self.sign_in()
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"))
        ran = self.expect(DONE, self.pk("jobs", "list", "--jq", ".[0].id"))
        words = [line.split("\t")[0] for line in self.bare("__complete", "--sandbox", self.sandbox.folder, "jobs", "show", "").out.splitlines()]
        self.assertEqual(["none", "last", ran.out.strip()], words)


class Manual(EndToEnd):
    SANDBOX = None

    def test_every_command_has_a_page_that_reads_without_a_complaint(self):
        pages = self.folder / "man1"
        pages.mkdir()
        self.expect(DONE, self.bare("man", "--dir", pages), " pages in ")
        names = sorted(page.name for page in pages.iterdir())
        self.assertIn("portalkey.1", names)
        self.assertIn("portalkey-tokens-import.1", names)
        for page in pages.iterdir():
            with self.subTest(page.name):
                self.assertTrue(page.read_text().startswith(".TH "))
        self.assertEqual((pages / "portalkey-tokens-import.1").read_text(), self.bare("man", "tokens", "import").out)
        ran = subprocess.run(["groff", "-man", "-Tascii", "-P-cbou", "-ww", *sorted(pages.iterdir())], capture_output=True, text=True, timeout=60)
        self.assertEqual("", ran.stderr)
        self.assertIn("portalkey tokens import", ran.stdout)

    def test_of_a_command_that_is_none(self):
        self.expect_error(USAGE, self.bare("man", "tokens", "fly"), "there is no command tokens fly")


if __name__ == "__main__":
    main()
