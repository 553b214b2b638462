// @azure/arm-*: an empty subscription becomes a vault with a role on it, and goes away again.
import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { DeviceCodeCredential, ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { assert, admin, claimsOf, clientSecret, collect, operation, refused, sandbox } from "./contract.mjs";

await admin("POST", "/policy", { nextApprover: sandbox.adminAccount });
const administrator = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: () => {} });
const app = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, clientSecret);
const subscription = sandbox.subscriptionId;
const group = "contract-sdk-rg";
const vault = "contract-sdk-kv";
const location = "westeurope";
const vaultId = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${vault}`;
const officer = "b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5";
const soon = { updateIntervalInMs: 20 };

const subscriptions = "@azure/arm-resources-subscriptions";
await operation(subscriptions, "subscriptions.list, get, listLocations; tenants.list", async () => {
  const client = new SubscriptionClient(administrator);
  const [found] = await collect(client.subscriptions.list());
  assert.equal(found.subscriptionId, subscription);
  assert.equal(found.state, "Enabled");
  assert.equal((await client.subscriptions.get(subscription)).displayName, found.displayName);
  assert.ok((await collect(client.subscriptions.listLocations(subscription))).some((one) => one.name === location));
  assert.deepEqual((await collect(client.tenants.list())).map((one) => one.tenantId), [sandbox.tenantId]);
});

const resources = "@azure/arm-resources";
const resourceClient = new ResourceManagementClient(administrator, subscription);
await operation(resources, "providers.register, get", async () => {
  await resourceClient.providers.register("Microsoft.KeyVault");
  let provider;
  for (let n = 0; n < 20; ++n) {
    provider = await resourceClient.providers.get("Microsoft.KeyVault");
    if (provider.registrationState === "Registered") break;
  }
  assert.equal(provider.registrationState, "Registered");
  assert.ok(provider.resourceTypes.some((one) => one.resourceType === "vaults"));
});
await operation(resources, "resourceGroups.checkExistence, createOrUpdate, get, list", async () => {
  assert.equal((await resourceClient.resourceGroups.checkExistence(group)).body, false);
  const made = await resourceClient.resourceGroups.createOrUpdate(group, { location, tags: { by: "sdk" } });
  assert.equal(made.properties.provisioningState, "Succeeded");
  assert.equal((await resourceClient.resourceGroups.checkExistence(group)).body, true);
  assert.deepEqual({ ...(await resourceClient.resourceGroups.get(group)).tags }, { by: "sdk" });
  assert.ok((await collect(resourceClient.resourceGroups.list())).some((one) => one.name === group));
  const error = await refused(() => resourceClient.resourceGroups.get("nothing-here"));
  assert.equal(error.code, "ResourceGroupNotFound");
});

const keyvault = "@azure/arm-keyvault";
const vaultClient = new KeyVaultManagementClient(administrator, subscription);
const properties = {
  tenantId: sandbox.tenantId,
  sku: { family: "A", name: "standard" },
  enableRbacAuthorization: true,
  softDeleteRetentionInDays: 7,
  accessPolicies: [],
};
await operation(keyvault, "vaults.checkNameAvailability", async () => {
  assert.equal((await vaultClient.vaults.checkNameAvailability({ name: vault, type: "Microsoft.KeyVault/vaults" })).nameAvailable, true);
});
await operation(keyvault, "vaults.beginCreateOrUpdateAndWait", async () => {
  const made = await vaultClient.vaults.beginCreateOrUpdateAndWait(group, vault, { location, properties }, soon);
  assert.equal(made.properties.provisioningState, "Succeeded");
  assert.equal(made.properties.vaultUri, `https://${vault}.vault.azure.net/`);
  assert.equal(made.properties.enableRbacAuthorization, true);
  const taken = await vaultClient.vaults.checkNameAvailability({ name: vault, type: "Microsoft.KeyVault/vaults" });
  assert.equal(taken.nameAvailable, false);
  assert.equal(taken.reason, "AlreadyExists");
});
await operation(keyvault, "vaults.get, update, listBySubscription, listByResourceGroup", async () => {
  assert.equal((await vaultClient.vaults.get(group, vault)).name, vault);
  assert.deepEqual({ ...(await vaultClient.vaults.update(group, vault, { tags: { a: "b" } })).tags }, { a: "b" });
  assert.ok((await collect(vaultClient.vaults.listBySubscription())).some((one) => one.name === vault));
  assert.ok((await collect(vaultClient.vaults.listByResourceGroup(group))).some((one) => one.name === vault));
  const error = await refused(() => vaultClient.vaults.get(group, "nothing-here"));
  assert.equal(error.statusCode, 404);
});

await operation(resources, "tagsOperations: create, update, get at a vault; delete", async () => {
  const tags = resourceClient.tagsOperations;
  await tags.beginCreateOrUpdateAtScopeAndWait(vaultId, { properties: { tags: { team: "identity", cost: "1" } } }, soon);
  await tags.beginUpdateAtScopeAndWait(vaultId, { operation: "Merge", properties: { tags: { cost: "2" } } }, soon);
  assert.deepEqual({ ...(await tags.getAtScope(vaultId)).properties.tags }, { team: "identity", cost: "2" });
  await tags.beginDeleteAtScopeAndWait(vaultId, soon);
  assert.deepEqual({ ...(await vaultClient.vaults.get(group, vault)).tags }, {});
});
await operation(resources, "providers.unregister of a provider in use is refused", async () => {
  const error = await refused(() => resourceClient.providers.unregister("Microsoft.KeyVault"));
  assert.equal(error.statusCode, 409);
});

