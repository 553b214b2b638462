"""tokens report: what of a tenant's tokens somebody should look at. Changes nothing there."""
import sqlite3

import harness
from harness import DONE, FAILED, EndToEnd, mask, new_key


class Report(EndToEnd):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.grant_graph_rights()
        self.dice = harness.random.Random("report")

    def put(self, serial, upn, active=False):
        self.sandbox.admin("POST", "/tokens", {"upn": upn, "serialNumber": serial, "secretKey": mask(new_key(self.dice)),
                                               "timeInterval": 30, "enabled": active})

    def report(self, *more):
        return self.expect(DONE, self.pk("tokens", "report", *more, "-o", "json")).json()

    def test_each_finding(self):
        self.put("A1", "anna@contoso.com", active=True)
        self.put("A2", "carol@contoso.com", active=True)
        self.put("A3", "bob@contoso.com")
        for n in range(5):
            self.put(f"D{n}", "dora@contoso.com", active=True)
        self.put("E1", "eve@contoso.com", active=True)
        self.sandbox.admin("POST", "/users", {"upn": "carol@contoso.com", "deleted": True})
        self.sandbox.admin("POST", "/users", {"upn": "eve@contoso.com", "disabled": True})
        users = self.folder / "users.csv"
        users.write_text("UPN\nanna@contoso.com\nBob@contoso.com\nzoe@contoso.com\nnobody\n")
        before = self.sandbox.tokens()
        said = self.expect(DONE, self.pk("tokens", "report", "--users", users, "--not-activated-for", "0"),
                           "zoe@contoso.com", "5 tokens", "user disabled", "9 tokens: 8 active, 1 not activated (1 of them for 0 days")
        self.assertIn("line 5", said.err, "a user that is no UPN was not told")
        found = self.report("--users", users, "--not-activated-for", "0")
        self.assertEqual(["A3"], [one["serial"] for one in found["notActivated"]])
        self.assertEqual(["zoe@contoso.com"], found["usersWithoutToken"])
        self.assertEqual([{"upn": "dora@contoso.com", "tokens": 5}], found["usersAtLimit"])
        self.assertEqual(["A2"], [one["serial"] for one in found["ofDeletedUsers"]])
        self.assertEqual(["E1"], [one["serial"] for one in found["ofDisabledUsers"]])
        self.assertEqual([], found["notChecked"])
        self.assertEqual(before, self.sandbox.tokens())

    def days_pass(self, days):
        (found,) = self.folder.rglob("jobs.db")
        with sqlite3.connect(found) as db:
            for sql in ("UPDATE waiting SET since = since - ?", "UPDATE token SET settled = settled - ?"):
                db.execute(sql, (days * 86400,))

    def test_how_long_a_token_waits(self):
        self.put("P1", "bob@contoso.com")  # by somebody else: known since the first report
        file, rows = self.seeds(1)
        self.expect(DONE, self.pk("tokens", "import", file, "--until", "uploaded"))
        self.days_pass(20)
        self.assertEqual([rows[0]["serial number"]], [one["serial"] for one in self.report()["notActivated"]])
        self.days_pass(20)
        found = self.report()["notActivated"]
        self.assertEqual([(rows[0]["serial number"], 40), ("P1", 20)], [(one["serial"], one["days"]) for one in found])
        self.expect(DONE, self.pk("tokens", "activate", file))
        self.assertEqual(["P1"], [one["serial"] for one in self.report()["notActivated"]])

    def test_spare_tokens(self):
        file = self.folder / "vendor.csv"
        file.write_text("serial number,secret key,time interval\nN1," + mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") + ",30\n")
        self.expect(DONE, self.pk("--backend", "graph", "tokens", "import", file))
        found = self.expect(DONE, self.pk("--backend", "graph", "tokens", "report", "-o", "json")).json()
        self.assertEqual(["N1"], [one["serial"] for one in found["spare"]])

    def test_a_list_that_is_none(self):
        self.expect_error(FAILED, self.pk("tokens", "report", "--users", self.folder / "no.csv"), "no.csv")


if __name__ == "__main__":
    harness.main()
