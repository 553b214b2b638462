"""Changes to tokens that people have: right or refused, shown before they are done, and none that comes back by itself."""
import json
import re
import signal
import sqlite3
import time

import harness
from harness import DONE, FAILED, INTERRUPTED, PARTLY, USAGE, EndToEnd, mask, write_seeds
from test_backends import Backend


class Changes(Backend):
    def setUp(self):
        super().setUp()
        self.file, self.rows = self.seeds(4)
        self.numbers = [row["serial number"] for row in self.rows]

    def active(self, *wanted):
        """Imports the file's rows of these places, as the test's beginning."""
        before = write_seeds(self.folder / "before.csv", [self.rows[i] for i in wanted])
        self.expect(DONE, self.on("tokens", "import", before), f"{len(wanted)} active")

    def jobs(self):
        return self.expect(DONE, self.on("jobs", "list", "-o", "json")).json()

    def active_of(self):
        return {serial: token["upn"] for serial, token in self.listed().items() if token["state"] == "active"}


class OnEither:
    # --- replace

    def test_an_old_token_that_the_user_does_not_have_is_refused(self):
        self.rows[1]["upn"] = self.rows[2]["upn"] = self.rows[0]["upn"]
        user, (lost, spare, new) = self.rows[0]["upn"], self.numbers[:3]
        self.active(0, 1)
        write_seeds(self.file, self.rows)
        command = ("tokens", "replace", self.file, "--user", user, "--new", new)
        for dry in (["--dry-run"], ["--yes"]):
            self.expect_error(FAILED, self.on(*command, "--old", "00000000", *dry), "has no token 00000000", lost, spare, "(active)")
            slip = lost[:-1] + "x"
            self.expect_error(FAILED, self.on(*command, "--old", slip, *dry), f"has no token {slip}; it has ", lost)
            self.expect_error(FAILED, self.on("tokens", "replace", self.file, "--user", "zoe@contoso.com", "--new", self.numbers[3],
                                              "--old", lost, *dry), "the file gives the token")
        self.rows[3]["upn"] = "zoe@contoso.com"
        write_seeds(self.file, self.rows)
        self.expect_error(FAILED, self.on("tokens", "replace", "--yes", self.file, "--user", "zoe@contoso.com", "--new", self.numbers[3],
                                          "--old", lost), f"assigned to {user}, not to zoe@contoso.com", "zoe@contoso.com has no token")
        self.assertEqual({lost, spare}, set(self.active_of()))
        self.assertEqual(["import"], [job["kind"] for job in self.jobs()])
        self.expect(DONE, self.on(*command, "--old", lost, "--dry-run"), "would be removed", absent=["was ", " removed\n"])
        self.expect(DONE, self.on(*command, "--old", lost, "--yes"), "1 active", "1 removed")
        self.assertEqual({spare, new}, set(self.active_of()))
        self.expect_error(FAILED, self.on(*command, "--old", spare[:-1] + "x", "--yes"), "has no token", spare)
        again = self.expect(DONE, self.on(*command, "--old", lost, "--yes"), f"was not in the tenant any more; {user} has ", spare, "no job")
        self.assertNotIn("Plan", again.text)
        self.expect(DONE, self.on(*command, "--old", lost, "--dry-run"), "nothing to do", "is not in the tenant any more")
        self.assertEqual(["replace", "import"], [job["kind"] for job in self.jobs()])

    def test_a_new_token_of_somebody_else(self):
        self.active(0, 1)
        vendors = self.folder / "vendors.csv"  # does not say whose they are
        vendors.write_text("serial number,secret key,time interval\n" +
                           "".join(f"{row['serial number']},{row['secret key']},30\n" for row in self.rows))
        self.expect_error(FAILED, self.on("tokens", "replace", "--yes", vendors, "--user", self.rows[0]["upn"], "--old", self.numbers[0],
                                          "--new", self.numbers[1]), f"is assigned to {self.rows[1]['upn']}")
        self.assertEqual(set(self.numbers[:2]), set(self.active_of()))

    # --- what was taken away

    def test_what_was_removed_does_not_come_back_by_a_file(self):
        self.active(0, 1)
        job = self.expect(DONE, self.on("tokens", "remove", self.numbers[0], "--yes", "-o", "json")).json()
        self.assertEqual(("done", self.jobs()[0]["id"]), (job["ended"], job["job"]))
        left_out = f"was removed from {self.rows[0]['upn']} on "
        both = write_seeds(self.folder / "both.csv", self.rows[:2])
        for dry in ([], ["--dry-run"]):
            ran = self.expect(PARTLY, self.on("tokens", "import", both, *dry), left_out, job["job"], "--again", "1 rejected", "1 already active")
        self.assertEqual({self.numbers[1]}, set(self.listed()))
        self.expect(PARTLY, self.on("tokens", "plan", both), left_out, "1 impossible", "--again")
        self.expect(PARTLY, self.on("tokens", "apply", both, "--yes"), left_out)
        self.expect(PARTLY, self.on("tokens", "remove", self.numbers[0], self.numbers[1], "--dry-run"), "it was removed", job["job"])
        self.assertEqual({self.numbers[1]}, set(self.listed()))
        self.expect(DONE, self.on("tokens", "import", both, "--again"), "1 active", "1 already active")
        self.expect(DONE, self.on("tokens", "import", both), "2 already active")

    def test_what_is_not_known_is_said(self):
        self.active(0)
        self.expect(DONE, self.on("tokens", "remove", self.numbers[0], "--yes"))
        one = write_seeds(self.folder / "one.csv", self.rows[:1])
        self.expect(FAILED, self.on("tokens", "import", one), "was removed")
        self.expect(DONE, self.on("jobs", "forget", "last"), "1 token was taken away", "brings them back")
        self.expect(DONE, self.on("tokens", "import", one, "--dry-run"), "Not known here", "jobs forgotten")
        self.expect(DONE, self.on("tokens", "import", one), "1 active", "Not known here")

    def test_a_job_that_is_resumed_does_not_bring_it_back(self):
        self.sandbox.fault(host=self.backend, path="activate" if self.backend == "graph" else "enable", kind="503", times=200)
        self.expect(FAILED, self.on("tokens", "import", self.file, timeout=240), "jobs resume")
        self.sandbox.no_faults()
        (job,) = self.jobs()
        self.assertEqual("finished with failures", job["state"])
        time.sleep(1.1)  # the journal counts in seconds
        self.expect(DONE, self.on("tokens", "remove", self.numbers[2], "--yes"))
        self.expect(PARTLY, self.on("jobs", "resume", job["id"]), "3 active", "1 rejected", "was removed")
        self.assertEqual(set(self.numbers) - {self.numbers[2]}, set(self.listed()))

    # --- shown and agreed to

    def test_nothing_is_taken_without_consent(self):
        self.active(0)
        self.rows[1]["upn"] = self.rows[0]["upn"]
        write_seeds(self.file, self.rows[:2])
        take = [("tokens", "remove", self.numbers[0]), ("tokens", "remove", "--user", self.rows[0]["upn"]),
                ("tokens", "replace", self.file, "--user", self.rows[0]["upn"], "--old", self.numbers[0], "--new", self.numbers[1]),
                ("tokens", "apply", self.file), ("tokens", "apply", self.file, "--prune")]
        if self.backend == "graph":
            take.append(("tokens", "unassign", self.numbers[0]))
        for command in take:
            self.expect_error(USAGE, self.on(*command), "--yes")
            shown = self.on_terminal("--backend", self.backend, *command, answers=[("[y/N]", "n")])
            self.expect(INTERRUPTED, shown, "Plan: ", "nothing was changed")
            self.assertIn(self.numbers[1] if "apply" in command else self.numbers[0], shown.out)
        self.assertEqual({self.numbers[0]}, set(self.active_of()))
        began = time.monotonic()
        self.expect(INTERRUPTED, self.on_terminal("--backend", self.backend, *take[0], answers=[("[y/N]", "\x03")]), "interrupted")
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual({self.numbers[0]}, set(self.active_of()))
        self.assertEqual(["import"], [job["kind"] for job in self.jobs()])
        self.expect(DONE, self.on_terminal("--backend", self.backend, *take[3], answers=[("[y/N]", "yes")]), "+ create", "1 active")
        self.expect(DONE, self.on_terminal("--backend", self.backend, *take[3]), "2 already active", absent=["[y/N]"])

    def test_a_saved_plan_keeps_its_limit_and_a_dry_run_changes_nothing(self):
        self.active(0, 1, 2)
        file = write_seeds(self.folder / "few.csv", self.rows[:1])
        self.expect_error(FAILED, self.on("tokens", "plan", file, "--prune", "--save", "--max-delete", "1"), "it was not saved", "--max-delete 2")
        saved = self.expect(DONE, self.on("tokens", "plan", file, "--prune", "--save", "--max-delete", "2"), "2 to delete")
        name = re.search(r"tokens apply (\S+)", saved.err).group(1)
        self.expect(DONE, self.on("tokens", "apply", name, "--dry-run"), "2 would be done")
        self.assertEqual(3, len(self.listed()))
        self.expect_error(FAILED, self.on("tokens", "apply", name, "--yes", "--report", "x.pdf"), ".html")
        self.expect_error(FAILED, self.on("tokens", "apply", name, "--yes", "--max-delete", "1"), "nothing was changed")
        self.expect(DONE, self.on("tokens", "apply", name, "--yes"), "2 removed")
        self.assertEqual({self.numbers[0]}, set(self.listed()))

    def test_a_saved_plan_over_the_default_limit_is_applied_with_the_limit_it_was_saved_with(self):
        many, rows = self.seeds(13, seed=9, name="many.csv")
        self.expect(DONE, self.on("tokens", "import", many, "--until", "uploaded"))
        few = write_seeds(self.folder / "few.csv", rows[:1])
        saved = self.expect(DONE, self.on("tokens", "plan", few, "--prune", "--save", "--max-delete", "12"))
        name = re.search(r"tokens apply (\S+)", saved.err).group(1)
        self.expect(DONE, self.on("tokens", "apply", name, "--yes", timeout=120), "12 removed")

    def test_the_exit_code_of_a_plan(self):
        plan = lambda *more: self.on("tokens", "plan", *more, "--detailed-exitcode").code
        self.assertEqual(2, plan(self.file))
        self.assertEqual(0, self.on("tokens", "plan", self.file).code)
        self.active(0, 1, 2, 3)
        self.assertEqual(0, plan(self.file))
        self.assertEqual(1, plan(self.folder / "no-such-file.csv"))
        self.assertEqual(1, plan(self.file, "--no-such-option"))
        self.assertEqual(1, self.bare("--config", self.folder / "none.toml", "tokens", "plan", self.file, "--detailed-exitcode").code)
        self.file.write_text(self.file.read_text() + "bad row@contoso.com,B1,not-base32!,30,C,M\n")
        self.assertEqual(PARTLY, plan(self.file))

    # --- by user, and by what people type

    def test_remove_by_user(self):
        self.rows[1]["upn"] = self.rows[0]["upn"].upper()
        self.active(0, 1, 2)
        user = self.rows[0]["upn"]
        self.expect_error(FAILED, self.on("tokens", "remove", "--user", user, "--yes"), f"{user} has ", self.numbers[0], self.numbers[1], "--all")
        self.assertEqual(3, len(self.listed()))
        self.expect(DONE, self.on("tokens", "remove", "--user", self.rows[2]["upn"], "--yes"), "1 removed", self.numbers[2])
        self.expect_error(FAILED, self.on("tokens", "remove", "--user", self.rows[2]["upn"], "--yes"), "has no token of", "was removed from")
        self.expect_error(FAILED, self.on("tokens", "remove", "--user", "nobody.here@contoso.com", "--all", "--yes"), "has no token of nobody.here")
        for wrong in (["--all"], [self.numbers[0], "--user", user, "--all"], []):
            self.expect_error(USAGE, self.on("tokens", "remove", *wrong, "--yes"))
        self.expect_error(FAILED, self.on("tokens", "remove", "--list", self.file, "--all", "--yes"), "the list names serial numbers")
        for nearly in (user.replace("user.1.1", "user.1.11"), user.replace("contoso.com", "contoso.onmicrosoft.com"), "user.1.1"):
            self.expect_error(FAILED, self.on("tokens", "remove", "--user", nearly, "--yes"), f"no token of {nearly}; it has tokens of ", user)
        self.assertEqual(2, len(self.listed()))
        self.expect(DONE, self.on("tokens", "remove", "--user", user, "--all", "--yes"), "2 removed")
        self.assertEqual({}, self.listed())

    def test_a_list_of_leavers(self):
        self.rows[1]["upn"] = self.rows[0]["upn"]
        self.active(0, 1, 2, 3)
        leavers = self.folder / "leavers.csv"
        leavers.write_text(f"UPN\n{self.rows[0]['upn']}\n{self.rows[2]['upn']}\nnobody.here@contoso.com\n")
        self.expect(PARTLY, self.on("tokens", "remove", "--list", leavers, "--dry-run"), "1 would be done", "2 rejected", "--all",
                    "no token of nobody.here@contoso.com")
        self.expect(PARTLY, self.on("tokens", "remove", "--list", leavers, "--all", "--yes"), "3 removed", "1 rejected")
        self.assertEqual({self.numbers[3]}, set(self.listed()))

    def test_serial_numbers_as_people_type_them(self):
        for i, serial in enumerate(["AB-100001", "ab-100002", "AB-200002", "AB-100003"]):
            self.rows[i]["serial number"] = self.numbers[i] = serial
        write_seeds(self.file, self.rows)
        self.active(0, 1, 2, 3)
        self.expect(PARTLY, self.on("tokens", "remove", "ab-100001", "AB100003", "AB-200020", "--yes"), "ab-100001 is taken for AB-100001",
                    "1 removed", "2 rejected", "it has AB-100003, ", "it has AB-200002, which differs little")
        self.assertEqual(set(self.numbers[1:]), set(self.listed()))
        self.expect(DONE, self.on("tokens", "remove", "ab-100002", "--yes"), "1 removed", absent=["is taken for"])
        self.assertEqual(set(self.numbers[2:]), set(self.listed()))
        self.expect(FAILED, self.on("tokens", "import", write_seeds(self.folder / "x.csv", self.rows[:1])), "was removed")

    # --- jobs

    def test_a_run_that_changes_nothing_leaves_no_job(self):
        self.active(0, 1, 2, 3)
        before = self.jobs()
        ran = self.expect(DONE, self.on("tokens", "import", self.file, "-o", "json")).json()
        self.assertEqual((None, "nothing changed"), (ran["job"], ran["ended"]))
        ran = self.expect(DONE, self.on("tokens", "import", self.file, "--dry-run", "-o", "json")).json()
        self.assertEqual((None, "dry run"), (ran["job"], ran["ended"]))
        self.expect(DONE, self.on("tokens", "apply", self.file, "--yes"), "no job")
        self.expect(FAILED, self.on("tokens", "remove", "no-such-serial", "--yes"), "no job")
        self.sandbox.fault(host=self.backend, kind="503")
        self.expect_error(FAILED, self.on("tokens", "activate", self.file, timeout=400))
        self.sandbox.no_faults()
        self.assertEqual(before, self.jobs())
        (folder,) = self.folder.rglob("jobs.db")
        self.assertEqual([before[0]["id"] + ".lock"], [p.name for p in folder.parent.glob("*.lock") if not p.name.startswith("jobs.")])

    def test_how_a_job_ended(self):
        self.sandbox.fault(host=self.backend, path="activate" if self.backend == "graph" else "enable", kind="503", times=200)
        ran = self.expect(FAILED, self.on("tokens", "import", self.file, "-o", "json", timeout=240)).json()
        self.sandbox.no_faults()
        (job,) = self.jobs()
        self.assertEqual((job["id"], "finished with failures"), (ran["job"], ran["ended"]))
        self.assertEqual("finished with failures", job["state"])
        shown = self.expect(DONE, self.on("jobs", "show", "last", "-o", "json")).json()
        self.assertEqual((job["id"], "finished with failures", 4), (shown["job"], shown["ended"], len(shown["tokens"])))
        self.expect(DONE, self.on("jobs", "list"), "finished with failures", absent=[" open "])
        done = self.expect(DONE, self.on("jobs", "resume", "last", "-o", "json")).json()
        self.assertEqual((job["id"], "done"), (done["job"], done["ended"]))

    def test_several_jobs_and_old_ones(self):
        self.active(0)
        self.active(1)
        self.expect(DONE, self.on("tokens", "remove", self.numbers[0], "--yes"))
        saved = self.expect(DONE, self.on("tokens", "plan", write_seeds(self.folder / "p.csv", self.rows[2:3]), "--save"))
        plan, removal, second, first = [job["id"] for job in self.jobs()]
        ran = self.expect(PARTLY, self.on("jobs", "show", first, "20260101-none", second), f"Job {first}", f"Job {second}", "no job 20260101-none")
        self.expect(USAGE, self.on("jobs", "show", first, second, "--report", "r.csv"))
        self.expect(DONE, self.on("jobs", "prune", "--older-than", "1h"), "0 jobs forgotten")
        self.expect_error(USAGE, self.on("jobs", "prune", "--older-than", "long"), "90d")
        self.expect(USAGE, self.on("jobs", "prune"))
        (db,) = self.folder.rglob("jobs.db")
        with sqlite3.connect(db) as journal:
            journal.execute("UPDATE job SET updated = updated - 100 * 86400")
        self.expect(DONE, self.on("jobs", "prune", "--older-than", "90d", "--dry-run"), "2 jobs would be forgotten")
        self.assertEqual(4, len(self.jobs()))
        pruned = self.expect(DONE, self.on("jobs", "prune", "--older-than", "90d", "-o", "json")).json()
        self.assertEqual(({first, second}, 1, 1), (set(pruned["forgotten"]), pruned["keptUnfinished"], pruned["keptRemovals"]))
        self.expect(FAILED, self.on("tokens", "import", write_seeds(self.folder / "x.csv", self.rows[:1])), "was removed")
        self.expect(DONE, self.on("jobs", "prune", "--older-than", "12w", "--with-removals"), "1 job forgotten")
        self.expect(DONE, self.on("jobs", "forget", plan))
        self.assertEqual([], self.jobs())
        self.expect_error(FAILED, self.on("jobs", "show", "last"), "there is no job")

    # --- what is printed

    def test_failures_are_printed_and_every_token_on_request(self):
        self.rows[1]["upn"] = "nobody.here@contoso.com"
        write_seeds(self.file, self.rows)
        ran = self.expect(PARTLY, self.on("tokens", "import", self.file), self.numbers[1], "3 active, 1 failed", "jobs show ")
        self.assertNotIn(self.numbers[0], ran.out)
        self.expect(PARTLY, self.on("tokens", "import", self.file, "--all"), *self.numbers)
        self.expect(DONE, self.on("jobs", "show", "last"), *self.numbers)

    def test_hints_can_be_pasted(self):
        folder = str(self.sandbox.folder)
        self.sandbox.fault(host=self.backend, path="activate" if self.backend == "graph" else "enable", kind="503", times=200)
        ran = self.expect(FAILED, self.on("tokens", "import", self.file, timeout=240))
        self.sandbox.no_faults()
        hint = re.search(r"portalkey (--sandbox .* jobs resume \S+)", ran.err).group(1)
        self.assertIn(f"--sandbox {folder} --backend {self.backend} ", hint)
        self.expect(DONE, self.bare(*hint.split()), "4 active")
        for ran in (self.on("jobs", "show", "no-such-job"), self.on("tokens", "remove", "no-such-token", "--yes")):
            self.assertRegex(ran.text, f"portalkey --sandbox {folder} --backend {self.backend} (jobs|tokens) list")


