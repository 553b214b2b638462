// @azure/identity: each credential gets a token for Key Vault and is then used.
import { ClientSecretCredential, DeviceCodeCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { assert, claimsOf, clientSecret, operation, refused, sandbox } from "./contract.mjs";

const client = "@azure/identity";
const vaultScope = "https://vault.azure.net/.default";

async function reads(credential) {
  const secrets = new SecretClient(sandbox.vaultUrl, credential);
  const error = await refused(() => secrets.getSecret("nothing-here"));
  assert.equal(error.statusCode, 404, String(error));
}

await operation(client, "ClientSecretCredential", async () => {
  const credential = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, clientSecret);
  const token = await credential.getToken(vaultScope);
  assert.equal(claimsOf(token.token).appid, sandbox.clientId);
  assert.ok(token.expiresOnTimestamp > Date.now() + 50 * 60 * 1000);
  await reads(credential);
});

await operation(client, "ClientSecretCredential: wrong secret is AADSTS7000215", async () => {
  const credential = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, "wrong");
  const error = await refused(() => credential.getToken(vaultScope));
  assert.match(error.message, /AADSTS7000215/);
});

await operation(client, "ClientSecretCredential: unknown tenant is AADSTS90002", async () => {
  const credential = new ClientSecretCredential("99999999-9999-4999-8999-999999999999", sandbox.clientId, clientSecret);
  const error = await refused(() => credential.getToken(vaultScope));
  assert.match(`${error.message} ${error.cause?.message}`, /AADSTS90002|invalid_tenant|endpoints_resolution_error/);
});

await operation(client, "DeviceCodeCredential", async () => {
  let shown;
  const credential = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: (info) => (shown = info) });
  const token = await credential.getToken(vaultScope);
  assert.match(shown.message, /microsoft\.com\/devicelogin/);
  assert.equal(claimsOf(token.token).upn, sandbox.adminAccount);
  await reads(credential);
});
