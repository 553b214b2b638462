"""Checkpoints of the audit trail go out into Key Vault, and what is there attests the trail."""
import json
import sqlite3

import harness
from harness import DONE, FAILED, EndToEnd
from service_client import Service


class Checkpoints(EndToEnd):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.config = self.folder / "serve.toml"

    def service(self, settings):
        self.config.write_text(f'[service]\n{settings}\n[profile.default]\nsandbox = "{self.sandbox.folder}"\n')
        service = Service(self.sandbox, self.home, "--config", str(self.config))
        self.addCleanup(service.stop)
        return service

    def test_a_cut_trail_is_found_by_what_the_vault_keeps(self):
        service = self.service('checkpoint_profile = "default"\ncheckpoint_syslog = true').start()
        row = harness.seed_rows(1)[0]
        body = {"serialNumber": row["serial number"], "secretKey": row["secret key"], "upn": row["upn"]}
        service.job(service.call("POST", "/v1/tenants/default/tokens", body))
        service.stop()  # the last checkpoint goes out
        versions = self.sandbox.vault("GET", "/secrets/portalkey-audit-checkpoint/versions").json()["value"]
        self.assertTrue(versions)
        kept = self.folder / "kept.json"  # as az prints them
        kept.write_text(json.dumps(versions, indent=2))
        verify = ("--config", self.config, "audit", "verify", "--checkpoints", kept)
        ran = self.expect(DONE, self.bare(*verify, "-o", "json"))
        found = json.loads(ran.out)
        self.assertEqual((found["checkpoints"], found["attested"]["seq"]), (len(versions), found["last"]), found)
        with sqlite3.connect(service.state / "audit.db") as trail:
            trail.execute("DELETE FROM entry WHERE number = ?", (found["last"],))
        trail.close()
        self.assertIn("tail cut", self.expect(FAILED, self.bare(*verify)).out)

    def test_a_profile_without_key_vault_is_refused(self):
        service = self.service('checkpoint_profile = "other"')
        with self.assertRaises(AssertionError) as refused:
            service.start()
        self.assertIn("checkpoint_profile", str(refused.exception))


if __name__ == "__main__":
    harness.main()
