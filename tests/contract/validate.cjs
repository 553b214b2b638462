// Judges recorded exchanges by Microsoft's OpenAPI files, with Microsoft's own validator for live traffic (oav).
//
//   node validate.cjs NAME=RECORDING ...      NAME: the part that was recorded
//
// Every answer is judged, and the requests that portalkey sent.
//
// Prints one line of JSON per interface operation and kind, and first of all whether wrong exchanges are caught.
require("reflect-metadata"); // oav expects its user to load it
const fs = require("node:fs");
const path = require("node:path");
const { LiveValidator } = require("oav/dist/lib/liveValidation/liveValidator");

const version = JSON.parse(fs.readFileSync(path.join(__dirname, "node_modules/oav/package.json"), "utf8")).version;

// The versions that the files are of. An answer to another version is judged by the one there is a file for; see differences.md.
const byProvider = { "microsoft.keyvault": "2023-07-01", "microsoft.authorization": "2022-04-01", "microsoft.resources": "2024-07-01" };
const vault = { version: "7.5", same: ["7.4", "7.5"] }; // 7.4 differs in its number only

// What the files do not have. portalkey may poll operations, as every client does; the rest is asked by az alone.
const polling = /\/(operationresults|operationstatuses)\//i;
const beyond = [
  polling,
  /^\/subscriptions\/[^/]+\/resources$/i,
  /\/(deletedmanagedhsms|managedhsms)$/i,
  /\/providers\/microsoft\.(authorization\/locks|resources\/tags|insights\/diagnosticsettings\w*|network\/virtualnetworks)(\/|$)/i,
];

// `/providers/{namespace}` and its registration: Resource Manager's, not that provider's.
const ofNamespace = /\/providers\/[^/]+(\/(un)?register)?$/i;

function specOf(url) {
  if (/\.vault\./.test(url.hostname)) return vault;
  if (!url.hostname.startsWith("management.")) return null;
  const providers = [...url.pathname.matchAll(/\/providers\/([^/]+)\//gi)];
  if (ofNamespace.test(url.pathname)) return { version: "2024-07-01" };
  if (providers.length) return { version: byProvider[providers.at(-1)[1].toLowerCase()] };
  if (/^\/subscriptions(\/[^/]+)?(\/locations)?$|^\/tenants$/i.test(url.pathname)) return { version: "2022-12-01" };
  return { version: "2024-07-01" };
}

const exactly = (spec, asked) => asked === spec.version || (spec.same ?? []).includes(asked);

/** What oav takes; null if there is no file for it. */
function toLive({ request, response }, ownRequests) {
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(/\/\/+/g, "/"); // as the service reads `/{scope}/providers` with a scope that begins with a slash
  const spec = specOf(url);
  if (!spec || (ownRequests ? [polling] : beyond).some((path) => path.test(url.pathname))) return null;
  const asked = url.searchParams.get("api-version");
  url.searchParams.set("api-version", spec.version);
  // The files demand a version of the secret; the service takes none for the latest, and says which it was.
  const latest = /^\/secrets\/([^/]+)\/?$/i.exec(url.pathname);
  if (latest && (request.method === "GET" || request.method === "PATCH")) url.pathname = `/secrets/${latest[1]}/latest`;
  return {
    exact: asked !== null && exactly(spec, asked),
    pair: {
      liveRequest: {
        method: request.method,
        url: url.href,
        headers: request.headers,
        query: Object.fromEntries(url.searchParams),
        body: request.body ?? undefined,
      },
      liveResponse: {
        statusCode: String(response.status),
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value])),
        body: response.body ?? undefined,
      },
    },
  };
}

/**
 * `/secrets/{name}/versions` is a better match than `/secrets/{name}/{version}`; oav calls it ambiguous. And it looks for operations on a
 * namespace among that provider's own.
 */
function helpToFind(searcher) {
  const search = searcher.getPotentialOperations.bind(searcher);
  const parameters = ({ operation }) => operation._path._pathTemplate.split("{").length;
  searcher.getPotentialOperations = (info) => {
    const found = search(ofNamespace.test(info.pathStr) ? { ...info, providerNamespace: "microsoft.unknown" } : info);
    const fewest = Math.min(...found.matches.map(parameters));
    return { ...found, matches: found.matches.filter((match) => parameters(match) === fewest) };
  };
}

const problemsOf = (result) => [
  ...(result.runtimeException ? [`${result.runtimeException.code}: ${result.runtimeException.message}`] : []),
  ...result.errors.map((error) => `${error.code} ${(error.jsonPathsInPayload ?? []).join(" ")}: ${error.message}`),
];

