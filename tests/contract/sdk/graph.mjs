// @microsoft/microsoft-graph-client: an app registration from nothing to a granted permission.
import { randomUUID } from "node:crypto";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { ClientSecretCredential, DeviceCodeCredential } from "@azure/identity";
import { assert, admin, operation, refused, sandbox } from "./contract.mjs";

const name = "@microsoft/microsoft-graph-client";
await admin("POST", "/policy", { nextApprover: sandbox.adminAccount });
const credential = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: () => {} });
const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: ["https://graph.microsoft.com/.default"] });
const graph = Client.initWithMiddleware({ authProvider });
const role = { id: randomUUID(), value: "Tokens.Read", displayName: "Read", description: "Read tokens", allowedMemberTypes: ["Application"], isEnabled: true };

let app, principal;
await operation(name, "GET /me, /users/{upn}", async () => {
  assert.equal((await graph.api("/me").get()).userPrincipalName, sandbox.adminAccount);
  const user = await graph.api(`/users/${sandbox.serviceAccount}`).select("id,userPrincipalName,accountEnabled").get();
  assert.equal(user.accountEnabled, true);
});
await operation(name, "POST /applications, PATCH, GET with $filter and $select", async () => {
  app = await graph.api("/applications").post({ displayName: "contract", signInAudience: "AzureADMyOrg", appRoles: [role] });
  assert.notEqual(app.id, app.appId);
  await graph.api(`/applications/${app.id}`).patch({ identifierUris: [`api://${app.appId}`] });
  const found = await graph.api("/applications").filter("displayName eq 'contract'").select("id,appId,identifierUris").get();
  assert.deepEqual(found.value.map((one) => one.identifierUris), [[`api://${app.appId}`]]);
});
await operation(name, "POST /servicePrincipals", async () => {
  principal = await graph.api("/servicePrincipals").post({ appId: app.appId });
  assert.equal(principal.appId, app.appId);
  const error = await refused(() => graph.api("/servicePrincipals").post({ appId: app.appId }));
  assert.equal(error.code, "Request_MultipleObjectsWithSameKeyValue");
});
await operation(name, "POST addPassword; the secret signs in", async () => {
  const password = await graph.api(`/applications/${app.id}/addPassword`).post({ passwordCredential: { displayName: "contract" } });
  assert.equal(password.hint, password.secretText.slice(0, 3));
  const own = new ClientSecretCredential(sandbox.tenantId, app.appId, password.secretText);
  assert.ok((await own.getToken("https://vault.azure.net/.default")).token);
  await graph.api(`/applications/${app.id}/removePassword`).post({ keyId: password.keyId });
  const stale = new ClientSecretCredential(sandbox.tenantId, app.appId, password.secretText);
  assert.match((await refused(() => stale.getToken("https://vault.azure.net/.default"))).message, /7000215/);
});
await operation(name, "servicePrincipals: addPassword, removePassword; its secret signs in", async () => {
  const path = `/servicePrincipals/${principal.id}`;
  const password = await graph.api(`${path}/addPassword`).post({ passwordCredential: { displayName: "its own" } });
  const own = new ClientSecretCredential(sandbox.tenantId, app.appId, password.secretText);
  assert.ok((await own.getToken("https://vault.azure.net/.default")).token);
  assert.deepEqual((await graph.api(path).get()).passwordCredentials.map((one) => one.keyId), [password.keyId]);
  assert.deepEqual((await graph.api(`/applications/${app.id}`).get()).passwordCredentials, []);
  await graph.api(`${path}/removePassword`).post({ keyId: password.keyId });
});
await operation(name, "PATCH identifierUris that name neither tenant nor app: HostNameNotOnVerifiedDomain", async () => {
  const error = await refused(() => graph.api(`/applications/${app.id}`).patch({ identifierUris: ["api://contract"] }));
  assert.equal(error.code, "HostNameNotOnVerifiedDomain");
});
await operation(name, "federatedIdentityCredentials: POST, GET, DELETE", async () => {
  const body = { name: "ci-main", issuer: "https://ci.contoso.com", subject: "repo:main", audiences: ["api://AzureADTokenExchange"] };
  const made = await graph.api(`/applications/${app.id}/federatedIdentityCredentials`).post(body);
  const all = await graph.api(`/applications/${app.id}/federatedIdentityCredentials`).get();
  assert.deepEqual(all.value.map((one) => one.subject), ["repo:main"]);
  await graph.api(`/applications/${app.id}/federatedIdentityCredentials/${made.id}`).delete();
});
await operation(name, "appRoleAssignedTo: the app gets its own role", async () => {
  const made = await graph.api(`/servicePrincipals/${principal.id}/appRoleAssignedTo`).post({
    principalId: principal.id,
    resourceId: principal.id,
    appRoleId: role.id,
  });
  assert.equal(made.appRoleId, role.id);
});
await operation(name, "oauth2PermissionGrants", async () => {
  const resource = await graph.api("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").select("id,oauth2PermissionScopes").get();
  assert.ok(resource.oauth2PermissionScopes.some((scope) => scope.value === "User.Read.All"));
  const grant = { clientId: principal.id, consentType: "AllPrincipals", resourceId: resource.id, scope: "User.Read.All" };
  assert.equal((await graph.api("/oauth2PermissionGrants").post(grant)).scope, "User.Read.All");
});
await operation(name, "DELETE /applications; then it is not found", async () => {
  await graph.api(`/applications/${app.id}`).delete();
  const error = await refused(() => graph.api(`/applications/${app.id}`).get());
  assert.equal(error.statusCode, 404);
  assert.equal(error.code, "Request_ResourceNotFound");
});
await operation(name, "an account without a role may not change another's app: Authorization_RequestDenied", async () => {
  await admin("POST", "/policy", { nextApprover: "helpdesk@contoso.com" });
  const other = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: () => {} });
  const weak = Client.initWithMiddleware({
    authProvider: new TokenCredentialAuthenticationProvider(other, { scopes: ["https://graph.microsoft.com/.default"] }),
  });
  const own = (await graph.api("/applications").filter(`appId eq '${sandbox.clientId}'`).get()).value[0];
  const error = await refused(() => weak.api(`/applications/${own.id}`).patch({ displayName: "mine" }));
  assert.equal(error.statusCode, 403);
  assert.equal(error.code, "Authorization_RequestDenied");
});
