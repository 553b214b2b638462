"""From a device whose clock is off to its owner's sign-in: what it shows, what it is activated with, and whether he gets in."""
import base64
import datetime
import unittest

from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd, seed_rows, totp, write_seeds

HOUR = 3600 // 30  # in steps


def another(code):
    return code[:-1] + str((int(code[-1]) + 5) % 10)


class Drift(EndToEnd):
    SANDBOX = (*EndToEnd.SANDBOX, "--portal-activation-window", "wide")
    SIGNED_IN = True
    BACKEND = ()

    def setUp(self):
        super().setUp()
        self.rows = seed_rows(4)
        self.file = write_seeds(self.folder / "seeds.csv", self.rows)
        self.sandbox.go_to(5, 30)

    def run_on(self, *args):
        return self.pk(*self.BACKEND, *args)

    def step(self):
        return int(self.sandbox.now() // 30)

    def shows(self, row, steps_ahead, later=0):
        return totp(row["secret key"], self.step() + steps_ahead + later)

    def codes(self, row, steps_ahead):
        return ("--serial", row["serial number"], "--code", self.shows(row, steps_ahead), "--next", self.shows(row, steps_ahead, 1))

    def clocks(self, *lines):
        file = self.folder / "clocks.csv"
        file.write_text("\n".join(("serial number,code,next code,read at", *lines)) + "\n")
        return file

    def reading(self, row, steps_ahead):
        at = datetime.datetime.fromtimestamp(self.step() * 30 + 5, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{row['serial number']},{self.shows(row, steps_ahead)},{self.shows(row, steps_ahead, 1)},{at}"

    def signs_in(self, row, steps_ahead):
        """Whether the owner gets in with what the device shows a minute later, its clock so far ahead."""
        self.sandbox.clock(advanceSeconds=60)
        self.sandbox.go_to(5, 30)
        return self.sandbox.admin("POST", "/sign-in-with-token", {"upn": row["upn"], "code": self.shows(row, steps_ahead)})["signedIn"]


class OwnTime(Drift):
    def test_what_a_device_shows_is_measured_and_activated_and_its_owner_signs_in(self):
        row, steps = self.rows[0], 4 * HOUR
        self.expect(DONE, self.run_on("tokens", "import", self.file, "--until", "uploaded"), "4 uploaded")
        checked = self.expect(PARTLY, self.bare("tokens", "check", self.file, *self.codes(row, steps), "--at", self.time(), "-o", "json"))
        self.assertEqual((checked.json()["seconds"], checked.json()["canBeActivated"]), (steps * 30, True))
        done = self.expect(DONE, self.run_on("tokens", "activate", self.file, *self.codes(row, steps), "-o", "json")).json()
        self.assertEqual(done["clocks"], {"computedCodes": 0, "ownTime": 1, "madeLongAgo": []})
        # The second code is the one that shows: the first is a step old.
        self.assertEqual(done["tokens"][0]["deviceClock"]["aheadSeconds"], (steps + 1) * 30)
        shown = self.expect(DONE, self.pk("jobs", "show", done["job"], "-o", "json")).json()
        self.assertEqual(shown["tokens"][0]["deviceClock"], done["tokens"][0]["deviceClock"])
        token = self.expect(DONE, self.run_on("tokens", "show", row["serial number"], "-o", "json")).json()
        self.assertEqual(token["deviceClock"], done["tokens"][0]["deviceClock"])
        self.assertTrue(self.signs_in(row, steps))
        self.assertFalse(self.signs_in(row, 0))

    def time(self):
        return datetime.datetime.fromtimestamp(self.sandbox.now(), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def test_a_list_of_readings_activates_each_for_its_own_time(self):
        ahead, behind, right, bad = self.rows
        file = self.clocks(self.reading(ahead, 4 * HOUR), self.reading(behind, -23 * HOUR),
                           f"{bad['serial number']},{self.shows(bad, 7)},{self.shows(bad, 9)},2026-01-01T00:00:00Z")
        ran = self.expect(PARTLY, self.run_on("tokens", "import", self.file, "--clocks", file), "3 active", "1 rejected",
                          "4 h 0 min ahead", "23 h 0 min behind", "clocks.csv line 4", "computed codes: 1 of 3")
        for code in (self.shows(bad, 7), self.shows(bad, 9)):
            self.assertNotIn(code, ran.text)
        self.assertEqual([self.signs_in(row, steps) for row, steps in ((ahead, 4 * HOUR), (behind, -23 * HOUR), (right, 0))],
                         [True, True, True])
        self.assertFalse(self.signs_in(ahead, 0))

    def test_a_resumed_job_knows_the_clocks_still(self):
        row = self.rows[0]
        file = self.clocks(self.reading(row, 4 * HOUR))
        self.sandbox.fault(path="/activate" if self.BACKEND else "/enable", kind="answer", status=403, body="{}")
        self.run_on("tokens", "import", self.file, "--clocks", file)
        self.sandbox.no_faults()
        job = self.pk("jobs", "list", "-o", "json").json()[0]["id"]
        file.unlink(), self.file.unlink()
        self.expect(DONE, self.run_on("jobs", "resume", job), "4 active")
        self.assertTrue(self.signs_in(row, 4 * HOUR))


class OwnTimeThroughGraph(OwnTime):
    SANDBOX = EndToEnd.SANDBOX  # Graph's window is documented
    BACKEND = ("--backend", "graph")

    def setUp(self):
        super().setUp()
        self.grant_graph_rights()


class BadReadings(Drift):
    def test_what_is_wrong_with_codes_is_said_as_such_and_nothing_is_sent(self):
        row, other = self.rows[:2]
        self.expect(DONE, self.pk("tokens", "import", self.file, "--until", "uploaded"), "4 uploaded")
        good, follows = self.shows(row, HOUR), self.shows(row, HOUR, 1)
        for code, second, words in (
                (good, another(follows), "the second code does not follow the first one"),
                (another(good), follows, "the first code does not come before the second one"),
                (good, self.shows(row, HOUR, 4), "4 intervals later"),
                (follows, good, "the other way round"),
                (good, good, "the same code twice"),
                (self.shows(other, HOUR), self.shows(other, HOUR, 1), f"of the token {other['serial number']} of this file"),
                (self.shows(row, 100 * HOUR), self.shows(row, 100 * HOUR, 1), "more than two days off"),
                (self.shows(row, 30 * HOUR), self.shows(row, 30 * HOUR, 1), "entra follows at most 24 h")):
            with self.subTest(words):
                ran = self.pk("tokens", "activate", self.file, "--serial", row["serial number"], "--code", code, "--next", second)
                self.expect_error(FAILED, ran, words)
                self.expect(FAILED, ran, absent=(code, second))
                if "follows at most" not in words:  # which is what an activation refuses
                    self.expect(FAILED, self.bare("tokens", "check", self.file, "--serial", row["serial number"], "--code", code,
                                                  "--next", second), words, absent=(code, second))
        self.assertEqual(self.sandbox.active(), set())
        self.assertEqual(self.sandbox.requests(part="enable"), [])

    def test_what_does_not_go_together_is_a_wrong_command_line(self):
        for args in (("--serial", "1", "--code", "123456", "--next", "654321"), ("--clocks", "x.csv"),
                     (self.file, "--code", "123456"), (self.file, "--serial", "1", "--next", "123456"),
                     (self.file, "--serial", "1", "--code", "12345"),
                     (self.file, "--serial", "1", "--code", "123456", "--clocks", "x.csv")):
            self.expect(USAGE, self.pk("tokens", "activate", *args))


class NarrowPortal(Drift):
    SANDBOX = EndToEnd.SANDBOX

    def test_a_device_that_is_far_off_is_not_activated_with_a_code_that_keeps_its_owner_out(self):
        row = self.rows[0]
        ran = self.pk("tokens", "import", self.file, "--clocks", self.clocks(self.reading(row, 4 * HOUR)))
        self.expect(PARTLY, ran, "3 active", "the device's own time (4 h 0 min ahead) was refused", "codes of the present only")
        self.assertEqual(self.sandbox.active(), {one["serial number"] for one in self.rows[1:]})

    def test_one_that_is_two_steps_off_is_and_he_gets_in(self):
        for row, steps in ((self.rows[0], 2), (self.rows[1], -2)):
            self.expect(DONE, self.pk("tokens", "import", self.file, "--clocks", self.clocks(self.reading(row, steps)), "--all"))
            self.assertTrue(self.signs_in(row, steps))


class WhatTheFileSays(Drift):
    def test_a_measured_drift_is_used_and_old_devices_are_named(self):
        keys = "".join(
            f'<KeyPackage><DeviceInfo><Manufacturer>Contoso</Manufacturer><SerialNo>{row["serial number"]}</SerialNo>'
            f'<StartDate>{start}T00:00:00Z</StartDate></DeviceInfo><Key Id="{i}" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">'
            f'<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret><PlainValue>'
            f'{self.base64(row)}</PlainValue></Secret><Time><PlainValue>{self.step() - 9000}</PlainValue></Time>'
            f'<TimeInterval><PlainValue>30</PlainValue></TimeInterval>{drift}</Data><UserId>{row["upn"]}</UserId></Key></KeyPackage>'
            for i, (row, start, drift) in enumerate((
                (self.rows[0], "2021-03-01", "<TimeDrift><PlainValue>-40</PlainValue></TimeDrift>"),
                (self.rows[1], "2021-03-01", ""), (self.rows[2], "2090-03-01", ""),
                (self.rows[3], "2021-03-01", "<TimeDrift><PlainValue>5000</PlainValue></TimeDrift>"))))
        file = self.folder / "vendor.xml"
        file.write_text(f'<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">{keys}</KeyContainer>')
        dry = self.expect(PARTLY, self.pk("tokens", "import", file, "--dry-run", "-o", "json")).json()
        self.assertEqual(dry["clocks"], {"computedCodes": 2, "ownTime": 1,
                                         "madeLongAgo": [{"serial": self.rows[1]["serial number"], "made": "2021-03-01"}]})
        self.expect(PARTLY, self.pk("tokens", "import", file), "3 active", "1 rejected", "20 min behind", "computed codes: 2 of 3",
                    f"made more than a year ago, by the file, and most likely to be off: {self.rows[1]['serial number']} (2021-03-01)\n",
                    "entra follows at most 24 h")
        self.assertTrue(self.signs_in(self.rows[0], -40))

    @staticmethod
    def base64(row):
        return base64.b64encode(base64.b32decode(row["secret key"])).decode()


if __name__ == "__main__":
    unittest.main()
