// @azure/msal-node: the flows that the portal's backend needs (device code, refresh token) and the app's own.
import { randomUUID } from "node:crypto";
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import { assert, admin, claimsOf, clientSecret, operation, refused, sandbox } from "./contract.mjs";

const name = "@azure/msal-node";
const azurePowerShell = "1950a258-227b-4e31-a9cf-717495945fc2";
const clouds = [
  { cloud: "global", authority: "https://login.microsoftonline.com", portal: "74658136-14ec-4630-ad9b-26e160ff0fc6", host: "main.iam.ad.ext.azure.com" },
  { cloud: "US Government", authority: "https://login.microsoftonline.us", portal: "ee62de39-b9b0-4886-aa58-08b89c4e3db3", host: "main.iam.ad.ext.azure.us" },
];

async function accountSkus(host, token) {
  const headers = { authorization: `Bearer ${token}`, "x-ms-client-request-id": randomUUID(), "x-ms-correlation-id": randomUUID() };
  const answer = await fetch(`https://${host}/api/AccountSkus`, { headers });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

for (const { cloud, authority, portal, host } of clouds) {
  const scopes = [`${portal}/.default`];
  const config = { auth: { clientId: azurePowerShell, authority: `${authority}/${sandbox.tenantId}` } };
  let refreshToken;
  const application = new PublicClientApplication(config);

  await operation(name, `acquireTokenByDeviceCode, ${cloud}`, async () => {
    let shown;
    const result = await application.acquireTokenByDeviceCode({ scopes, deviceCodeCallback: (info) => (shown = info) });
    assert.match(shown.userCode, /^[A-Z0-9]{9}$/);
    assert.equal(shown.verificationUri, "https://microsoft.com/devicelogin");
    assert.equal(result.account.username, sandbox.serviceAccount);
    assert.equal(result.tenantId, sandbox.tenantId);
    assert.ok(result.idToken);
    assert.ok((await accountSkus(host, result.accessToken)).length > 0);
    const cache = JSON.parse(application.getTokenCache().serialize());
    refreshToken = Object.values(cache.RefreshToken)[0].secret;
  });

  await operation(name, `acquireTokenByRefreshToken, ${cloud}`, async () => {
    const fresh = new PublicClientApplication(config);
    const result = await fresh.acquireTokenByRefreshToken({ refreshToken, scopes, forceCache: true });
    assert.equal(claimsOf(result.accessToken).upn, sandbox.serviceAccount);
    assert.ok((await accountSkus(host, result.accessToken)).length > 0);
    const successor = Object.values(JSON.parse(fresh.getTokenCache().serialize()).RefreshToken)[0].secret;
    assert.notEqual(successor, refreshToken);
  });

  await operation(name, `acquireTokenSilent from the cache and by refresh, ${cloud}`, async () => {
    const [account] = await application.getTokenCache().getAllAccounts();
    const cached = await application.acquireTokenSilent({ account, scopes });
    assert.equal(cached.fromCache, true);
    const renewed = await application.acquireTokenSilent({ account, scopes, forceRefresh: true });
    assert.equal(renewed.fromCache, false);
  });
}

const global = { auth: { clientId: azurePowerShell, authority: `https://login.microsoftonline.com/${sandbox.tenantId}` } };

await operation(name, "acquireTokenByRefreshToken after sessions were revoked is AADSTS50173", async () => {
  const application = new PublicClientApplication(global);
  await application.acquireTokenByDeviceCode({ scopes: ["74658136-14ec-4630-ad9b-26e160ff0fc6/.default"], deviceCodeCallback: () => {} });
  const refreshToken = Object.values(JSON.parse(application.getTokenCache().serialize()).RefreshToken)[0].secret;
  await admin("POST", "/clock", { advanceSeconds: 2 });
  await admin("POST", "/revoke", { upn: sandbox.serviceAccount });
  const error = await refused(() => application.acquireTokenByRefreshToken({ refreshToken, scopes: ["74658136-14ec-4630-ad9b-26e160ff0fc6/.default"] }));
  assert.match(error.message, /50173/);
});

await operation(name, "acquireTokenByRefreshToken blocked by Conditional Access is AADSTS53003, with claims", async () => {
  const application = new PublicClientApplication(global);
  await application.acquireTokenByDeviceCode({ scopes: ["74658136-14ec-4630-ad9b-26e160ff0fc6/.default"], deviceCodeCallback: () => {} });
  const refreshToken = Object.values(JSON.parse(application.getTokenCache().serialize()).RefreshToken)[0].secret;
  await admin("POST", "/policy", { refreshError: 53003 });
  try {
    const error = await refused(() => application.acquireTokenByRefreshToken({ refreshToken, scopes: ["74658136-14ec-4630-ad9b-26e160ff0fc6/.default"] }));
    assert.match(error.message, /53003/);
    assert.ok(error.claims, "the error names no claims");
  } finally {
    await admin("POST", "/policy", { refreshError: null });
  }
});

await operation(name, "acquireTokenByClientCredential, secret", async () => {
  const application = new ConfidentialClientApplication({ auth: { ...global.auth, clientId: sandbox.clientId, clientSecret } });
  const result = await application.acquireTokenByClientCredential({ scopes: ["https://vault.azure.net/.default"] });
  assert.equal(claimsOf(result.accessToken).appid, sandbox.clientId);
  const again = await application.acquireTokenByClientCredential({ scopes: ["https://vault.azure.net/.default"] });
  assert.equal(again.fromCache, true);
});

await operation(name, "acquireTokenOnBehalfOf; a token for another audience is AADSTS500131", async () => {
  const caller = new PublicClientApplication(global);
  const { accessToken } = await caller.acquireTokenByDeviceCode({ scopes: [`${sandbox.clientId}/.default`], deviceCodeCallback: () => {} });
  const api = new ConfidentialClientApplication({ auth: { ...global.auth, clientId: sandbox.clientId, clientSecret } });
  const scopes = ["https://graph.microsoft.com/User.Read"];
  const result = await api.acquireTokenOnBehalfOf({ oboAssertion: accessToken, scopes });
  assert.equal(claimsOf(result.accessToken).appid, sandbox.clientId);
  assert.equal(claimsOf(result.accessToken).oid, claimsOf(accessToken).oid);
  const error = await refused(() => api.acquireTokenOnBehalfOf({ oboAssertion: result.accessToken, scopes }));
  assert.match(error.message, /500131/);
});

await operation(name, "getAuthCodeUrl with prompt=none: interaction_required where MFA is", async () => {
  const application = new PublicClientApplication(global);
  const url = await application.getAuthCodeUrl({ scopes: ["https://vault.azure.net/.default"], redirectUri: "http://localhost:51234", prompt: "none" });
  await admin("POST", "/policy", { requireMfa: true, mfaAtSignIn: false });
  try {
    const back = new URL((await fetch(url, { redirect: "manual" })).headers.get("location"));
    assert.equal(back.searchParams.get("error"), "interaction_required");
  } finally {
    await admin("POST", "/policy", { requireMfa: false, mfaAtSignIn: true });
  }
});

await operation(name, "acquireTokenByCode with PKCE, a public client", async () => {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const application = new PublicClientApplication(global);
  const scopes = ["74658136-14ec-4630-ad9b-26e160ff0fc6/.default"];
  const redirectUri = "http://localhost:51234";
  const state = randomUUID();
  const url = await application.getAuthCodeUrl({ scopes, redirectUri, state, codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: sandbox.serviceAccount });
  const page = await fetch(url, { redirect: "manual" });
  assert.equal(page.status, 302, await page.text());
  const back = new URL(page.headers.get("location"));
  assert.equal(back.origin, redirectUri);
  assert.equal(back.searchParams.get("state"), state);
  const request = { scopes, redirectUri, code: back.searchParams.get("code"), codeVerifier: verifier };
  const result = await application.acquireTokenByCode(request);
  assert.equal(result.account.username, sandbox.serviceAccount);
  const again = await refused(() => application.acquireTokenByCode(request));
  assert.match(again.message, /54005/);
});
