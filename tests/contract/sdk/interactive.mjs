// @azure/identity: a person at a browser, which $BROWSER is. What comes back is posted to a port of this machine.
import { InteractiveBrowserCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { assert, claimsOf, operation, refused, sandbox } from "./contract.mjs";

await operation("@azure/identity", "InteractiveBrowserCredential, with Chromium", async () => {
  const credential = new InteractiveBrowserCredential({ tenantId: sandbox.tenantId, loginHint: sandbox.adminAccount });
  const token = await credential.getToken("https://vault.azure.net/.default");
  assert.equal(claimsOf(token.token).upn, sandbox.adminAccount);
  const error = await refused(() => new SecretClient(sandbox.vaultUrl, credential).getSecret("nothing-here"));
  assert.equal(error.statusCode, 404, String(error));
});
