"""The az CLI, as Debian ships it: sign-in with a secret, a certificate and a device code; groups, vaults, secrets, roles, the portal's
backend; the same in US Government. And Microsoft's Python client for secrets, signed in through az.

What Debian's package of az lacks is in debian_az/, with the reasons."""
import json

import contract
from contract import check, equal, mask

PORTAL = {"AzureCloud": ("main.iam.ad.ext.azure.com", "74658136-14ec-4630-ad9b-26e160ff0fc6"),
          "AzureUSGovernment": ("main.iam.ad.ext.azure.us", "ee62de39-b9b0-4886-aa58-08b89c4e3db3")}
SUFFIX = {"AzureCloud": "vault.azure.net", "AzureUSGovernment": "vault.usgovcloudapi.net"}
GROUP, VAULT, LOCATION = "contract-az-rg", "contract-az-kv", "westeurope"
OFFICER = "Key Vault Secrets Officer"
GUIDS = ("--headers", "x-ms-client-request-id=11111111-1111-4111-8111-111111111111",
         "x-ms-correlation-id=22222222-2222-4222-8222-222222222222")


TEMPLATE = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"vaultName": {"type": "string"}},
  /* a vault,
     and nothing else */
  "resources": [
    {
      "type": "Microsoft.KeyVault/vaults", // its type
      "apiVersion": "2023-07-01",
      "name": "[parameters('vaultName')]",
      "location": "[resourceGroup().location]",
      "properties": {"tenantId": "[subscription().tenantId]", "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": true}
    }
  ],
  "outputs": {"vault": {"type": "string", "value": "[parameters('vaultName')]"}}
}
"""
SUBSCRIPTION_TEMPLATE = """{
  // a group
  "$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [{"type": "Microsoft.Resources/resourceGroups", "apiVersion": "2022-09-01", "name": "contract-az-sub", "location": "westeurope", "properties": {}}]
}
"""


class Az:
    """`az` with a settings folder of its own, so that several can be signed in at once."""

    def __init__(self, part, name):
        self.part = part
        self.env = {"AZURE_CONFIG_DIR": str(part.folder / f"azure-{name}"), "REQUESTS_CA_BUNDLE": part.ca,
                    "AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CORE_NO_COLOR": "yes", "AZURE_CORE_ONLY_SHOW_ERRORS": "yes",
                    "AZURE_CORE_OUTPUT": "json", "AZURE_CORE_SURVEY_MESSAGE": "no", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *args):
        repaired = args[0] == "role" or args[:2] == ("keyvault", "secret")
        return self.part.run("az", *args, env={**self.env, **({"PYTHONPATH": str(contract.HERE / "debian_az")} if repaired else {})})

    def ok(self, *args):
        """What the command printed, as JSON if it is."""
        ran = self.run(*args)
        check(ran.code == 0, str(ran))
        return json.loads(ran.out) if ran.out.strip() else None

    def refused(self, *args):
        ran = self.run(*args)
        check(ran.code != 0, f"it was not refused:\n{ran}")
        return ran.out + ran.err


class Cloud:
    """One cloud's tests; each method is a chapter."""

    def __init__(self, part, version, name):
        self.part, self.version, self.name = part, version, name
        self.tag = "" if name == "AzureCloud" else ", US Government"
        self.app, self.tenant = part.facts["clientId"], part.facts["tenantId"]
        self.subscription = part.facts["subscriptionId"]
        self.vault_url = f"https://{VAULT}.{SUFFIX[name]}"
        self.scope = f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}/providers/Microsoft.KeyVault/vaults/{VAULT}"
        self.service, self.admin, self.account = (self.az(who) for who in ("service", "admin", "account"))
        self.oid = ""

    def az(self, who):
        return Az(self.part, f"{who}-{self.name}")

    def operation(self, name):
        return self.part.operation("az", self.version, name + self.tag)

    def choose(self):
        if self.name == "AzureCloud":
            return
        with self.operation(f"az cloud set --name {self.name}"):
            for az in (self.service, self.admin, self.account):
                az.ok("cloud", "set", "--name", self.name)

    def sign_in(self):
        secret = mask(self.part.secret_file.read_text().strip())
        with self.operation("az login --service-principal, secret"):
            found = self.service.ok("login", "--service-principal", "--username", self.app, "--password=" + secret, "--tenant", self.tenant)
            equal([(a["id"], a["tenantId"], a["user"]) for a in found],
                  [(self.subscription, self.tenant, {"name": self.app, "type": "servicePrincipal"})], "accounts")
        with self.operation("az account list, get-access-token"):
            equal([a["id"] for a in self.service.ok("account", "list")], [self.subscription], "subscriptions")
            token = self.service.ok("account", "get-access-token")
            mask(token["accessToken"])
            equal((token["subscription"], token["tenant"]), (self.subscription, self.tenant), "whose token it is")
        with self.operation("az login --use-device-code, the administrator"):
            self.part.sandbox.policy(nextApprover=self.part.facts["adminAccount"])
            found = self.admin.ok("login", "--use-device-code", "--tenant", self.tenant)
            equal([(a["id"], a["user"]["name"]) for a in found], [(self.subscription, self.part.facts["adminAccount"])], "accounts")

    def wrong_credentials(self):
        with self.operation("az login --service-principal, wrong secret: AADSTS7000215"):
            text = self.az("wrong").refused("login", "--service-principal", "--username", self.app, "--password", "wrong", "--tenant", self.tenant)
            check("7000215" in text, text)
        with self.operation("az login --service-principal, unknown app: AADSTS700016"):
            text = self.az("unknown").refused("login", "--service-principal", "--username", "99999999-9999-4999-8999-999999999999",
                                              "--password", "wrong", "--tenant", self.tenant)
            check("700016" in text, text)

    def directory(self):
        with self.operation("az ad sp show"):
            found = self.admin.ok("ad", "sp", "show", "--id", self.app)
            equal((found["appId"], found["servicePrincipalType"]), (self.app, "Application"), "service principal")
            self.oid = found["id"]
        with self.operation("az ad app show, list"):
            equal(self.admin.ok("ad", "app", "show", "--id", self.app)["appId"], self.app, "appId")
            check(self.app in [a["appId"] for a in self.admin.ok("ad", "app", "list", "--all")], "it is not listed")

    def group_and_vault(self):
        az = self.admin
        with self.operation("az provider register, show"):
            az.ok("provider", "register", "--namespace", "Microsoft.KeyVault")
            equal(az.ok("provider", "show", "--namespace", "Microsoft.KeyVault")["namespace"], "Microsoft.KeyVault", "namespace")
        with self.operation("az group create by an app without a role: AuthorizationFailed"):
            text = self.service.refused("group", "create", "--name", GROUP, "--location", LOCATION)
            check("AuthorizationFailed" in text, text)
        with self.operation("az group create"):
            group = az.ok("group", "create", "--name", GROUP, "--location", LOCATION, "--tags", "by=contract")
            equal((group["name"], group["location"], group["properties"]["provisioningState"], group["tags"]),
                  (GROUP, LOCATION, "Succeeded", {"by": "contract"}), "group")
        with self.operation("az group exists, show, list"):
            equal(az.ok("group", "exists", "--name", GROUP), True, "exists")
            equal(az.ok("group", "exists", "--name", "nothing-here"), False, "exists")
            equal(az.ok("group", "show", "--name", GROUP)["id"], f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}", "id")
            check(GROUP in [g["name"] for g in az.ok("group", "list")], "it is not listed")
        with self.operation("az keyvault create"):
            made = az.ok("keyvault", "create", "--name", VAULT, "--resource-group", GROUP, "--location", LOCATION,
                         "--enable-rbac-authorization", "true", "--retention-days", "7")
            equal((made["name"], made["properties"]["enableRbacAuthorization"], made["properties"]["softDeleteRetentionInDays"]),
                  (VAULT, True, 7), "vault")
            equal(made["properties"]["vaultUri"], self.vault_url + "/", "vaultUri")
        with self.operation("az keyvault show, list"):
            equal(az.ok("keyvault", "show", "--name", VAULT)["properties"]["provisioningState"], "Succeeded", "provisioningState")
            check(VAULT in [v["name"] for v in az.ok("keyvault", "list")], "it is not listed")

    def role(self):
        az = self.admin
        with self.operation("az keyvault secret set without a role: ForbiddenByRbac"):
            text = self.service.refused("keyvault", "secret", "set", "--vault-name", VAULT, "--name", "early", "--value", "x")
            check("ForbiddenByRbac" in text and "setSecret" in text, text)
        with self.operation("az role definition list"):
            roles = az.ok("role", "definition", "list", "--name", OFFICER)
            equal([r["name"] for r in roles], ["b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5"], "the role's id")
        with self.operation("az role assignment create"):
            made = az.ok("role", "assignment", "create", "--role", OFFICER, "--assignee-object-id", self.oid,
                         "--assignee-principal-type", "ServicePrincipal", "--scope", self.scope)
            equal((made["principalId"], made["scope"].lower()), (self.oid, self.scope.lower()), "assignment")
        with self.operation("az role assignment list"):
            listed = az.ok("role", "assignment", "list", "--scope", self.scope, "--assignee", self.app)
            check(any(a["roleDefinitionName"] == OFFICER and a["principalId"] == self.oid for a in listed), f"found {listed}")

    def secrets(self):
        az = self.service
        at = ("--vault-name", VAULT, "--name", "RefreshToken")
        first = {"id": ""}
        with self.operation("az keyvault secret set"):
            first = az.ok("keyvault", "secret", "set", *at, "--value", "one", "--tags", "session=default",
                          "--expires", "2031-01-01T00:00:00Z", "--content-type", "text/plain")
            check(first["id"].startswith(f"{self.vault_url}/secrets/RefreshToken/"), first["id"])
            equal((first["value"], first["tags"]["session"], first["contentType"]), ("one", "default", "text/plain"), "secret")
            az.ok("keyvault", "secret", "set", *at, "--value", "two")
        with self.operation("az keyvault secret show, latest and by version"):
            equal(az.ok("keyvault", "secret", "show", *at)["value"], "two", "latest")
            shown = az.ok("keyvault", "secret", "show", "--id", first["id"])
            equal((shown["value"], shown["attributes"]["expires"]), ("one", "2031-01-01T00:00:00+00:00"), "by version")
        with self.operation("az keyvault secret list, list-versions"):
            equal([s["name"] for s in az.ok("keyvault", "secret", "list", "--vault-name", VAULT)], ["RefreshToken"], "names")
            equal(len(az.ok("keyvault", "secret", "list-versions", *at)), 2, "versions")
        with self.operation("az keyvault secret set-attributes"):
            az.ok("keyvault", "secret", "set-attributes", "--id", first["id"], "--enabled", "false")
            check("disabled" in az.refused("keyvault", "secret", "show", "--id", first["id"]), "a disabled version was shown")
        with self.operation("az keyvault secret delete"):
            gone = az.ok("keyvault", "secret", "delete", *at)
            equal(gone["recoveryId"], f"{self.vault_url}/deletedsecrets/RefreshToken", "recoveryId")
            check("SecretNotFound" in az.refused("keyvault", "secret", "show", *at), "it is still there")
        with self.operation("az keyvault secret list-deleted, recover"):
            equal([s["name"] for s in az.ok("keyvault", "secret", "list-deleted", "--vault-name", VAULT)], ["RefreshToken"], "deleted")
            az.ok("keyvault", "secret", "recover", *at)
            equal(az.ok("keyvault", "secret", "show", *at)["value"], "two", "value")
        with self.operation("az rest to the vault with --resource"):
            found = az.ok("rest", "--url", f"{self.vault_url}/secrets/RefreshToken?api-version=7.4", "--resource", f"https://{SUFFIX[self.name]}")
            equal(found["value"], "two", "value")
        python = self.part.run("/usr/bin/python3", contract.HERE / "python" / "keyvault_secrets.py", self.vault_url, self.tag, env=az.env)
        for line in python.out.splitlines():
            self.part.record(**json.loads(line))
        if python.code != 0 or not python.out:
            self.part.record(client="azure-keyvault-secrets (Python)", version="", operation="runs to its end", result="failed", detail=str(python))

        with self.operation("az keyvault secret set-attributes, without a version"):
            changed = az.ok("keyvault", "secret", "set-attributes", *at, "--tags", "session=other")
            equal(changed["tags"], {"session": "other"}, "tags of the latest")

    def network(self):
        az, at = self.admin, ("--name", VAULT, "--resource-group", GROUP)
        with self.operation("az keyvault network-rule add, list, remove"):
            az.ok("keyvault", "network-rule", "add", *at, "--ip-address", "203.0.113.0/24")
            equal([r["value"] for r in az.ok("keyvault", "network-rule", "list", *at)["ipRules"]], ["203.0.113.0/24"], "rules")
            az.ok("keyvault", "network-rule", "remove", *at, "--ip-address", "203.0.113.0/24")
        with self.operation("az keyvault network-rule add, a private range: refused"):
            text = az.refused("keyvault", "network-rule", "add", *at, "--ip-address", "172.16.0.0/12")
            check("belongs to forbidden range" in text, text)

    def kept(self):
        """Locks, tags, diagnostic settings, and a provider that is in use."""
        az, at = self.admin, ("--name", VAULT, "--resource-group", GROUP)
        of_vault = ("--resource-group", GROUP, "--resource-name", VAULT, "--resource-type", "Microsoft.KeyVault/vaults")
        with self.operation("az lock create, list, show"):
            equal(az.ok("lock", "create", "--name", "keep", "--lock-type", "CanNotDelete", *of_vault)["level"], "CanNotDelete", "level")
            equal([one["name"] for one in az.ok("lock", "list", "--resource-group", GROUP)], ["keep"], "locks")
            equal(az.ok("lock", "show", "--name", "keep", *of_vault)["level"], "CanNotDelete", "level")
        with self.operation("az keyvault delete, az group delete below a lock: ScopeLocked"):
            for command in (("keyvault", "delete", *at), ("group", "delete", "--name", GROUP, "--yes")):
                text = az.refused(*command)
                check("ScopeLocked" in text and "cannot perform delete operation" in text, text)
        with self.operation("az lock update to ReadOnly: changes are refused, too"):
            az.ok("lock", "update", "--name", "keep", "--lock-type", "ReadOnly", "--notes", "why", *of_vault)
            text = az.refused("keyvault", "update", *at, "--set", "tags.a=b")
            check("ScopeLocked" in text and "cannot perform write operation" in text, text)
        with self.operation("az lock delete"):
            az.ok("lock", "delete", "--name", "keep", *of_vault)
            az.ok("keyvault", "update", *at, "--set", "tags.a=b")
        with self.operation("az tag create, update, list, delete"):
            az.ok("tag", "create", "--resource-id", self.scope, "--tags", "team=identity", "cost=1")
            az.ok("tag", "update", "--resource-id", self.scope, "--operation", "Merge", "--tags", "team=it")
            equal(az.ok("tag", "list", "--resource-id", self.scope)["properties"]["tags"], {"cost": "1", "team": "it"}, "tags")
            equal(az.ok("keyvault", "show", *at)["tags"], {"cost": "1", "team": "it"}, "the vault's tags")
            az.ok("tag", "delete", "--resource-id", self.scope, "--yes")
            equal(az.ok("keyvault", "show", *at)["tags"], {}, "the vault's tags")
        with self.operation("az group update --tags"):
            changed = az.ok("group", "update", "--name", GROUP, "--tags", "by=contract", "more=1")
            equal(changed["tags"], {"by": "contract", "more": "1"}, "tags")
        with self.operation("az monitor diagnostic-settings create, list, show, delete"):
            logs = f"/subscriptions/{self.subscription}/resourceGroups/logs/providers"
            workspace = f"{logs}/Microsoft.OperationalInsights/workspaces/all"
            about = ("--name", "audit", "--resource", self.scope)
            made = az.ok("monitor", "diagnostic-settings", "create", *about, "--workspace", workspace, "--logs",
                         '[{"category": "AuditEvent", "enabled": true}]')
            equal([one["category"] for one in made["logs"]], ["AuditEvent"], "logs")
            found = az.ok("monitor", "diagnostic-settings", "list", *about[2:])
            equal([one["name"] for one in (found["value"] if isinstance(found, dict) else found)], ["audit"], "settings")
            equal(az.ok("monitor", "diagnostic-settings", "show", *about)["workspaceId"], workspace, "workspaceId")
            az.ok("monitor", "diagnostic-settings", "delete", *about)
        with self.operation("az provider unregister, in use: refused"):
            text = az.refused("provider", "unregister", "--namespace", "Microsoft.KeyVault")
            check(VAULT in text or "vaults" in text, text)

    def subnets(self):
        """Debian's az has no `az network`: its package lacks what that needs."""
        az, at = self.admin, ("--name", VAULT, "--resource-group", GROUP)
        network = f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/contract-net"
        subnet = network + "/subnets/inner"

        def put(path, body):
            return az.ok("rest", "--method", "put", "--url", path + "?api-version=2024-03-01", "--body", json.dumps(body))

        with self.operation("az provider register --wait, az rest: a virtual network and a subnet"):
            az.ok("provider", "register", "--namespace", "Microsoft.Network", "--wait")
            put(network, {"location": LOCATION, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}})
            equal(put(subnet, {"properties": {"addressPrefix": "10.0.0.0/24"}})["id"], subnet, "id")
        with self.operation("az keyvault network-rule add --subnet, one without an endpoint: refused"):
            text = az.refused("keyvault", "network-rule", "add", *at, "--subnet", subnet)
            check("SubnetsHaveNoServiceEndpointsConfigured" in text, text)
        with self.operation("az keyvault network-rule add --subnet, list, remove"):
            put(subnet, {"properties": {"addressPrefix": "10.0.0.0/24", "serviceEndpoints": [{"service": "Microsoft.KeyVault"}]}})
            az.ok("keyvault", "network-rule", "add", *at, "--subnet", subnet)
            rules = az.ok("keyvault", "network-rule", "list", *at)["virtualNetworkRules"]
            equal([rule["id"] for rule in rules], [subnet.lower()], "rules")
            az.ok("keyvault", "network-rule", "remove", *at, "--subnet", subnet)
        with self.operation("az keyvault network-rule add --subnet, one that is not there: refused"):
            text = az.refused("keyvault", "network-rule", "add", *at, "--subnet", network + "/subnets/absent")
            check("VirtualNetworkNotValid" in text or "could not be performed" in text, text)

    def principal_credentials(self):
        az = self.admin
        with self.operation("az ad sp credential reset, list, delete"):
            made = az.ok("ad", "sp", "credential", "reset", "--id", self.app, "--append")
            mask(made["password"])
            found = az.ok("ad", "sp", "credential", "list", "--id", self.app)
            equal(len(found), 1, "credentials of the service principal")
            login = ("login", "--service-principal", "--username", self.app, "--password=" + made["password"], "--tenant", self.tenant)
            signed_in = self.az("own-secret").ok(*login)
            equal([a["id"] for a in signed_in], [self.subscription], "subscriptions")
            az.ok("ad", "sp", "credential", "delete", "--id", self.app, "--key-id", found[0]["keyId"])
            text = self.az("gone-secret").refused(*login)
            check("7000215" in text, text)
        with self.operation("az ad app create --identifier-uris that name neither tenant nor app: refused"):
            text = az.refused("ad", "app", "create", "--display-name", "contract", "--identifier-uris", "api://contract")
            check("tenant verified domain, tenant ID, or app ID" in text, text)
        with self.operation("az rest to Graph's userinfo"):
            host = {"AzureCloud": "graph.microsoft.com", "AzureUSGovernment": "graph.microsoft.us"}[self.name]
            found = az.ok("rest", "--url", f"https://{host}/oidc/userinfo", "--resource", f"https://{host}")
            equal(found["email"], self.part.facts["adminAccount"], "email")

    def deployments(self):
        """A template file goes into the request as it lies there: comments, and a name without quotes."""
        az = self.admin
        template = self.part.folder / f"template-{self.name}.json"
        second = f"contract-az-{self.name[5:10].lower()}"  # names are taken in all clouds
        template.write_text(TEMPLATE)
        group = ("--resource-group", GROUP, "--name", "contract", "--template-file", template, "--parameters", f"vaultName={second}")
        with self.operation("az deployment group validate"):
            equal(az.ok("deployment", "group", "validate", *group)["properties"]["provisioningState"], "Succeeded", "provisioningState")
        with self.operation("az deployment group what-if"):
            found = az.ok("deployment", "group", "what-if", *group, "--no-pretty-print")
            equal([c["changeType"] for c in found["changes"] if c["resourceId"].endswith(second)], ["Create"], "changes")
        with self.operation("az deployment group create"):
            made = az.ok("deployment", "group", "create", *group)
            equal((made["properties"]["provisioningState"], made["properties"]["outputs"]["vault"]["value"]), ("Succeeded", second),
                  "deployment")
        with self.operation("az deployment group show, list, operation list"):
            equal(az.ok("deployment", "group", "show", *group[:4])["name"], "contract", "name")
            check("contract" in [d["name"] for d in az.ok("deployment", "group", "list", *group[:2])], "it is not listed")
            check(az.ok("deployment", "operation", "group", "list", *group[:4]), "there are no operations")
        with self.operation("az deployment group delete"):
            az.ok("deployment", "group", "delete", *group[:4])
            check("DeploymentNotFound" in az.refused("deployment", "group", "show", *group[:4]), "it is still there")
        with self.operation("az deployment sub create"):
            whole = self.part.folder / f"subscription-{self.name}.json"
            whole.write_text(SUBSCRIPTION_TEMPLATE)
            made = az.ok("deployment", "sub", "create", "--name", "contract", "--location", LOCATION, "--template-file", whole)
            equal(made["properties"]["provisioningState"], "Succeeded", "provisioningState")

    def take_away(self):
        az = self.admin
        with self.operation("az role assignment delete"):
            az.ok("role", "assignment", "delete", "--scope", self.scope, "--assignee", self.oid, "--role", OFFICER)
            text = self.service.refused("keyvault", "secret", "list", "--vault-name", VAULT)
            check("ForbiddenByRbac" in text, text)
        with self.operation("az keyvault delete, list-deleted, recover"):
            az.ok("keyvault", "delete", "--name", VAULT, "--resource-group", GROUP)
            check(VAULT in [v["name"] for v in az.ok("keyvault", "list-deleted")], "it is not among the deleted")
            az.ok("keyvault", "recover", "--name", VAULT)
            equal(az.ok("keyvault", "show", "--name", VAULT)["properties"]["vaultUri"], self.vault_url + "/", "vaultUri")
        with self.operation("az keyvault purge, az group delete"):
            az.ok("keyvault", "delete", "--name", VAULT)
            az.ok("keyvault", "purge", "--name", VAULT)
            az.ok("group", "delete", "--name", GROUP, "--yes")
            equal(az.ok("group", "exists", "--name", GROUP), False, "exists")

    def portal(self):
        host, resource = PORTAL[self.name]
        account = self.part.facts["serviceAccount"]
        with self.operation("az rest to the portal's backend by an app: refused"):
            text = self.service.refused("rest", "--url", f"https://{host}/api/AccountSkus", "--resource", resource, *GUIDS)
            check("AADSTS7000114" in text, text)
        with self.operation("az login --use-device-code, the service account"):
            self.part.sandbox.policy(nextApprover=account)
            found = self.account.ok("login", "--use-device-code", "--tenant", self.tenant, "--allow-no-subscriptions")
            equal({a["user"]["name"] for a in found}, {account}, "user")
        with self.operation("az ad signed-in-user show"):
            equal(self.account.ok("ad", "signed-in-user", "show")["userPrincipalName"], account, "userPrincipalName")
        with self.operation("az rest to the portal's backend with --resource"):
            skus = self.account.ok("rest", "--url", f"https://{host}/api/AccountSkus?backfillTenants=true", "--resource", resource, *GUIDS)
            check(skus[0]["accountSkuId"].startswith("contoso:"), f"answer: {skus}")
        with self.operation("az rest: hardware tokens of the portal's backend"):
            url = f"https://{host}/api/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter="
            equal(sorted(self.account.ok("rest", "--url", url, "--resource", resource, *GUIDS)), ["items", "skipToken"], "members")

    def certificate(self):
        """An administrator adds a certificate to the app, which then signs in with it."""
        pem, both = self_signed(self.part, "own")
        with self.operation("az ad app credential reset --cert --append"):
            self.admin.ok("ad", "app", "credential", "reset", "--id", self.app, "--cert", f"@{pem}", "--append")
        with self.operation("az login --service-principal, certificate"):
            az = self.az("certificate")
            found = az.ok("login", "--service-principal", "--username", self.app, "--password", both, "--tenant", self.tenant)
            equal([a["id"] for a in found], [self.subscription], "subscriptions")
            mask(az.ok("account", "get-access-token")["accessToken"])
        with self.operation("az login --service-principal, a certificate the app does not have: AADSTS700027"):
            _, other = self_signed(self.part, "other")
            text = self.az("stranger").refused("login", "--service-principal", "--username", self.app, "--password", other, "--tenant", self.tenant)
            check("700027" in text, text)


def self_signed(part, name):
    """A certificate, and a file that holds it and its key, as `az login` takes it."""
    key, certificate, both = (part.folder / f"{name}-{kind}.pem" for kind in ("key", "certificate", "both"))
    ran = part.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "30", "-keyout", key,
                   "-out", certificate)
    check(ran.code == 0, str(ran))
    both.touch(0o600)
    both.write_text(key.read_text() + certificate.read_text())
    return certificate, both


def run(part):
    version = part.run("az", "version", env=Az(part, "version").env).json()["azure-cli"]
    for name in PORTAL:
        cloud = Cloud(part, version, name)
        cloud.choose()
        cloud.sign_in()
        if name == "AzureCloud":
            cloud.wrong_credentials()
        cloud.directory()
        cloud.group_and_vault()
        cloud.role()
        cloud.secrets()
        cloud.network()
        cloud.kept()
        if name == "AzureCloud":
            cloud.subnets()
            cloud.principal_credentials()
        cloud.deployments()
        cloud.take_away()
        cloud.portal()
        if name == "AzureCloud":
            cloud.certificate()


if __name__ == "__main__":
    contract.main("az", run)
