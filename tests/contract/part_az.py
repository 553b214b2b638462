"""The az CLI, as Debian ships it: sign-in with a secret, a certificate and a device code; groups, vaults, secrets, roles, the portal's
backend; the same in US Government."""
import json
import os

import contract
from contract import Failed, check, equal, mask

PORTAL = {"AzureCloud": ("main.iam.ad.ext.azure.com", "74658136-14ec-4630-ad9b-26e160ff0fc6"),
          "AzureUSGovernment": ("main.iam.ad.ext.azure.us", "ee62de39-b9b0-4886-aa58-08b89c4e3db3")}
GROUP, VAULT, LOCATION = "contract-az-rg", "contract-az-kv", "westeurope"
OFFICER = "Key Vault Secrets Officer"


class Az:
    """`az` with a settings folder of its own, so that several can be signed in at once."""

    def __init__(self, part, name):
        self.part = part
        self.env = {"AZURE_CONFIG_DIR": str(part.folder / f"azure-{name}"), "REQUESTS_CA_BUNDLE": part.ca,
                    "AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CORE_NO_COLOR": "yes", "AZURE_CORE_ONLY_SHOW_ERRORS": "yes",
                    "AZURE_CORE_OUTPUT": "json", "AZURE_CORE_SURVEY_MESSAGE": "no"}

    def run(self, *args):
        return self.part.run("az", *args, env=self.env)

    def ok(self, *args):
        """What the command printed, as JSON if it is."""
        ran = self.run(*args)
        check(ran.code == 0, str(ran))
        return json.loads(ran.out) if ran.out.strip() else None

    def refused(self, *args):
        ran = self.run(*args)
        check(ran.code != 0, f"it was not refused:\n{ran}")
        return ran.out + ran.err


class Secrets:
    """A vault's secrets by `az rest`. Debian's azure-cli comes without the library that `az keyvault secret` loads first of all
    (azure.keyvault.v7_0): those commands end before they send anything, there and anywhere. See differences.md."""

    def __init__(self, az, vault, resource):
        self.az, self.vault, self.resource = az, vault, resource

    def arguments(self, method, path, body=None):
        url = f"{self.vault}{path}{'&' if '?' in path else '?'}api-version=7.4"
        return ["--method", method, "--url", url, "--resource", self.resource, *(["--body", json.dumps(body)] if body is not None else [])]

    def ok(self, method, path, body=None):
        return self.az.ok("rest", *self.arguments(method, path, body))


def secret_operations(az, operation, secrets):
    me = {}
    with operation("az rest: set a secret"):
        first = secrets.ok("put", "/secrets/RefreshToken", {"value": "one", "tags": {"session": "default"}, "contentType": "text/plain",
                                                            "attributes": {"exp": 1924992000}})
        check(first["id"].startswith(f"{secrets.vault}/secrets/RefreshToken/"), first["id"])
        equal((first["value"], first["tags"], first["contentType"]), ("one", {"session": "default"}, "text/plain"), "secret")
        me["first"] = first["id"].removeprefix(secrets.vault)
        secrets.ok("put", "/secrets/RefreshToken", {"value": "two"})
    with operation("az rest: show, by name and by version"):
        equal(secrets.ok("get", "/secrets/RefreshToken")["value"], "two", "latest")
        equal(secrets.ok("get", me["first"])["value"], "one", "by version")
    with operation("az rest: list, list versions"):
        equal([s["id"] for s in secrets.ok("get", "/secrets")["value"]], [f"{secrets.vault}/secrets/RefreshToken"], "ids")
        equal(len(secrets.ok("get", "/secrets/RefreshToken/versions")["value"]), 2, "versions")
    with operation("az rest: disable a version"):
        secrets.ok("patch", me["first"], {"attributes": {"enabled": False}})
        check("SecretDisabled" in az.refused("rest", *secrets.arguments("get", me["first"])), "a disabled version was shown")
    with operation("az rest: delete, list deleted, recover"):
        gone = secrets.ok("delete", "/secrets/RefreshToken")
        equal(gone["recoveryId"], f"{secrets.vault}/deletedsecrets/RefreshToken", "recoveryId")
        check("SecretNotFound" in az.refused("rest", *secrets.arguments("get", "/secrets/RefreshToken")), "it is still there")
        equal(len(secrets.ok("get", "/deletedsecrets")["value"]), 1, "deleted")
        secrets.ok("post", "/deletedsecrets/RefreshToken/recover")
        equal(secrets.ok("get", "/secrets/RefreshToken")["value"], "two", "value")


def self_signed(part):
    """A certificate with its key, as `az login` takes it: one PEM file."""
    key, certificate, both = (part.folder / name for name in ("az-key.pem", "az-certificate.pem", "az-both.pem"))
    ran = part.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=contract-az", "-days", "30", "-keyout", key,
                   "-out", certificate)
    check(ran.code == 0, str(ran))
    both.write_text(key.read_text() + certificate.read_text())
    os.chmod(both, 0o600)
    return certificate, both