const authorization = "@azure/arm-authorization";
const authorizationClient = new AuthorizationManagementClient(administrator, subscription);
const assignment = randomUUID();
const secrets = new SecretClient(`https://${vault}.vault.azure.net`, app);
await operation(authorization, "roleDefinitions.list", async () => {
  const [role] = await collect(authorizationClient.roleDefinitions.list(vaultId, { filter: "roleName eq 'Key Vault Secrets Officer'" }));
  assert.equal(role.name, officer);
});
await operation(authorization, "roleAssignments.create takes effect in the vault", async () => {
  const before = await refused(() => secrets.setSecret("a", "b"));
  assert.equal(before.statusCode, 403);
  const principalId = claimsOf((await app.getToken("https://vault.azure.net/.default")).token).oid;
  const roleDefinitionId = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${officer}`;
  const made = await authorizationClient.roleAssignments.create(vaultId, assignment, { principalId, principalType: "ServicePrincipal", roleDefinitionId });
  assert.equal(made.principalId, principalId);
  assert.equal((await secrets.setSecret("a", "b")).value, "b");
  const again = await refused(() => authorizationClient.roleAssignments.create(vaultId, randomUUID(), { principalId, principalType: "ServicePrincipal", roleDefinitionId }));
  assert.equal(again.statusCode, 409);
  assert.equal(again.code, "RoleAssignmentExists");
});
await operation(authorization, "roleAssignments.listForScope, get", async () => {
  const all = await collect(authorizationClient.roleAssignments.listForScope(vaultId, { filter: "atScope()" }));
  assert.ok(all.some((one) => one.name === assignment));
  assert.equal((await authorizationClient.roleAssignments.get(vaultId, assignment)).name, assignment);
});
await operation(authorization, "roleAssignments.create for an unknown principal is PrincipalNotFound", async () => {
  const roleDefinitionId = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${officer}`;
  const error = await refused(() => authorizationClient.roleAssignments.create(vaultId, randomUUID(), { principalId: randomUUID(), roleDefinitionId }));
  assert.equal(error.code, "PrincipalNotFound");
});
await operation(authorization, "roleAssignments.delete takes effect in the vault", async () => {
  await authorizationClient.roleAssignments.delete(vaultId, assignment);
  assert.equal((await refused(() => secrets.getSecret("a"))).statusCode, 403);
});

await operation(keyvault, "vaults.delete, listDeleted, getDeleted, recover, beginPurgeDeletedAndWait", async () => {
  await vaultClient.vaults.delete(group, vault);
  assert.equal((await refused(() => vaultClient.vaults.get(group, vault))).statusCode, 404);
  assert.ok((await collect(vaultClient.vaults.listDeleted())).some((one) => one.name === vault));
  assert.equal((await vaultClient.vaults.getDeleted(vault, location)).name, vault);
  const taken = await refused(() => vaultClient.vaults.beginCreateOrUpdateAndWait(group, vault, { location, properties }, soon));
  assert.equal(taken.statusCode, 409);
  const recovered = await vaultClient.vaults.beginCreateOrUpdateAndWait(group, vault, { location, properties: { ...properties, createMode: "recover" } }, soon);
  assert.equal(recovered.properties.provisioningState, "Succeeded");
  await vaultClient.vaults.delete(group, vault);
  await vaultClient.vaults.beginPurgeDeletedAndWait(vault, location, soon);
  assert.equal((await refused(() => vaultClient.vaults.getDeleted(vault, location))).statusCode, 404);
});

const template = {
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
  parameters: { vaultName: { type: "string" } },
  resources: [
    {
      type: "Microsoft.KeyVault/vaults",
      apiVersion: "2023-07-01",
      name: "[parameters('vaultName')]",
      location: "[resourceGroup().location]",
      properties: { ...properties, tenantId: "[subscription().tenantId]" },
    },
  ],
  outputs: { uri: { type: "string", value: "[reference(parameters('vaultName')).vaultUri]" } },
};
await operation(resources, "deployments.beginCreateOrUpdateAndWait", async () => {
  const made = await resourceClient.deployments.beginCreateOrUpdateAndWait(
    group,
    "contract",
    { properties: { mode: "Incremental", template, parameters: { vaultName: { value: vault } } } },
    soon,
  );
  assert.equal(made.properties.provisioningState, "Succeeded");
  assert.equal(made.properties.outputs.uri.value, `https://${vault}.vault.azure.net/`);
  assert.equal((await vaultClient.vaults.get(group, vault)).properties.softDeleteRetentionInDays, 7);
});
await operation(resources, "resourceGroups.beginDeleteAndWait", async () => {
  await resourceClient.resourceGroups.beginDeleteAndWait(group, soon);
  assert.equal((await resourceClient.resourceGroups.checkExistence(group)).body, false);
});
await operation(resources, "a caller without a role is refused with AuthorizationFailed", async () => {
  await admin("POST", "/policy", { nextApprover: "helpdesk@contoso.com" });
  const helpdesk = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: () => {} });
  const error = await refused(() => new ResourceManagementClient(helpdesk, subscription).resourceGroups.createOrUpdate(group, { location }));
  assert.equal(error.statusCode, 403);
  assert.equal(error.code, "AuthorizationFailed");
});