class ThroughThePortal(OnEither, Changes):
    backend = "portal"

    def test_interrupted_and_running_jobs_are_told_apart(self):
        before = self.profile(limits="activations = 1\nactivation_window_seconds = 3600")
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        args = [*before, "tokens", "import", self.file, "-o", "json"]
        process = harness.start(args, self.home)
        end = time.monotonic() + 60
        while not self.sandbox.active():
            self.assertLess(time.monotonic(), end, "nothing was activated")
            time.sleep(0.05)
        (job,) = self.expect(DONE, self.bare(*before, "jobs", "list", "-o", "json")).json()
        self.assertEqual("running", job["state"])
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)  # as a supervisor and the terminal do together
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        ran = harness.finish(process, args)
        self.expect(INTERRUPTED, ran)
        told = json.loads(ran.out)
        self.assertEqual((job["id"], "interrupted"), (told["job"], told["ended"]))
        self.assertEqual(1, told["summary"]["active"], "what was done was lost by the second signal")
        (job,) = self.expect(DONE, self.bare(*before, "jobs", "list", "-o", "json")).json()
        self.assertEqual(("interrupted", 1), (job["state"], job["good"]))
        hint = re.search(r"portalkey (--config .* jobs resume \S+)", ran.err).group(1)
        self.assertTrue(hint.startswith(" ".join(before)), hint)

    def test_progress_on_a_terminal(self):
        before = self.profile(limits="activations = 2\nactivation_window_seconds = 4")
        self.expect(DONE, self.bare(*before, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        for columns, wanted in ((200, r"2 of 4 .*next slot in \d+ s"), (30, r"2 of 4, next slot in \d+ s")):
            self.file, rows = self.seeds(4, seed=columns)
            time.sleep(4)
            shown = self.note(harness.run_on_terminal(*before, "tokens", "import", self.file, home=self.home, columns=columns))
            self.expect(DONE, shown, "4 tokens: 4 active")
            lines = [line.split("\033[K")[-1] for line in re.split(r"[\r\n]", shown.out) if line.startswith("\033[K")]
            self.assertLess(max(map(len, lines)), columns, lines)
            waiting = {line for line in lines if re.search(wanted, line)}
            self.assertGreaterEqual(len(waiting), 2, f"it stands still, or is not told: {lines}")

    def test_validate_against_the_tenant_judges_alike(self):
        self.active(0, 1)
        self.expect(DONE, self.on("tokens", "remove", self.numbers[0], "--yes"))
        told = self.on("tokens", "validate", self.file, "--against-tenant", "-o", "json")
        self.assertEqual([self.numbers[0]], [one["serial"] for one in told.json()["errors"]])
        dry = self.expect(PARTLY, self.on("tokens", "import", self.file, "--dry-run", "-o", "json")).json()
        self.assertEqual([self.numbers[0]], [one["serial"] for one in dry["tokens"] if one["state"] == "rejected"])


class ThroughGraph(OnEither, Changes):
    def test_what_was_unassigned_does_not_come_back_by_a_file(self):
        self.active(0, 1)
        self.expect_error(FAILED, self.on("tokens", "unassign", "--user", "zoe@contoso.com", "--yes"), "has no token of zoe@contoso.com")
        self.expect(DONE, self.on("tokens", "unassign", "--user", self.rows[0]["upn"], "--yes"), "1 unassigned", self.numbers[0])
        ran = self.expect(PARTLY, self.on("tokens", "import", self.file, timeout=120), f"was taken from {self.rows[0]['upn']} on", "--again")
        self.assertEqual("unassigned", self.listed()[self.numbers[0]]["state"])
        vendors = self.folder / "vendors.csv"
        vendors.write_text("serial number,secret key,time interval\n" + f"{self.numbers[0]},{self.rows[0]['secret key']},30\n")
        self.expect(DONE, self.on("tokens", "import", vendors), "1 already uploaded")
        self.expect(DONE, self.on("tokens", "assign", self.numbers[0], "--user", self.rows[0]["upn"]), "1 assigned")
        self.expect(DONE, self.on("tokens", "import", self.file, timeout=120), "1 active", "3 already active")

    def test_an_external_member_is_judged_by_what_graph_says(self):
        member, guest = "anna_fabrikam.com#EXT#@contoso.com", "gus_fabrikam.com#EXT#@contoso.com"
        self.sandbox.admin("POST", "/users", {"upn": member, "guest": False})
        self.sandbox.admin("POST", "/users", {"upn": guest})
        self.rows[0]["upn"], self.rows[1]["upn"] = member, guest
        write_seeds(self.file, self.rows)
        for backend in ("portal", "graph"):
            self.backend = backend
            told = self.pk("--backend", "portal", "tokens", "validate", self.file, "--against-tenant", "-o", "json")
            self.assertEqual([self.numbers[1]], [one["serial"] for one in told.json()["errors"] if one["field"] == "upn"], backend)
            planned = self.on("tokens", "plan", self.file, "-o", "json").json()
            self.assertEqual([self.numbers[1]], [one["serial"] for one in planned["impossible"]], backend)
            ran = self.expect(PARTLY, self.on("tokens", "import", self.file), "3 active", "1 rejected")
            self.assertEqual(member.lower(), self.listed()[self.numbers[0]]["upn"].lower())
            self.expect(DONE, self.on("tokens", "remove", *[self.numbers[i] for i in (0, 2, 3)], "--yes"))
            for job in self.jobs():
                self.expect(DONE, self.on("jobs", "forget", job["id"]))


class NotAsked(EndToEnd):
    SIGNED_IN = True

    def test_by_its_upn_where_graph_cannot_be_asked(self):
        file, rows = self.seeds(2)
        rows[0]["upn"] = "anna_fabrikam.com#EXT#@contoso.com"
        self.sandbox.admin("POST", "/users", {"upn": rows[0]["upn"], "guest": False})
        write_seeds(file, rows)
        self.expect(PARTLY, self.pk("tokens", "import", file), "has the form of a guest's", "external member", "User.Read.All", "1 active")


class WhereItWorks(EndToEnd):
    SANDBOX = None

    def test_without_a_config_file(self):
        self.expect_error(USAGE, self.bare("session", "status"), "there is no config file", str(self.home / ".config"), "/etc/portalkey/config.toml")
        self.expect_error(USAGE, self.bare("session", "status", env={"HOME": ""}), "there is no config file", "HOME: is not set")
        self.expect(USAGE, self.bare("doctor"), "there is no config file", str(self.home / ".config"))
        place = self.home / ".config" / "portalkey"
        place.mkdir(parents=True)
        (place / "config.toml").write_text('[profile.prod]\ntenant = "contoso.com"\n')
        self.expect_error(USAGE, self.bare("session", "status"), "no profile named default", "--profile", "prod")

    def test_a_state_folder_that_cannot_be_made(self):
        config = self.folder / "config.toml"
        config.write_text('[profile.default]\ntenant = "contoso.com"\nstate_dir = "config.toml/state"\n')
        folder = str(config / "state")
        self.expect(FAILED, self.bare("--config", config, "doctor", "-o", "json"), f"{folder} is not there and cannot be made: {config}: Not a dir")
        self.expect_error(FAILED, self.bare("--config", config, "jobs", "list"), "Not a directory", folder)


if __name__ == "__main__":
    harness.main()
