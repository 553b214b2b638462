"""Lists of tokens and people, which hold no secret keys: what they can say of tokens that the tenant has."""
import re

import harness
from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd, mask, write_seeds
from test_backends import Backend


class Lists(Backend):
    def setUp(self):
        super().setUp()
        self.file, self.rows = self.seeds(4)
        self.numbers = [row["serial number"] for row in self.rows]

    def list(self, *rows, header="Seriennummer;Mitarbeiter", name="hr.csv"):
        path = self.folder / name
        path.write_text("".join(line + "\n" for line in [header, *(";".join(row) for row in rows)] if line))
        return path

    def have(self, *wanted, upn=True):
        rows = [self.rows[i] if upn else {**self.rows[i], "upn": ""} for i in wanted]
        self.expect(DONE, self.on("tokens", "import", write_seeds(self.folder / "before.csv", rows)))

    def plan(self, code, *args):
        document = self.expect(code, self.on("tokens", "plan", *args, "-o", "json")).json()
        return {change["serial"]: change for change in document["changes"]}, {row["serial"]: row for row in document["impossible"]}, document


class OnEither:
    def test_what_the_tenant_has_needs_no_key(self):
        self.have(0, 1)
        listed = self.list(*((row["serial number"], row["upn"]) for row in self.rows[:3]))
        for header in ("Seriennummer;Mitarbeiter", "Token-Nr.;Anmeldename", "Serial No;Assigned to"):
            changes, impossible, document = self.plan(PARTLY, self.list(*((row["serial number"], row["upn"]) for row in self.rows[:3]), header=header))
            self.assertEqual(({}, 2), (changes, document["unchanged"]), header)
            self.assertEqual([self.numbers[2]], list(impossible))
            self.assertIn("does not have its secret key", impossible[self.numbers[2]]["reason"])
            self.assertIn("tokens import", impossible[self.numbers[2]]["remedy"])
            self.assertEqual(4, impossible[self.numbers[2]]["line"])
        self.expect(PARTLY, self.on("tokens", "apply", listed, "--yes"), "2 already active", "1 rejected")

    def test_columns_by_name(self):
        self.have(0)
        odd = self.list((self.rows[0]["upn"], "x", self.numbers[0]), header="Wer;Raum;Welches")
        self.expect_error(FAILED, self.on("tokens", "plan", odd))
        _, impossible, document = self.plan(DONE, odd, "--map", "serial=Welches", "--map", "upn=Wer")
        self.assertEqual(({}, 1), (impossible, document["unchanged"]))

    def test_a_seed_file_of_which_some_rows_have_no_key(self):
        self.have(0)
        self.rows[0]["secret key"] = "-"
        self.rows[0]["time interval"] = ""
        self.rows[3]["secret key"] = ""
        self.rows[2]["secret key"] = mask("not-base32!")
        changes, impossible, document = self.plan(PARTLY, write_seeds(self.file, self.rows))
        self.assertEqual([self.numbers[1]], list(changes))
        self.assertEqual({self.numbers[2], self.numbers[3]}, set(impossible))
        self.assertIn("does not have its secret key", impossible[self.numbers[3]]["reason"])
        self.assertEqual(1, document["unchanged"])
        self.expect_error(FAILED, self.on("tokens", "plan", self.file, "--prune"), "rows of the file cannot be read")

    def test_what_is_no_such_list_is_refused(self):
        self.have(0, 1)
        for rows, header, words in (([("1",)], "Seriennummer", "does not say of any token who has it"),
                                    ([(self.numbers[0], ""), (self.numbers[1], "")], "Seriennummer;Mitarbeiter", "does not say of any token"),
                                    ([("a@contoso.com",)], "Mitarbeiter", "no serial numbers"),
                                    ([(self.numbers[0], "7", "a@contoso.com")], "New serial;Old serial;UPN", "tokens replace"),
                                    ([(self.numbers[0], "a@contoso.com", "b@contoso.com")], "Serial;UPN;Mail", "two columns for the user")):
            for prune in ([], ["--prune"]):
                self.expect_error(FAILED, self.on("tokens", "plan", self.list(*rows, header=header), *prune), words)
        self.expect_error(FAILED, self.on("tokens", "plan", self.list((self.numbers[0], "a@contoso.com")), "--assign", self.file), "--assign is for a seed file")
        keys = self.list(*((row["serial number"], row["upn"], row["secret key"]) for row in self.rows), header="Seriennummer;Mitarbeiter;Wert")
        self.expect_error(FAILED, self.on("tokens", "plan", keys), "--map secret=COLUMN")
        twice = self.list((self.numbers[0], self.rows[0]["upn"]), (self.numbers[0], "zoe@contoso.com"))
        self.expect(FAILED, self.on("tokens", "plan", twice), "to another user")
        self.expect_error(FAILED, self.on("tokens", "plan", twice, "--prune"), "would be deleted")
        self.assertEqual(2, len(self.listed()))

    def test_as_spreadsheets_write_lists(self):
        self.have(0, 1)
        pairs = [(row["serial number"], row["upn"]) for row in self.rows[:2]]
        body = "".join(f"{serial};{upn}\r\n" for serial, upn in pairs)
        for text in ("sep=;\r\nSeriennummer;Mitarbeiter\r\n" + body, "# from the personnel system\r\nSeriennummer;Mitarbeiter\r\n" + body,
                     "\r\nSeriennummer;Mitarbeiter\r\n" + body, "#;Seriennummer;Mitarbeiter\r\n" + "".join(f"{n};{s};{u}\r\n" for n, (s, u) in enumerate(pairs)),
                     body, "".join(f"{upn}\t{serial}\n" for serial, upn in pairs)):
            for encoding in ("utf-8", "utf-8-sig", "utf-16"):
                path = self.folder / "hr.csv"
                path.write_bytes(text.encode(encoding))
                with self.subTest(text=text[:30], encoding=encoding):
                    self.assertEqual(({}, {}, 2), (lambda c, i, d: (c, i, d["unchanged"]))(*self.plan(DONE, path)))

    def test_replacements_by_the_columns_of_any_list(self):
        self.rows[1]["upn"] = self.rows[0]["upn"]
        self.rows[3]["upn"] = self.rows[2]["upn"]
        write_seeds(self.file, self.rows)
        self.have(0)
        user, (old, new) = self.rows[0]["upn"], self.numbers[:2]
        for header in ("Old serial;New serial;UPN", "Alte Seriennummer;Neue Seriennummer;Benutzer", "Altes Gerät;Neues Gerät;Mitarbeiter"):
            self.expect(DONE, self.on("tokens", "replace", self.file, "--list", self.list((old, new, user), header=header), "--dry-run"), "would be removed")
        odd = self.list((old, new, user), header="Defekt;Ersatz;Wer")
        command = ("tokens", "replace", self.file, "--list", odd)
        self.expect_error(FAILED, self.on(*command, "--yes"))
        names = ("--map", "serial=Ersatz", "--map", "replaces=Defekt", "--map", "upn=Wer")
        self.expect_error(FAILED, self.on(*command, *names[:-1], "upn=Niemand", "--yes"), "no such column")
        self.expect_error(FAILED, self.on(*command, *names[:2], "--map", "replaces=Kaputt", "--map", "upn=Wer", "--yes"), "the list has no such column")
        self.expect_error(USAGE, self.on("tokens", "replace", self.file, "--user", user, "--old", old, "--new", new, *names[2:4], "--yes"), "--list")
        self.expect_error(USAGE, self.on("tokens", "validate", self.file, *names[2:4]), "--map")
        self.expect(DONE, self.on(*command, *names, "--yes"), "1 active", "1 removed")
        self.assertEqual({new}, set(self.listed()))
        # One name may be the list's, the seed file's, or both's.
        other = self.folder / "other.csv"
        other.write_text("Ersatz,Wert,Takt\n" + "".join(f"{row['serial number']},{row['secret key']},30\n" for row in self.rows))
        self.expect(DONE, self.on("tokens", "replace", other, "--list", odd, *names, "--map", "secret=Wert", "--map", "interval=Takt", "--dry-run"))


