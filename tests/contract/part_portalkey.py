"""portalkey itself under production names, without its own `--sandbox`: from an empty profile to a working session and away again. What it
sends to Key Vault and Resource Manager is recorded and judged by Microsoft's OpenAPI files."""
import contract
from contract import check, equal

VAULT, GROUP = "contract-setup-kv", "contract-setup-rg"


class Portalkey:
    def __init__(self, part, cloud):
        self.part = part
        home = part.folder / f"home-{cloud}"
        home.mkdir()
        self.home = home
        self.env = {"HOME": str(home), "SSL_CERT_FILE": part.ca}

    def run(self, *args, env=None):
        return self.part.run(contract.PROGRAM, *args, env={**self.env, **(env or {})})

    def ok(self, *args, env=None):
        ran = self.run(*args, env=env)
        check(ran.code == 0, str(ran))
        return ran


def one_cloud(part, version, cloud, tag):
    portalkey = Portalkey(part, cloud)
    choices = ("--cloud", cloud, "--resource-group", GROUP, "--vault", VAULT, "--location", "westeurope", "--no-purge-protection")

    def operation(name):
        return part.operation("portalkey", version, name + tag)

    with operation("setup plan: a person signs in by device code"):
        part.sandbox.policy(nextApprover=part.facts["adminAccount"])
        planned = portalkey.ok("--credential", "device_code", "setup", "plan", *choices, "-o", "json").json()
        check("create" in {step["state"] for step in planned["steps"]}, f"plan: {planned}")
    with operation("setup apply: signed in through the az CLI"):
        az = {"AZURE_CONFIG_DIR": str(part.folder / f"azure-{cloud}"), "REQUESTS_CA_BUNDLE": part.ca, "AZURE_CORE_COLLECT_TELEMETRY": "no"}
        if cloud == "usgov":
            part.run("az", "cloud", "set", "--name", "AzureUSGovernment", env=az)
        part.sandbox.policy(nextApprover=part.facts["adminAccount"])
        ran = part.run("az", "login", "--use-device-code", "--tenant", part.facts["tenantId"], env=az)
        check(ran.code == 0, str(ran))
        portalkey.ok("--credential", "azure_cli", "setup", "apply", *choices, env=az)
        again = portalkey.ok("--credential", "azure_cli", "setup", "plan", *choices, "-o", "json", env=az).json()
        equal({step["state"] for step in again["steps"]}, {"exists"}, "states after apply")
    with operation("login: the session begins"):
        file = part.folder / "refresh-token"
        file.touch(0o600)
        file.write_text(part.sandbox.refresh_token_of())
        portalkey.ok("login", "--refresh-token-file", file)
        file.unlink()
    with operation("session refresh, skus"):
        for _ in range(3):
            portalkey.ok("session", "refresh")
        check("contoso:" in portalkey.ok("skus").out, "no licence is listed")
    with operation("doctor --redeem"):
        ran = portalkey.run("doctor", "--redeem", "-o", "json")
        bad = [line for line in ran.json()["findings"] if line["outcome"] == "failure"]
        check(ran.code == 0 and not bad, f"{bad}\n{ran}")
    with operation("setup destroy"):
        portalkey.ok("--credential", "azure_cli", "setup", "destroy", "--yes", "--purge", env=az)


def run(part):
    version = part.run(contract.PROGRAM, "--version").out.split()[-1]
    one_cloud(part, version, "global", "")
    one_cloud(part, version, "usgov", ", US Government")


if __name__ == "__main__":
    contract.main("portalkey", run)