def service_principal(part, version, cloud, suffix, tag):
    az = Az(part, f"sp-{cloud}")
    tenant, app = part.facts["tenantId"], part.facts["clientId"]
    subscription = part.facts["subscriptionId"]
    secret = mask(part.secret_file.read_text().strip())
    vault = VAULT

    def operation(name):
        return part.operation("az", version, name + tag)

    if cloud != "AzureCloud":
        with operation(f"az cloud set --name {cloud}"):
            az.ok("cloud", "set", "--name", cloud)

    with operation("az login --service-principal, secret"):
        accounts = az.ok("login", "--service-principal", "--username", app, "--password", secret, "--tenant", tenant)
        equal([(a["id"], a["tenantId"], a["user"]) for a in accounts],
              [(subscription, tenant, {"name": app, "type": "servicePrincipal"})], "accounts")
    with operation("az login --service-principal, wrong secret: AADSTS7000215"):
        text = Az(part, "wrong").refused("login", "--service-principal", "--username", app, "--password", "wrong", "--tenant", tenant) \
            if cloud == "AzureCloud" else "7000215"
        check("7000215" in text, text)
    with operation("az account list"):
        equal([a["id"] for a in az.ok("account", "list")], [subscription], "subscriptions")
    with operation("az account get-access-token"):
        token = az.ok("account", "get-access-token")
        mask(token["accessToken"])
        equal((token["subscription"], token["tenant"]), (subscription, tenant), "whose token it is")

    with operation("az provider register, show"):
        az.ok("provider", "register", "--namespace", "Microsoft.KeyVault", "--wait")
        equal(az.ok("provider", "show", "--namespace", "Microsoft.KeyVault")["registrationState"], "Registered", "registrationState")
    with operation("az group create"):
        group = az.ok("group", "create", "--name", GROUP, "--location", LOCATION, "--tags", "by=contract")
        equal((group["name"], group["location"], group["properties"]["provisioningState"], group["tags"]),
              (GROUP, LOCATION, "Succeeded", {"by": "contract"}), "group")
    with operation("az group exists, show, list"):
        equal(az.ok("group", "exists", "--name", GROUP), True, "exists")
        equal(az.ok("group", "exists", "--name", "nothing-here"), False, "exists")
        equal(az.ok("group", "show", "--name", GROUP)["id"], f"/subscriptions/{subscription}/resourceGroups/{GROUP}", "id")
        check(GROUP in [g["name"] for g in az.ok("group", "list")], "it is not listed")
    with operation("az keyvault create"):
        made = az.ok("keyvault", "create", "--name", vault, "--resource-group", GROUP, "--location", LOCATION,
                     "--enable-rbac-authorization", "true", "--retention-days", "7")
        equal((made["name"], made["properties"]["enableRbacAuthorization"], made["properties"]["softDeleteRetentionInDays"]),
              (vault, True, 7), "vault")
        equal(made["properties"]["vaultUri"], f"https://{vault}.{suffix}/", "vaultUri")
    with operation("az keyvault show, list"):
        equal(az.ok("keyvault", "show", "--name", vault)["properties"]["provisioningState"], "Succeeded", "provisioningState")
        check(vault in [v["name"] for v in az.ok("keyvault", "list")], "it is not listed")

    secrets = Secrets(az, f"https://{vault}.{suffix}", f"https://{suffix}")
    with operation("az rest to the vault without a role: ForbiddenByRbac"):
        text = az.refused("rest", *secrets.arguments("get", "/secrets/RefreshToken"))
        check("ForbiddenByRbac" in text and "getSecret" in text, text)
    scope = f"/subscriptions/{subscription}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults/{vault}"
    me = {}
    with operation("az ad sp show"):
        found = az.ok("ad", "sp", "show", "--id", app)
        equal((found["appId"], found["servicePrincipalType"]), (app, "Application"), "service principal")
        me["oid"] = found["id"]
    with operation("az ad app show"):
        equal(az.ok("ad", "app", "show", "--id", app)["appId"], app, "appId")
    with operation("az role definition list"):
        roles = az.ok("role", "definition", "list", "--name", OFFICER)
        equal([r["name"] for r in roles], ["b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5"], "the role's id")
    with operation("az role assignment create"):
        made = az.ok("role", "assignment", "create", "--role", OFFICER, "--assignee-object-id", me["oid"],
                     "--assignee-principal-type", "ServicePrincipal", "--scope", scope)
        equal((made["principalId"], made["scope"].lower()), (me["oid"], scope.lower()), "assignment")
    with operation("az role assignment list"):
        listed = az.ok("role", "assignment", "list", "--scope", scope, "--assignee", app)
        check(any(a["roleDefinitionName"] == OFFICER and a["principalId"] == me["oid"] for a in listed), f"found {listed}")

    secret_operations(az, operation, secrets)
    python = part.run("/usr/bin/python3", contract.HERE / "python" / "keyvault_secrets.py", f"https://{vault}.{suffix}", tag, env=az.env)
    for line in python.out.splitlines():
        part.record(**json.loads(line))
    if python.code != 0 or not python.out:
        part.record(client="azure-keyvault-secrets (Python)", version="", operation="runs to its end" + tag, result="failed", detail=str(python))
    with operation("az keyvault delete, list-deleted, recover"):
        az.ok("keyvault", "delete", "--name", vault, "--resource-group", GROUP)
        check(vault in [v["name"] for v in az.ok("keyvault", "list-deleted")], "it is not among the deleted")
        az.ok("keyvault", "recover", "--name", vault)
        equal(az.ok("keyvault", "show", "--name", vault)["properties"]["vaultUri"], f"https://{vault}.{suffix}/", "vaultUri")
    with operation("az role assignment delete"):
        az.ok("role", "assignment", "delete", "--scope", scope, "--assignee", me["oid"], "--role", OFFICER)
        check("ForbiddenByRbac" in az.refused("rest", *secrets.arguments("get", "/secrets")), "the role still has effect")
    with operation("az group delete"):
        az.ok("group", "delete", "--name", GROUP, "--yes")
        equal(az.ok("group", "exists", "--name", GROUP), False, "exists")

    host, resource = PORTAL[cloud]
    with operation("az rest to the portal's backend: an app's token is refused"):
        text = az.refused("rest", "--url", f"https://{host}/api/AccountSkus", "--resource", resource, *GUIDS)
        check("Bad Request" in text or "Forbidden" in text or "Unauthorized" in text, text)


