"""What an administrator's day asks for (docs/daily-work.md), over both backends."""
import csv
import io

import harness
from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd, write_seeds


class Day(EndToEnd):
    SIGNED_IN = True
    backend = "portal"
    MORE_RIGHTS = ("GroupMember.Read.All",)

    def setUp(self):
        super().setUp()
        self.grant_graph_rights(*self.MORE_RIGHTS)

    def on(self, *args, **more):
        return self.pk("--backend", self.backend, *args, **more)

    def imported(self, count=3, **changes):
        """Tokens of users 1 to `count`, active; `changes` of their rows by number."""
        file, rows = self.seeds(count)
        for number, change in changes.items():
            rows[int(number[1:])].update(change)
        write_seeds(file, rows)
        self.expect(DONE, self.on("tokens", "import", file))
        return file, rows


class Lists:
    def test_rows_for_auditors(self):
        _, rows = self.imported(3, _0={"manufacturer": '=cmd|"/C calc"!A0', "model": "a,b"})
        ran = self.expect(DONE, self.on("tokens", "list", "-o", "csv", "--bom", "--sort", "serial"))
        self.assertTrue(ran.out.startswith("\ufeffserial number,upn,state,interval,manufacturer,model\r\n"), ran.out[:80])
        table = list(csv.DictReader(io.StringIO(ran.out.lstrip("\ufeff"))))
        self.assertEqual([row["serial number"] for row in rows], [one["serial number"] for one in table])
        first = table[0]
        self.assertEqual(("active", "30", self.MODEL), (first["state"], first["interval"], first["model"]))
        self.assertEqual(self.MAKER, first["manufacturer"])
        lines = self.expect(DONE, self.on("tokens", "list", "-o", "tsv")).out.split("\n")
        self.assertEqual(6, len(lines[0].split("\t")))
        self.assertEqual(5, len(lines), lines)  # a header, three tokens, and the end
        self.assertIn('"manufacturer":"' + self.MAKER.lstrip("'")[:4], self.expect(DONE, self.on("tokens", "list", "-o", "json")).out)
        self.expect(USAGE, self.on("tokens", "list", "--bom"), "--bom", "csv")
        jobs = self.expect(DONE, self.on("jobs", "list", "-o", "csv")).out
        self.assertTrue(jobs.startswith("job,kind,state,tokens,done,backend,created,file\r\n"), jobs)
        shown = list(csv.DictReader(io.StringIO(self.expect(DONE, self.on("jobs", "show", "last", "-o", "csv")).out)))
        self.assertEqual({"active"}, {one["state"] for one in shown})
        self.assertEqual({row["upn"] for row in rows}, {one["upn"] for one in shown})

    def test_filters_and_sorting(self):
        _, rows = self.imported(3, _1={"model": "X9"})
        serials = [row["serial number"] for row in rows]
        listed = lambda *args: [t["serial"] for t in self.expect(DONE, self.on("tokens", "list", "-o", "json", *args)).json()]
        self.assertEqual(serials[::-1], listed("--sort", "serial:desc"))
        self.assertEqual([serials[1]], listed("--model", "x?"))
        self.assertEqual(serials[:2], listed("--serial", serials[0][:-1] + "[12]", "--sort", "upn"))
        self.assertEqual([serials[2]], listed("--user", rows[2]["upn"]))
        self.assertEqual([], listed("--state", "unassigned"))
        self.expect(USAGE, self.on("tokens", "list", "--sort", "colour"), "colour", "serial, upn, state, interval, manufacturer, model")
        self.expect(USAGE, self.on("tokens", "list", "--state", "lost"), "active", "not-activated", "unassigned")


