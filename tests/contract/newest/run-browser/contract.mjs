// What every test of a JavaScript client needs: the sandbox's facts, and operations whose results are recorded.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export { assert };

const here = path.dirname(fileURLToPath(import.meta.url));
export const sandbox = JSON.parse(fs.readFileSync(process.env.CONTRACT_SANDBOX, "utf8"));
export const clientSecret = fs.readFileSync(sandbox.clientSecretFile, "utf8").trim();
export const folder = process.env.CONTRACT_FOLDER;

const versionOf = (client) => JSON.parse(fs.readFileSync(path.join(here, "..", "node_modules", client, "package.json"), "utf8")).version;

/** Runs one operation of a client; what became of it is a line of JSON on standard output. A failure does not end the others. */
export async function operation(client, name, run) {
  const line = { client, version: versionOf(client), operation: name, result: "ok" };
  try {
    await run();
  } catch (error) {
    line.result = "failed";
    const where = [error.statusCode, error.code, error.errorCode].filter((part) => part !== undefined && part !== "ERR_ASSERTION");
    line.detail = [...where, error.stack ?? String(error)].join(" ").slice(0, 3000);
  }
  console.log(JSON.stringify(line));
}

/** The call must be refused; the error is given back for a closer look. */
export async function refused(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  assert.fail("it was not refused");
}

export async function collect(pages) {
  const all = [];
  for await (const item of pages) all.push(item);
  return all;
}

export async function admin(method, target, content) {
  const answer = await fetch(`http://127.0.0.1:${sandbox.adminPort}${target}`, {
    method,
    headers: { "X-Sandbox-Token": fs.readFileSync(sandbox.adminTokenFile, "utf8"), "Content-Type": "application/json" },
    body: content && JSON.stringify(content),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
