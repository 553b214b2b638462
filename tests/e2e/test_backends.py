"""The same commands on both backends: what must be alike is run over both; what differs, on the one that has it."""
import json
import re

import harness
from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd, mask, write_seeds


class Backend(EndToEnd):
    SIGNED_IN = True
    backend = "graph"

    def setUp(self):
        super().setUp()
        if self.backend == "graph":
            self.grant_graph_rights()

    def on(self, *args, **more):
        return self.pk("--backend", self.backend, *args, **more)

    def listed(self):
        return {token["serial"]: token for token in self.expect(DONE, self.on("tokens", "list", "-o", "json")).json()}

    def states(self, ran):
        return {token["serial"]: token["state"] for token in ran.json()["tokens"]}


class Conformance:
    """What a user may expect of either backend."""

    def test_from_a_file_to_active_and_again_changes_nothing(self):
        file, rows = self.seeds(30)
        first = self.expect(DONE, self.on("tokens", "import", file, "-o", "json"))
        self.assertEqual({row["serial number"]: "active" for row in rows}, self.states(first))
        self.assertEqual({row["serial number"]: row["upn"] for row in rows},
                         {serial: token["upn"] for serial, token in self.listed().items()})
        self.sandbox.forget_requests()
        self.expect(DONE, self.on("tokens", "import", file), "30 already active")
        self.assertEqual([], [r["path"] for r in self.sandbox.requests() if r["method"] != "GET" and r["service"] in ("portal", "graph")])

    def test_a_dry_run_sends_nothing(self):
        file, rows = self.seeds(3)
        self.expect(DONE, self.on("tokens", "import", file, "--dry-run"), "3 would import")
        self.assertEqual({}, self.listed())

    def test_each_bad_token_has_its_reason_and_the_rest_goes_on(self):
        file, rows = self.seeds(4)
        text = file.read_text().replace(rows[1]["upn"], "nobody.here@contoso.com").replace(
            rows[2]["upn"], "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com")
        file.write_text(text)
        ran = self.expect(PARTLY, self.on("tokens", "import", file, "-o", "json"))
        states = self.states(ran)
        self.assertEqual(["active", "failed", "rejected", "active"], [states[row["serial number"]] for row in rows])
        for token in ran.json()["tokens"]:
            self.assertTrue(token["state"] == "active" or token["reason"] and token["remedy"], token)

    def test_uploaded_then_activated_then_removed(self):
        file, rows = self.seeds(3)
        serials = [row["serial number"] for row in rows]
        self.expect(DONE, self.on("tokens", "import", file, "--until", "uploaded"), "3 uploaded")
        self.expect(DONE, self.on("tokens", "activate", file, "--serial", serials[0]), "1 active")
        self.assertEqual("active", self.listed()[serials[0]]["state"])
        self.expect(DONE, self.on("tokens", "remove", serials[0], serials[1], "--yes"), "2 removed")
        self.assertEqual({serials[2]}, set(self.listed()))

    def test_replace(self):
        file, rows = self.seeds(2)
        user, old, new = rows[0]["upn"], rows[0]["serial number"], rows[1]["serial number"]
        file.write_text(file.read_text().replace(rows[1]["upn"], user))
        only_old = self.folder / "old.csv"
        only_old.write_text("\n".join(file.read_text().splitlines()[:2]) + "\n")
        self.expect(DONE, self.on("tokens", "import", only_old), "1 active")
        command = ("tokens", "replace", "--yes", file, "--user", user, "--old", old)
        self.expect_error(FAILED, self.on(*command, "--new", "12"), "0 usable rows")
        self.expect_error(FAILED, self.on("tokens", "replace", "--yes", file, "--user", "zoe@contoso.com", "--old", old, "--new", new))
        self.expect(DONE, self.on(*command, "--new", new, "--dry-run"), "would be removed")
        self.assertEqual({old}, set(self.listed()))
        self.sandbox.fault(host=self.backend, path="activate" if self.backend == "graph" else "enable", kind="503", times=50)
        self.expect(FAILED, self.on(*command, "--new", new, timeout=180), f"kept: the new token {new} is not active")
        self.assertEqual("active", self.listed()[old]["state"])
        self.sandbox.no_faults()
        self.expect(DONE, self.on(*command, "--new", new), "1 active", "1 removed")
        self.assertEqual({new: "active"}, {serial: token["state"] for serial, token in self.listed().items()})
        self.expect(DONE, self.on(*command, "--new", new), "was not in the tenant any more")

    def test_replace_many(self):
        file, rows = self.seeds(4)
        lines = file.read_text().splitlines()
        old, new = rows[:2], rows[2:]
        before = self.folder / "before.csv"
        before.write_text("\n".join(lines[:3]) + "\n")
        self.expect(DONE, self.on("tokens", "import", before), "2 active")
        for there, coming in zip(old, new):
            file.write_text(file.read_text().replace(coming["upn"], there["upn"]))
        listed = self.folder / "list.csv"
        listed.write_text("serial number,upn,replaces\n" + "".join(
            f"{coming['serial number']},{there['upn']},{there['serial number']}\n" for there, coming in zip(old, new)) +
            f"{rows[0]['serial number']},zoe@contoso.com,{rows[1]['serial number']}\n")
        self.expect(PARTLY, self.on("tokens", "replace", file, "--list", listed, "--dry-run"), "2 would import", "2 would be done", "1 rejected")
        self.expect(PARTLY, self.on("tokens", "replace", "--yes", file, "--list", listed), "2 active", "2 removed", "the file gives the token")
        self.assertEqual({row["serial number"]: "active" for row in new},
                         {serial: token["state"] for serial, token in self.listed().items()})
        listed.write_text("serial number,upn\n1,zoe@contoso.com\n")
        self.expect_error(FAILED, self.on("tokens", "replace", "--yes", file, "--list", listed), "which tokens are replaced", "list.csv")

    def test_remove_by_a_list_is_a_job(self):
        file, rows = self.seeds(4)
        serials = [row["serial number"] for row in rows]
        self.expect(DONE, self.on("tokens", "import", file, "--until", "uploaded"))
        listed = self.folder / "gone.csv"
        listed.write_text(f"Serial No;User\n{serials[0]};{rows[0]['upn']}\n{serials[1]};\n{serials[2]};zoe@contoso.com\n")
        self.expect(PARTLY, self.on("tokens", "remove", "--list", listed, "--dry-run"), "2 would be done", "not to zoe@contoso.com")
        self.assertEqual(set(serials), set(self.listed()))
        ran = self.expect(PARTLY, self.on("tokens", "remove", "--list", listed, "--yes", "--report", self.folder / "r.json"), "2 removed", "1 rejected")
        self.assertEqual(2, json.loads((self.folder / "r.json").read_text())["summary"]["removed"])
        self.assertEqual({serials[2], serials[3]}, set(self.listed()))
        jobs = self.expect(DONE, self.on("jobs", "list", "-o", "json")).json()
        self.assertEqual(["remove", "import"], [job["kind"] for job in jobs])
        self.assertEqual(("done", 3, 2), tuple(jobs[0][key] for key in ("state", "tokens", "good")))
        self.expect_error(USAGE, self.on("tokens", "remove", "1", "--list", listed, "--yes"), "either serial numbers or a --list")

    def test_a_removal_that_was_cut_off_is_resumed(self):
        file, rows = self.seeds(3)
        serials = [row["serial number"] for row in rows]
        self.expect(DONE, self.on("tokens", "import", file, "--until", "uploaded"))
        self.sandbox.fault(host=self.backend, path="remove" if self.backend == "portal" else "hardwareOathDevices/", kind="503", times=200)
        self.on("tokens", "remove", *serials, "--yes", timeout=180)
        self.sandbox.no_faults()
        job = self.expect(DONE, self.on("jobs", "list", "-o", "json")).json()[0]
        self.assertEqual(("remove", "finished with failures"), (job["kind"], job["state"]))
        self.expect(DONE, self.on("jobs", "resume", job["id"]), "3 removed")
        self.assertEqual({}, self.listed())

    def test_a_saved_plan(self):
        file, rows = self.seeds(3)
        saved = self.expect(DONE, self.on("tokens", "plan", file, "--save"), "3 to create", "tokens apply")
        name = re.search(r"tokens apply (\S+)", saved.err).group(1)
        self.assertEqual({}, self.listed())
        self.expect_error(FAILED, self.on("jobs", "resume", name), "is a saved plan", "tokens apply")
        file.unlink()
        self.expect(DONE, self.on("tokens", "apply", "--yes", name), "3 active")
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", name), "applied already")
        write_seeds(file, rows[:1])
        second = self.expect(DONE, self.on("tokens", "plan", file, "--prune", "--save"), "2 to delete", "1 unchanged")
        name = re.search(r"tokens apply (\S+)", second.err).group(1)
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", name, "--max-delete", "1"), "--max-delete 2")
        self.expect(DONE, self.on("tokens", "remove", rows[2]["serial number"], "--yes"))
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", name), "the tenant has changed since the plan was made", rows[2]["serial number"])
        self.assertEqual({row["serial number"] for row in rows[:2]}, set(self.listed()))
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", "no-such-file.csv"), "no-such-file.csv")

    def test_plan_and_apply(self):
        file, rows = self.seeds(4)
        lines = file.read_text().splitlines()
        serials = [row["serial number"] for row in rows]
        start = self.folder / "start.csv"
        start.write_text("\n".join(lines[:4]) + "\n")  # tokens 0, 1, 2
        self.expect(DONE, self.on("tokens", "apply", "--yes", start), "3 active")
        # 0 stays, 1 goes to zoe, 2 is gone from the file and its user gets 3.
        wanted = [lines[0], lines[1], lines[2].replace(rows[1]["upn"], "zoe@contoso.com"), lines[4].replace(rows[3]["upn"], rows[2]["upn"])]
        file.write_text("\n".join(wanted) + "\n")
        self.expect(PARTLY, self.on("tokens", "plan", file), "1 to create", "1 unchanged", "1 impossible", "--prune", absent=["delete "])
        planned = self.expect(DONE, self.on("tokens", "plan", file, "--prune", "-o", "json")).json()
        self.assertEqual([("reassign", serials[1]), ("create", serials[3]), ("delete", serials[2])],
                         [(one["change"], one["serial"]) for one in planned["changes"]])
        self.assertEqual(serials[3], planned["changes"][2]["replacedBy"])
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", file, "--prune", "--max-delete", "1"), "nothing was changed", "--max-delete 2")
        self.assertEqual(set(serials[:3]), set(self.listed()))
        self.expect(DONE, self.on("tokens", "apply", "--yes", file, "--prune", timeout=120), "2 active", "1 already active", "1 removed")
        self.assertEqual({serials[0]: rows[0]["upn"], serials[1]: "zoe@contoso.com", serials[3]: rows[2]["upn"]},
                         {serial: token["upn"] for serial, token in self.listed().items() if token["state"] == "active"})
        self.expect(DONE, self.on("tokens", "plan", file, "--prune"), "Plan: 3 unchanged")
        file.write_text(lines[0] + "\n" + lines[1] + "\n" + lines[2].replace("30", "31", 1).replace(",30,", ",45,") + "\n")
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", file, "--prune"), "cannot be read")
        file.write_text(lines[0] + "\n")
        self.expect_error(FAILED, self.on("tokens", "apply", "--yes", file, "--prune"), "every token would be deleted")
        self.assertEqual(3, len(self.listed()))

    def test_lost_answers_make_no_token_twice(self):
        file, rows = self.seeds(25)
        self.sandbox.fault(host=self.backend, path="batch" if self.backend == "graph" else "upload",
                           kind="reset-after-effect", times=1)
        self.sandbox.fault(host=self.backend, path="activate" if self.backend == "graph" else "enable",
                           kind="reset-after-effect", times=2)
        self.expect(DONE, self.on("tokens", "import", file), "25 active")
        self.assertEqual(25, len(self.listed()))

    def test_somebody_elses_serial_number_is_not_taken(self):
        file, rows = self.seeds(1)
        self.expect(DONE, self.on("tokens", "import", file), "1 active")
        file.write_text(file.read_text().replace(rows[0]["upn"], "zoe@contoso.com"))
        self.expect(FAILED, self.on("tokens", "import", file), "assigned to " + rows[0]["upn"])