async function judge(validator, exchange, ownRequests) {
  const live = toLive(exchange, ownRequests);
  if (!live) return null;
  const result = await validator.validateLiveRequestResponse(live.pair);
  const operation = result.responseValidationResult.operationInfo.operationId;
  const answer = problemsOf(result.responseValidationResult);
  const request = problemsOf(result.requestValidationResult);
  // A request that the service is to refuse may be against the rules, and its refusal is an answer that they allow.
  const refused = exchange.response.status >= 400;
  if (ownRequests && !live.exact) request.push(`no file for the api-version of ${exchange.request.url}`);
  return { operation, answer, request: ownRequests && !refused ? request : [] };
}

async function catchesWrongOnes(validator) {
  const good = {
    request: {
      method: "PUT",
      url: "https://contoso-kv.vault.azure.net/secrets/A?api-version=7.5",
      headers: { "content-type": "application/json" },
      body: { value: "x", attributes: { exp: 1 } },
    },
    response: {
      status: 200,
      headers: { "Content-Type": "application/json" },
      body: { value: "x", id: "https://contoso-kv.vault.azure.net/secrets/A/0", attributes: { enabled: true, created: 1, updated: 1 } },
    },
  };
  const wrong = {
    "a missing member in a request": (it) => delete it.request.body.value,
    "a time as text in a request": (it) => (it.request.body.attributes.exp = "1"),
    "an unknown member in a request": (it) => (it.request.body.valu = "x"),
    "a boolean as text in an answer": (it) => (it.response.body.attributes.enabled = "true"),
    "an unknown member in an answer": (it) => (it.response.body.secret = "x"),
    "an error without its shape": (it) => Object.assign(it.response, { status: 404, body: { message: "no" } }),
    "an unknown path": (it) => (it.request.url = "https://contoso-kv.vault.azure.net/secret/A?api-version=7.5"),
  };
  const missed = [];
  const fine = await judge(validator, good, true);
  if (fine.request.length + fine.answer.length) missed.push(`a good exchange was refused: ${[...fine.request, ...fine.answer].join("; ")}`);
  for (const [what, spoil] of Object.entries(wrong)) {
    const exchange = structuredClone(good);
    spoil(exchange);
    const { request, answer } = await judge(validator, exchange, true);
    if (request.length + answer.length === 0) missed.push(`${what} was not caught`);
  }
  return missed;
}

const report = (operation, problems) =>
  console.log(
    JSON.stringify({
      client: "oav",
      version,
      operation,
      result: problems.length ? "failed" : "ok",
      ...(problems.length && { detail: [...new Set(problems)].slice(0, 10).join("\n") }),
    }),
  );

(async () => {
  const validator = new LiveValidator(
    {
      directory: path.join(__dirname, "specs"),
      swaggerPathsPattern: ["specification/**/stable/**/*.json"],
      excludedSwaggerPathsPattern: ["**/examples/**", "**/common*.json"],
      git: { shouldClone: false },
      isPathCaseSensitive: false,
      isArmCall: false,
      loadValidatorInInitialize: true,
    },
    () => {},
  );
  await validator.initialize();
  helpToFind(validator.operationSearcher);
  report("self-test: wrong requests and answers are caught", await catchesWrongOnes(validator));

  const judged = { "answers of the sandbox": new Map(), "requests of portalkey": new Map() };
  const add = (kind, operation, problems) => judged[kind].set(operation, [...(judged[kind].get(operation) ?? []), ...problems]);
  for (const argument of process.argv.slice(2)) {
    const [name, file] = argument.split("=");
    for (const line of fs.readFileSync(file, "utf8").split("\n").filter(Boolean)) {
      const exchange = JSON.parse(line);
      const own = (exchange.request.headers["user-agent"] ?? "").startsWith("portalkey/");
      const found = await judge(validator, exchange, own);
      if (!found) continue;
      const where = ` (${exchange.request.method} ${exchange.request.url} -> ${exchange.response.status}, of ${name})`;
      add("answers of the sandbox", found.operation, found.answer.map((problem) => problem + where));
      if (own) add("requests of portalkey", found.operation, found.request.map((problem) => problem + where));
    }
  }
  for (const [kind, operations] of Object.entries(judged)) {
    for (const [operation, problems] of [...operations].sort(([a], [b]) => (a < b ? -1 : 1))) report(`${kind}: ${operation}`, problems);
  }
})();