class Single:
    def test_a_token_and_what_jobs_did_to_it(self):
        _, rows = self.imported(2)
        serial, upn = rows[0]["serial number"], rows[0]["upn"]
        token = self.expect(DONE, self.on("tokens", "show", serial, "-o", "json")).json()
        self.assertEqual((serial, upn, "active", self.backend), tuple(token[k] for k in ("serial", "upn", "state", "backend")))
        self.assertEqual([("import", "active")], [(job["kind"], job["state"]) for job in token["jobs"]])
        self.assertIsNotNone(token["knownSince"])
        self.expect(DONE, self.on("tokens", "show", serial), "known since", upn, "import (")
        self.expect(DONE, self.on("tokens", "remove", serial, "--yes"), "1 removed")
        gone = self.expect(DONE, self.on("tokens", "show", serial, "-o", "json")).json()
        self.assertEqual(("not in the tenant", ["import", "remove"]), (gone["state"], [job["kind"] for job in gone["jobs"]]))
        table = self.expect(DONE, self.on("tokens", "show", serial, "-o", "csv")).out
        self.assertTrue(table.startswith("field,value\r\nserial number," + serial + "\r\n"), table)
        self.expect_error(FAILED, self.on("tokens", "show", rows[1]["serial number"][:-1] + "9"), "no job of this profile knows it", rows[1]["serial number"])

    def test_a_user_and_the_places_left(self):
        _, rows = self.imported(1)
        upn = rows[0]["upn"]
        self.sandbox.admin("POST", "/users", {"upn": upn, "methods": ["phone", "microsoftAuthenticator"]})
        user = self.expect(DONE, self.on("users", "show", upn, "-o", "json")).json()
        self.assertEqual((True, True, False), tuple(user[k] for k in ("exists", "enabled", "guest")))
        self.assertEqual([rows[0]["serial number"]], [token["serial"] for token in user["tokens"]])
        self.assertEqual({"password", "phone", "microsoftAuthenticator", "hardwareOath"}, {m["kind"] for m in user["methods"]})
        self.assertEqual((3, False), (user["free"], user["freeIsAtMost"]))
        self.expect(DONE, self.on("users", "show", upn), "3 of 5", "microsoftAuthenticator")
        self.expect_error(FAILED, self.on("users", "show", "nobody.here@contoso.com"), "no user nobody.here@contoso.com")
        self.sandbox.admin("POST", "/users", {"upn": upn, "disabled": True})
        self.expect(DONE, self.on("users", "show", upn), "disabled")

    def test_who_has_no_token(self):
        _, rows = self.imported(2)
        upns = [row["upn"] for row in rows]
        self.sandbox.admin("POST", "/groups", {"displayName": "Drivers", "members": [upns[0], "hugo@contoso.com"]})
        self.sandbox.admin("POST", "/groups", {"displayName": "Field staff", "members": [upns[1], "Drivers"]})
        everybody = self.expect(DONE, self.on("users", "list", "--group", "field staff", "-o", "json")).json()
        self.assertEqual({upns[0]: 1, upns[1]: 1, "hugo@contoso.com": 0}, {user["upn"]: user["tokens"] for user in everybody})
        lacking = self.expect(DONE, self.on("users", "list", "--without-token", "--group", "Field staff", "-o", "csv")).out
        self.assertEqual("upn,account,tokens,active\r\nhugo@contoso.com,enabled,0,0\r\n", lacking)
        file = self.folder / "people.csv"
        file.write_text(f"name,upn\nA,{upns[0]}\nB,zoe@contoso.com\nC,nobody.here@contoso.com\n")
        ran = self.expect(DONE, self.on("users", "list", "--without-token", "--file", file), "zoe@contoso.com", "2 of 3 users", "not in the tenant")
        self.assertNotIn(upns[0], ran.out)
        self.expect_error(FAILED, self.on("users", "list", "--group", "Nobodies"), "no group Nobodies")
        self.expect(USAGE, self.on("users", "list", "--without-token"), "--group", "--file")
        self.sandbox.admin("POST", "/groups", {"displayName": "Drivers", "another": True})
        self.expect_error(FAILED, self.on("users", "list", "--group", "Drivers"), "2 groups Drivers", "object id")


    def test_a_job_is_undone(self):
        file, rows = self.imported(2)
        self.expect(USAGE, self.on("jobs", "undo", "last"), "--yes")
        self.expect(DONE, self.on("jobs", "undo", "last", "--dry-run"), "2 would be done")
        self.expect(DONE, self.on("jobs", "undo", "last", "--yes"), "2 removed")
        self.assertEqual([], self.sandbox.tokens())
        self.assertEqual(["undo", "import"], [job["kind"] for job in self.expect(DONE, self.on("jobs", "list", "-o", "json")).json()])
        self.expect(FAILED, self.on("jobs", "undo", "last", "--yes"), "2 rejected", "its secret key is not kept")
        self.expect(DONE, self.on("tokens", "import", file), "2 active")  # what was undone may be done again
        first = rows[0]["serial number"]
        self.expect(DONE, self.on("tokens", "remove", first, "--yes"), "1 removed")
        job = [one["id"] for one in self.expect(DONE, self.on("jobs", "list", "-o", "json")).json() if one["kind"] == "import"][0]
        self.expect(DONE, self.on("jobs", "undo", job, "--yes"), "1 removed")

    def test_somebody_leaves(self):
        _, rows = self.imported(3, _1={"upn": "user.1.1@contoso.com"})
        upn, serials = rows[0]["upn"], [row["serial number"] for row in rows]
        self.expect(USAGE, self.on("tokens", "leave", upn), "--yes")
        self.expect(DONE, self.on("tokens", "leave", upn, "--dry-run"), "2 would be done")
        self.expect(DONE, self.on("tokens", "leave", upn, "--yes"), f"{serials[0]}", "2 " + self.TAKEN)
        self.assertEqual([serials[2]], [t["serial"] for t in self.expect(DONE, self.on("tokens", "list", "-o", "json")).json() if t["upn"]])
        self.expect(DONE, self.on("tokens", "leave", upn, "--yes"), "has no token: there is nothing to do")
        self.expect(DONE, self.on("tokens", "leave", "zoe@contoso.com", "--yes"), "nothing to do")
        self.expect_error(FAILED, self.on("tokens", "leave", "nobody.here@contoso.com", "--yes"), "no token of nobody.here@contoso.com")
        job = self.expect(DONE, self.on("jobs", "list", "-o", "json")).json()[0]
        self.assertEqual("leave", job["kind"])
        list_ = self.folder / "leavers.csv"
        list_.write_text(f"upn\n{rows[2]['upn']}\nnobody.here@contoso.com\n")
        self.expect(PARTLY, self.on("tokens", "leave", "--list", list_, "--remove", "--yes", "-o", "csv"), "removed", "rejected")
        self.assertNotIn(serials[2], [t["serialNumber"] for t in self.sandbox.tokens()])


