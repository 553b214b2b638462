"""What the tenant learns of a device's clock at activation, and whether its owner gets in afterwards."""
import unittest

from harness import DONE, FAILED, EndToEnd, seed_rows, totp, write_seeds

HOURS = 3600 // 30  # in steps


class DeviceClock(EndToEnd):
    SANDBOX = (*EndToEnd.SANDBOX, "--portal-activation-window", "wide")
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.rows = seed_rows(2)
        self.file = write_seeds(self.folder / "seeds.csv", self.rows)

    def step(self):
        return int(self.sandbox.now() // 30)

    def signs_in(self, row, steps_ahead):
        """Whether the owner gets in with what the device shows a minute later, its clock so far ahead."""
        self.sandbox.clock(advanceSeconds=60)
        self.sandbox.go_to(5, 30)
        content = {"upn": row["upn"], "code": totp(row["secret key"], self.step() + steps_ahead)}
        return self.sandbox.admin("POST", "/sign-in-with-token", content)

    def test_a_computed_code_leaves_a_device_with_a_wrong_clock_active_and_of_no_use(self):
        self.expect(DONE, self.pk("tokens", "import", self.file), "2 active")
        self.assertTrue(self.signs_in(self.rows[0], 0)["signedIn"])
        answer = self.signs_in(self.rows[1], 4 * HOURS)
        self.assertEqual((answer["signedIn"], "none of the user's active tokens" in answer["reason"]), (False, True))

    def test_the_devices_own_code_teaches_its_clock(self):
        self.expect(DONE, self.pk("tokens", "import", self.file, "--until", "uploaded"), "2 uploaded")
        row = self.rows[0]
        self.sandbox.go_to(5, 30)
        code = totp(row["secret key"], self.step() + 4 * HOURS)
        self.expect(DONE, self.pk("tokens", "activate", "--serial", row["serial number"], "--code", code), "1 active")
        answer = self.signs_in(row, 4 * HOURS)
        self.assertEqual((answer["signedIn"], answer["driftSeconds"]), (True, 4 * 3600))
        self.assertFalse(self.signs_in(row, 0)["signedIn"])


class NarrowWindow(DeviceClock):
    SANDBOX = EndToEnd.SANDBOX

    def test_the_devices_own_code_teaches_its_clock(self):
        self.expect(DONE, self.pk("tokens", "import", self.file, "--until", "uploaded"), "2 uploaded")
        row = self.rows[0]
        self.sandbox.go_to(5, 30)
        code = totp(row["secret key"], self.step() + 4 * HOURS)
        self.expect(FAILED, self.pk("tokens", "activate", "--serial", row["serial number"], "--code", code), "the code was refused")


if __name__ == "__main__":
    unittest.main()