class ThroughThePortal(OnEither, Lists):
    backend = "portal"

    def test_a_token_of_somebody_else_needs_its_key(self):
        self.have(0, 1)
        listed = self.list((self.numbers[0], self.rows[1]["upn"]), (self.numbers[1], self.rows[1]["upn"]))
        _, impossible, _ = self.plan(PARTLY, listed, "--prune")
        self.assertIn("needs its secret key", impossible[self.numbers[0]]["reason"])
        self.expect(PARTLY, self.on("tokens", "apply", listed, "--prune", "--yes"), "1 already active", "1 rejected")
        self.assertEqual(set(self.numbers[:2]), set(self.listed()))


class ThroughGraph(OnEither, Lists):
    def test_it_is_assigned_reassigned_and_unassigned(self):
        self.have(0, 1)
        self.have(2, upn=False)
        leaver, new = self.rows[1]["upn"], "user.1.9@contoso.com"
        self.sandbox.admin("POST", "/users", {"upn": new})
        listed = self.list((self.numbers[0], new), (self.numbers[1], ""), (self.numbers[2], self.rows[2]["upn"]))
        changes, impossible, _ = self.plan(PARTLY, listed)
        self.assertEqual([self.numbers[2]], list(changes))
        self.assertEqual(("assign", False), (changes[self.numbers[2]]["change"], changes[self.numbers[2]]["activates"]))
        self.assertTrue(all("--prune" in row["remedy"] for row in impossible.values()))
        changes, impossible, _ = self.plan(DONE, listed, "--prune")
        self.assertEqual({self.numbers[0]: "reassign", self.numbers[1]: "unassign", self.numbers[2]: "assign"},
                         {serial: change["change"] for serial, change in changes.items()})
        self.expect(DONE, self.on("tokens", "plan", listed, "--prune"), "not activated: the file does not have its secret key")
        self.expect(DONE, self.on("tokens", "apply", listed, "--prune", "--dry-run"), "3 would be done", "and assigned")
        self.expect(DONE, self.on("tokens", "apply", listed, "--prune", "--yes"), "2 assigned", "1 unassigned")
        now = self.listed()
        self.assertEqual((new, "", self.rows[2]["upn"]), tuple(now[serial].get("upn") or "" for serial in self.numbers[:3]))
        self.assertNotIn("active", [now[serial]["state"] for serial in (self.numbers[0], self.numbers[2])])
        # With the vendor's file they are activated.
        vendors = self.folder / "vendors.csv"
        vendors.write_text("serial number,secret key,time interval\n" + "".join(f"{row['serial number']},{row['secret key']},30\n" for row in self.rows[:3]))
        self.expect(PARTLY, self.on("tokens", "activate", vendors), "2 active")

    def test_what_was_cut_off_between_the_two_users_is_resumed(self):
        self.have(0)
        self.sandbox.admin("POST", "/users", {"upn": "user.1.9@contoso.com"})
        listed = self.list((self.numbers[0], "user.1.9@contoso.com"))
        self.sandbox.fault(host="graph", path="hardwareOathMethods", method="POST", kind="503", times=200)
        self.expect(FAILED, self.on("tokens", "apply", listed, "--prune", "--yes", timeout=120), "jobs resume")
        self.sandbox.no_faults()
        self.assertEqual("unassigned", self.listed()[self.numbers[0]]["state"])
        self.expect(DONE, self.on("jobs", "resume", "last"), "1 assigned")
        self.assertEqual("user.1.9@contoso.com", self.listed()[self.numbers[0]]["upn"])

    def test_a_saved_plan_of_a_list(self):
        self.have(0, 1)
        self.sandbox.admin("POST", "/users", {"upn": "user.1.9@contoso.com"})
        listed = self.list((self.numbers[0], "user.1.9@contoso.com"), (self.numbers[1], self.rows[1]["upn"]))
        saved = self.expect(DONE, self.on("tokens", "plan", listed, "--prune", "--save"))
        name = re.search(r"tokens apply (\S+)", saved.err).group(1)
        listed.unlink()
        self.expect(DONE, self.on("tokens", "apply", name, "--yes"), "1 assigned", "1 already active")
        self.assertEqual("user.1.9@contoso.com", self.listed()[self.numbers[0]]["upn"])


if __name__ == "__main__":
    harness.main()