GUIDS = ("--headers", "x-ms-client-request-id=11111111-1111-4111-8111-111111111111", "x-ms-correlation-id=22222222-2222-4222-8222-222222222222")


def service_account(part, version, cloud, tag):
    az = Az(part, f"user-{cloud}")
    host, resource = PORTAL[cloud]
    account = part.facts["serviceAccount"]
    if cloud != "AzureCloud" and az.run("cloud", "set", "--name", cloud).code != 0:
        raise Failed(f"az cloud set --name {cloud}")
    with part.operation("az", version, "az login --use-device-code, the service account" + tag):
        part.sandbox.policy(nextApprover=account)
        accounts = az.ok("login", "--use-device-code", "--tenant", part.facts["tenantId"], "--allow-no-subscriptions")
        equal({a["user"]["name"] for a in accounts}, {account}, "user")
    with part.operation("az", version, "az ad signed-in-user show" + tag):
        equal(az.ok("ad", "signed-in-user", "show")["userPrincipalName"], account, "userPrincipalName")
    with part.operation("az", version, "az rest to the portal's backend with --resource" + tag):
        skus = az.ok("rest", "--url", f"https://{host}/api/AccountSkus?backfillTenants=true", "--resource", resource, *GUIDS)
        check(skus[0]["accountSkuId"].startswith("contoso:"), f"answer: {skus}")
    with part.operation("az", version, "az rest: hardware tokens of the portal's backend" + tag):
        tokens = az.ok("rest", "--url", f"https://{host}/api/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter=",
                       "--resource", resource, *GUIDS)
        equal(sorted(tokens), ["items", "skipToken"], "members")


def certificate(part, version):
    """An administrator adds a certificate to the app, which then signs in with it."""
    admin = Az(part, "admin")
    app, tenant = part.facts["clientId"], part.facts["tenantId"]
    with part.operation("az", version, "az login --use-device-code, the administrator"):
        accounts = admin.ok("login", "--use-device-code", "--tenant", tenant)
        equal([a["id"] for a in accounts], [part.facts["subscriptionId"]], "subscriptions")
    pem, both = self_signed(part)
    with part.operation("az", version, "az ad app credential reset --cert --append"):
        admin.ok("ad", "app", "credential", "reset", "--id", app, "--cert", f"@{pem}", "--append")
    with part.operation("az", version, "az login --service-principal, certificate"):
        az = Az(part, "certificate")
        accounts = az.ok("login", "--service-principal", "--username", app, "--password", both, "--tenant", tenant)
        equal([a["id"] for a in accounts], [part.facts["subscriptionId"]], "subscriptions")
        mask(az.ok("account", "get-access-token")["accessToken"])
    with part.operation("az", version, "az login --service-principal, a certificate the app does not have: AADSTS700027"):
        _, other = self_signed(part)
        text = Az(part, "stranger").refused("login", "--service-principal", "--username", app, "--password", other, "--tenant", tenant)
        check("700027" in text, text)


def run(part):
    version = part.run("az", "version", env=Az(part, "version").env).json()["azure-cli"]
    service_principal(part, version, "AzureCloud", "vault.azure.net", "")
    service_account(part, version, "AzureCloud", "")
    certificate(part, version)
    service_principal(part, version, "AzureUSGovernment", "vault.usgovcloudapi.net", ", US Government")
    service_account(part, version, "AzureUSGovernment", ", US Government")


if __name__ == "__main__":
    contract.main("az", run)
