// @azure/keyvault-secrets: every operation, and more secrets and versions than a page holds.
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { assert, clientSecret, collect, operation, refused, sandbox } from "./contract.mjs";

const name = "@azure/keyvault-secrets";
const credential = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, clientSecret);
const client = new SecretClient(sandbox.vaultUrl, credential);
const soon = { intervalInMs: 20 };
const expiresOn = new Date("2031-01-01T00:00:00Z");
const notBefore = new Date("2026-01-01T00:00:00Z");

let first;
await operation(name, "setSecret", async () => {
  first = await client.setSecret("Contract", "one", { contentType: "text/plain", tags: { by: "sdk" }, expiresOn, notBefore });
  assert.equal(first.value, "one");
  assert.equal(first.name, "Contract");
  assert.match(first.properties.version, /^[0-9a-f]{32}$/);
  assert.equal(first.properties.contentType, "text/plain");
  assert.deepEqual({ ...first.properties.tags }, { by: "sdk" });
  assert.equal(first.properties.expiresOn.getTime(), expiresOn.getTime());
  assert.equal(first.properties.notBefore.getTime(), notBefore.getTime());
  assert.equal(first.properties.enabled, true);
  assert.ok(Math.abs(first.properties.createdOn.getTime() - Date.now()) < 60_000);
  assert.equal(first.properties.recoverableDays, 90);
  assert.match(first.properties.recoveryLevel, /^Recoverable/);
});

await operation(name, "getSecret, latest and by version", async () => {
  await client.setSecret("Contract", "two");
  assert.equal((await client.getSecret("Contract")).value, "two");
  assert.equal((await client.getSecret("contract")).value, "two");
  assert.equal((await client.getSecret("Contract", { version: first.properties.version })).value, "one");
});

await operation(name, "updateSecretProperties", async () => {
  const changed = await client.updateSecretProperties("Contract", first.properties.version, { enabled: false, tags: { by: "update" } });
  assert.equal(changed.enabled, false);
  assert.deepEqual({ ...changed.tags }, { by: "update" });
  assert.equal(changed.contentType, "text/plain");
  const error = await refused(() => client.getSecret("Contract", { version: first.properties.version }));
  assert.equal(error.statusCode, 403);
  assert.equal(error.code, "Forbidden");
});

await operation(name, "listPropertiesOfSecrets over several pages", async () => {
  const wanted = Array.from({ length: 60 }, (_, n) => `page-${String(n).padStart(2, "0")}`);
  await Promise.all(wanted.map((secret) => client.setSecret(secret, "x")));
  const pages = await collect(client.listPropertiesOfSecrets().byPage());
  assert.ok(pages.length >= 3, `${pages.length} pages`);
  assert.ok(pages.every((page) => page.length <= 25));
  const names = pages.flat().map((secret) => secret.name);
  assert.deepEqual(wanted.filter((secret) => !names.includes(secret)), []);
  assert.equal(new Set(names).size, names.length);
  const small = await collect(client.listPropertiesOfSecrets().byPage({ maxPageSize: 7 }));
  assert.ok(small.every((page) => page.length <= 7));
  assert.equal(small.flat().length, names.length);
});

await operation(name, "listPropertiesOfSecretVersions over several pages", async () => {
  for (let n = 0; n < 30; ++n) await client.setSecret("many", `value ${n}`);
  const pages = await collect(client.listPropertiesOfSecretVersions("many").byPage());
  assert.ok(pages.length >= 2);
  assert.equal(new Set(pages.flat().map((secret) => secret.version)).size, 30);
});

await operation(name, "beginDeleteSecret", async () => {
  const poller = await client.beginDeleteSecret("page-00", soon);
  const deleted = await poller.pollUntilDone();
  assert.equal(deleted.name, "page-00");
  assert.equal(deleted.recoveryId, `${sandbox.vaultUrl}/deletedsecrets/page-00`);
  assert.equal(deleted.scheduledPurgeDate.getTime() - deleted.deletedOn.getTime(), 90 * 24 * 3600 * 1000);
  assert.equal((await refused(() => client.getSecret("page-00"))).statusCode, 404);
  const conflict = await refused(() => client.setSecret("page-00", "again"));
  assert.equal(conflict.statusCode, 409);
  assert.equal(conflict.code, "Conflict");
});

await operation(name, "getDeletedSecret", async () => {
  assert.equal((await client.getDeletedSecret("page-00")).name, "page-00");
  assert.equal((await refused(() => client.getDeletedSecret("page-01"))).statusCode, 404);
});

await operation(name, "listDeletedSecrets over several pages", async () => {
  for (let n = 1; n < 30; ++n) await client.beginDeleteSecret(`page-${String(n).padStart(2, "0")}`, soon);
  const pages = await collect(client.listDeletedSecrets().byPage());
  assert.ok(pages.length >= 2);
  assert.equal(pages.flat().filter((secret) => secret.name.startsWith("page-")).length, 30);
});

await operation(name, "beginRecoverDeletedSecret", async () => {
  const poller = await client.beginRecoverDeletedSecret("page-00", soon);
  assert.equal((await poller.pollUntilDone()).name, "page-00");
  assert.equal((await client.getSecret("page-00")).value, "x");
});

await operation(name, "purgeDeletedSecret", async () => {
  await client.purgeDeletedSecret("page-01");
  assert.equal((await refused(() => client.getDeletedSecret("page-01"))).statusCode, 404);
  await client.setSecret("page-01", "new life");
});

await operation(name, "backupSecret, restoreSecretBackup", async () => {
  const backup = await client.backupSecret("many");
  const taken = await refused(() => client.restoreSecretBackup(backup));
  assert.equal(taken.statusCode, 409);
  await (await client.beginDeleteSecret("many", soon)).pollUntilDone();
  await client.purgeDeletedSecret("many");
  const restored = await client.restoreSecretBackup(backup);
  assert.equal(restored.name, "many");
  assert.equal((await client.getSecret("many")).value, "value 29");
  assert.equal((await collect(client.listPropertiesOfSecretVersions("many"))).length, 30);
});

await operation(name, "errors: not found, name, size", async () => {
  const missing = await refused(() => client.getSecret("nothing-here"));
  assert.equal(missing.code, "SecretNotFound");
  assert.equal((await refused(() => client.setSecret("under_score", "x"))).code, "BadParameter");
  assert.equal((await refused(() => client.setSecret("large", "x".repeat(25_601)))).statusCode, 400);
});

await operation(name, "challenge names the vault's own resource", async () => {
  const stranger = new SecretClient(sandbox.vaultUrl, { getToken: () => credential.getToken("https://management.azure.com/.default") });
  const error = await refused(() => stranger.getSecret("Contract"));
  assert.equal(error.statusCode, 401);
  assert.match(error.message, /AKV10022/);
});
