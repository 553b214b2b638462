// @azure/identity: each credential gets a token for Key Vault and is then used.
import fs from "node:fs";
import path from "node:path";
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  ManagedIdentityCredential,
  OnBehalfOfCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { Client } from "@microsoft/microsoft-graph-client";
import { SecretClient } from "@azure/keyvault-secrets";
import { admin, assert, claimsOf, clientSecret, folder, operation, refused, sandbox } from "./contract.mjs";

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

await operation(client, "OnBehalfOfCredential", async () => {
  const caller = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: () => {} });
  const { token } = await caller.getToken(`${sandbox.clientId}/.default`);
  const credential = new OnBehalfOfCredential({ tenantId: sandbox.tenantId, clientId: sandbox.clientId, clientSecret, userAssertionToken: token });
  const exchanged = claimsOf((await credential.getToken("https://graph.microsoft.com/.default")).token);
  assert.deepEqual([exchanged.appid, exchanged.oid], [sandbox.clientId, claimsOf(token).oid]);
});

await operation(client, "DeviceCodeCredential", async () => {
  let shown;
  const credential = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: (info) => (shown = info) });
  const token = await credential.getToken(vaultScope);
  assert.match(shown.message, /microsoft\.com\/devicelogin/);
  assert.equal(claimsOf(token.token).upn, sandbox.adminAccount);
  await reads(credential);
});

// What an administrator does in Graph for the two credentials that have no secret.
let application;
const graph = Client.init({
  authProvider: (done) => {
    const administrator = new DeviceCodeCredential({ tenantId: sandbox.tenantId, userPromptCallback: () => {} });
    administrator.getToken("https://graph.microsoft.com/.default").then((token) => done(null, token.token), done);
  },
});
await operation("@microsoft/microsoft-graph-client", "the app registration gets a certificate and a federated credential", async () => {
  await admin("POST", "/policy", { nextApprover: sandbox.adminAccount });
  const found = await graph.api("/applications").filter(`appId eq '${sandbox.clientId}'`).get();
  application = found.value[0].id;
  const certificate = fs.readFileSync(path.join(folder, "certificate.pem"), "utf8").replace(/-----[^-]+-----|\s/g, "");
  await admin("POST", "/policy", { nextApprover: sandbox.adminAccount });
  await graph.api(`/applications/${application}`).patch({
    keyCredentials: [{ type: "AsymmetricX509Cert", usage: "Verify", key: certificate, displayName: "CN=contract" }],
  });
  await admin("POST", "/policy", { nextApprover: sandbox.adminAccount });
  await graph.api(`/applications/${application}/federatedIdentityCredentials`).post({
    name: "cluster",
    issuer: sandbox.workloadIssuer,
    subject: "system:serviceaccount:tokens:portalkey",
    audiences: ["api://AzureADTokenExchange"],
  });
});

await operation(client, "ClientCertificateCredential", async () => {
  const credential = new ClientCertificateCredential(sandbox.tenantId, sandbox.clientId, path.join(folder, "both.pem"));
  assert.equal(claimsOf((await credential.getToken(vaultScope)).token).appidacr, "2");
  await reads(credential);
});

await operation(client, "ClientCertificateCredential: a certificate the app does not have is AADSTS700027", async () => {
  const credential = new ClientCertificateCredential(sandbox.tenantId, sandbox.clientId, path.join(folder, "other-both.pem"));
  assert.match((await refused(() => credential.getToken(vaultScope))).message, /AADSTS700027/);
});

const tokenFilePath = path.join(folder, "federated-token");
const workload = () => new WorkloadIdentityCredential({ tenantId: sandbox.tenantId, clientId: sandbox.clientId, tokenFilePath });
const clusterToken = async (subject) => {
  const { token } = await admin("POST", "/federated-token", { subject });
  fs.writeFileSync(tokenFilePath, token, { mode: 0o600 });
};

await operation(client, "WorkloadIdentityCredential", async () => {
  await clusterToken("system:serviceaccount:tokens:portalkey");
  const credential = workload();
  assert.equal(claimsOf((await credential.getToken(vaultScope)).token).appid, sandbox.clientId);
  await reads(credential);
});

await operation(client, "WorkloadIdentityCredential: another subject is AADSTS700213", async () => {
  await clusterToken("system:serviceaccount:tokens:somebody-else");
  assert.match((await refused(() => workload().getToken(vaultScope))).message, /AADSTS700213/);
});

await operation(client, "ManagedIdentityCredential, IMDS", async () => {
  const credential = new ManagedIdentityCredential();
  const claims = claimsOf((await credential.getToken(vaultScope)).token);
  assert.equal(claims.tid, sandbox.tenantId);
  assert.match(claims.xms_mirid, /Microsoft\.Compute\/virtualMachines/);
});

await operation(client, "ManagedIdentityCredential, IMDS: an identity that is not there", async () => {
  const credential = new ManagedIdentityCredential({ clientId: "99999999-9999-4999-8999-999999999999" });
  await refused(() => credential.getToken(vaultScope));
});

async function withEnvironment(variables, run) {
  Object.assign(process.env, variables);
  try {
    await run();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

const metadata = `http://127.0.0.1:${sandbox.adminPort}`;
await operation(client, "ManagedIdentityCredential, App Service", async () => {
  const header = fs.readFileSync(sandbox.identityHeaderFile, "utf8").trim();
  await withEnvironment({ IDENTITY_ENDPOINT: `${metadata}/msi/token`, IDENTITY_HEADER: header }, async () => {
    assert.ok((await new ManagedIdentityCredential().getToken(vaultScope)).token);
  });
});

await operation(client, "ManagedIdentityCredential, Azure Arc", async () => {
  await withEnvironment({ IDENTITY_ENDPOINT: `${metadata}/arc/token`, IMDS_ENDPOINT: metadata }, async () => {
    assert.ok((await new ManagedIdentityCredential().getToken(vaultScope)).token);
  });
});