class ThroughThePortal(Conformance, Backend):
    backend = "portal"

    def test_a_token_cannot_be_assigned(self):
        self.expect_error(FAILED, self.on("tokens", "assign", "N1", "--user", "helga@contoso.com"), "--backend graph")
        self.expect_error(FAILED, self.on("tokens", "unassign", "--yes", "N1"), "--backend graph")


class ThroughGraph(Conformance, Backend):
    def test_assigned_and_unassigned_by_lists(self):
        file = self.folder / "vendor.csv"
        file.write_text("serial number,secret key,time interval\n" + "".join(f"N{i},{mask('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ' + 'ABC'[i])},30\n" for i in range(3)))
        self.expect(DONE, self.on("tokens", "import", file), "3 uploaded")
        users = self.folder / "users.csv"
        users.write_text("upn,serial number\nhelga@contoso.com,N0\nhugo@contoso.com,N1\nzoe@contoso.com,N7\n")
        self.expect(PARTLY, self.on("tokens", "assign", "--list", users, "--dry-run"), "2 would be done", "1 rejected")
        self.expect(PARTLY, self.on("tokens", "assign", "--list", users), "2 assigned", "1 rejected", "tokens import FILE")
        self.assertEqual(["helga@contoso.com", "hugo@contoso.com", ""], [self.listed()[f"N{i}"]["upn"] for i in range(3)])
        self.expect(PARTLY, self.on("tokens", "assign", "--list", users), "2 already uploaded", "is this user's already")
        users.write_text("upn,serial number\nhelga@contoso.com,N0\nzoe@contoso.com,N1\n")
        self.expect(PARTLY, self.on("tokens", "unassign", "--yes", "--list", users), "1 unassigned", "to hugo@contoso.com, not to zoe@contoso.com")
        self.assertEqual(["", "hugo@contoso.com", ""], [self.listed()[f"N{i}"]["upn"] for i in range(3)])
        self.expect(USAGE, self.on("tokens", "assign", "N1"), "--user")

    def test_the_life_of_a_token_nobody_has(self):
        file = self.folder / "vendor.csv"
        file.write_text("serial number,secret key,time interval,manufacturer,model\nN1,"
                        + mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") + ",30,Contoso,C100\n")
        self.expect(DONE, self.on("tokens", "import", file), "1 uploaded")
        self.assertEqual("unassigned", self.listed()["N1"]["state"])
        self.expect(DONE, self.on("tokens", "assign", "N1", "--user", "helga@contoso.com"), "1 assigned")
        self.expect(DONE, self.on("tokens", "activate", file), "1 active")
        self.expect(DONE, self.on("tokens", "unassign", "--yes", "N1"), "1 unassigned")
        self.assertEqual(("unassigned", ""), tuple(self.listed()["N1"][k] for k in ("state", "upn")))
        file.write_text(file.read_text().replace("serial number,", "upn,serial number,").replace("\nN1", "\nhugo@contoso.com,N1"))
        self.expect(FAILED, self.on("tokens", "import", file), "was taken from helga@contoso.com on", "--again")
        self.expect(DONE, self.on("tokens", "import", file, "--again", timeout=120), "1 active")
        self.assertEqual("hugo@contoso.com", self.listed()["N1"]["upn"])

    def test_sha256(self):
        file = self.folder / "bulk.json"
        file.write_text(json.dumps({"@context": "#$delta", "value": [
            {"@contentId": "1", "serialNumber": "S256", "manufacturer": "Contoso", "model": "C200", "hashFunction": "hmacsha256",
             "secretKey": mask("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "timeIntervalInSeconds": 60}]}))
        who = self.folder / "who.csv"
        who.write_text("serial number,upn\nS256,helga@contoso.com\n")
        self.expect(DONE, self.on("tokens", "import", file, "--assign", who), "1 active")
        self.backend = "portal"
        self.expect(FAILED, self.on("tokens", "import", file, "--assign", who), "not SHA-1", "--backend graph")

    def test_one_serial_number_in_both_worlds_is_explained(self):
        self.backend = "portal"
        file, rows = self.seeds(1)
        self.expect(DONE, self.on("tokens", "import", file), "1 active")
        self.backend = "graph"
        self.expect(FAILED, self.on("tokens", "import", file), "from a CSV upload", "--backend portal")


class Refused(EndToEnd):
    SIGNED_IN = True

    def test_without_permissions_the_error_names_them(self):
        self.expect_error(FAILED, self.pk("--backend", "graph", "tokens", "list"), "Policy.ReadWrite.AuthenticationMethod")

    def test_a_cloud_without_it_is_refused_before_anything_is_sent(self):
        before = self.profile(cloud="usgov", backend="graph")
        self.sandbox.forget_requests()
        self.expect_error(USAGE, self.bare(*before, "tokens", "list"), "global cloud only", "portal")
        self.assertEqual([], self.sandbox.requests())

    def test_an_unknown_backend(self):
        self.expect_error(USAGE, self.bare(*self.profile(backend="intune"), "tokens", "list"), 'no backend "intune"', "graph")
        self.expect(USAGE, self.pk("--backend", "intune", "tokens", "list"), "--backend")


if __name__ == "__main__":
    harness.main()