class ThroughThePortal(Lists, Single, Day):
    TAKEN = "removed"
    MODEL, MAKER = "a b", "cmd| /C calc !A0"  # an upload has no quotes, and begins no formula


class ThroughGraph(Lists, Single, Day):
    backend = "graph"
    TAKEN = "unassigned"
    MODEL, MAKER = "a,b", "'=cmd|\"/C calc\"!A0"

    def test_what_was_given_is_unassigned(self):
        file = self.folder / "vendor.csv"
        file.write_text("serial number,secret key,time interval\nN1," + harness.mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") + ",30\n")
        self.expect(DONE, self.on("tokens", "import", file), "1 uploaded")
        self.expect(DONE, self.on("tokens", "assign", "N1", "--user", "helga@contoso.com"), "1 assigned")
        ran = self.expect(DONE, self.on("jobs", "undo", "last", "--yes"), "1 unassigned")
        self.assertIn("from helga@contoso.com", ran.err)
        self.assertEqual("", self.sandbox.tokens()[0]["upn"])

    def test_a_leavers_tokens_of_the_other_world_are_told(self):
        file, rows = self.seeds(2)
        rows[1]["upn"] = rows[0]["upn"]
        write_seeds(file, rows[:1])
        self.expect(DONE, self.pk("tokens", "import", file))
        write_seeds(file, rows[1:])
        self.expect(DONE, self.on("tokens", "import", file))
        user = self.expect(DONE, self.on("users", "show", rows[0]["upn"]), "1 hardware tokens of this user are not managed", "3 of 5")
        self.expect(DONE, self.on("tokens", "leave", rows[0]["upn"], "--yes"), "1 unassigned", "a token that came by CSV",
                    f"tokens leave {rows[0]['upn']} --backend portal")


class Moving(Day):
    def held(self, backend):
        return {t["serialNumber"]: t["enabled"] for t in self.sandbox.tokens() if t["backend"] == backend}

    def test_tokens_move_and_leave_the_portal(self):
        file, rows = self.imported(3)
        serials = {row["serial number"] for row in rows}
        move = ("tokens", "move", "--to", "graph", file)
        self.expect(DONE, self.on(*move, "--dry-run"), "3 would import", "3 would be done", "would be removed from the portal")
        self.expect(USAGE, self.on("tokens", "move", "--to", "portal", file, "--yes"), "graph")
        with file.open("a") as more:
            more.write(f"zoe@contoso.com,ZZ999,{harness.mask('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')},30,Contoso,C100\r\n")
        ran = self.expect(PARTLY, self.on(*move, "--yes", timeout=120), "3 active", "3 removed", "1 rejected",
                          "the portal has no token with this serial number")
        self.assertIn("when it is active in Microsoft Graph", ran.err)
        self.assertEqual((dict.fromkeys(serials, True), {}), (self.held("graph"), self.held("portal")))
        again = self.expect(PARTLY, self.on(*move, "--yes"), "3 already active", "no longer in the portal")
        token = self.expect(DONE, self.pk("--backend", "graph", "tokens", "show", rows[0]["serial number"], "-o", "json")).json()
        self.assertEqual(["import", "move", "move"], [job["kind"] for job in token["jobs"]])
        self.expect(DONE, self.pk("tokens", "import", file, "--dry-run"), absent=["was removed from"])

    def test_what_does_not_become_active_stays_in_the_portal(self):
        file, rows = self.imported(2)
        serials = {row["serial number"] for row in rows}
        self.sandbox.fault(host="graph", path="/activate", kind="500", status=404, times=60)
        ran = self.expect(FAILED, self.on("tokens", "move", "--to", "graph", file, "--yes", timeout=180), "taken out of Microsoft Graph again",
                          "kept in the portal")
        self.assertEqual(({}, dict.fromkeys(serials, True)), (self.held("graph"), self.held("portal")))
        self.sandbox.no_faults()
        self.expect(DONE, self.on("jobs", "resume", "last", timeout=120), "2 active", "2 removed")
        self.assertEqual((dict.fromkeys(serials, True), {}), (self.held("graph"), self.held("portal")))


class Refused(Day):
    MORE_RIGHTS = ()

    def test_a_group_needs_a_permission_that_is_named(self):
        self.sandbox.admin("POST", "/groups", {"displayName": "Drivers", "members": ["hugo@contoso.com"]})
        self.expect_error(FAILED, self.on("users", "list", "--group", "Drivers"), "GroupMember.Read.All")


if __name__ == "__main__":
    harness.main()
