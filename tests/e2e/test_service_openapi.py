"""Every operation of the service's own /openapi.json is called, well and badly, and each answer is what the document says."""
import re
import time
import urllib.parse

import harness
from test_service import TOKENS, ServiceTest

KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "format", "minimum", "maximum", "minLength", "maxLength",
         "minItems", "maxItems", "description", "writeOnly", "$ref"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


class Schema:
    """The part of JSON Schema that the document uses; another keyword is an error."""

    def __init__(self, document):
        self.schemas = document["components"]["schemas"]

    def problems(self, schema, value, at="$"):
        unknown = set(schema) - KNOWN
        if unknown:
            return [f"{at}: the checker does not know {unknown}"]
        if "$ref" in schema:
            return self.problems(self.schemas[schema["$ref"].rsplit("/", 1)[1]], value, at)
        found = []
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(self.is_a(value, kind) for kind in kinds):
            return [f"{at}: {value!r} is no {kinds}"]
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at}: {value!r} is none of {schema['enum']}")
        if isinstance(value, str) and schema.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
            found.append(f"{at}: {value!r} is no time")
        if isinstance(value, dict):
            known = schema.get("properties", {})
            found += [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
            for name, member in value.items():
                if name in known:
                    found += self.problems(known[name], member, f"{at}.{name}")
                elif schema.get("additionalProperties", True) is False:
                    found.append(f"{at}: {name} is not in the document")
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                found += self.problems(schema["items"], item, f"{at}[{i}]")
        return found

    @staticmethod
    def is_a(value, kind):
        if kind in ("integer", "number"):
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, TYPES[kind])


class OpenApi(ServiceTest):
    def setUp(self):
        super().setUp()
        self.document = self.call("GET", "/openapi.json", key=None).json()
        self.schema = Schema(self.document)
        self.operations = {operation["operationId"]: (method.upper(), path, operation)
                           for path, methods in self.document["paths"].items() for method, operation in methods.items()}
        self.called = set()

    def operation(self, name, body=None, query="", good=True, key=True, **values):
        method, path, operation = self.operations[name]
        self.called.add(name)
        for place in re.findall(r"{(\w+)}", path):
            path = path.replace("{%s}" % place, urllib.parse.quote(values.get(place, "default"), safe=""))
        if isinstance(body, dict) and good:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.assertEqual(self.schema.problems(schema, body), [], f"the request of {name}")
        known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        if good:
            self.assertLessEqual({name for name, _ in urllib.parse.parse_qsl(query)}, known)
        reply = self.call(method, path + ("?" + query if query else ""), body, key=key)
        self.judge(name, operation, reply)
        return reply

    def judge(self, name, operation, reply):
        kind = reply.headers.get("Content-Type", "").split(";")[0]
        answer = operation["responses"].get(str(reply.status))
        if answer is None or reply.status >= 400 and kind == "application/problem+json":
            self.assertGreaterEqual(reply.status, 400, f"{name} answers {reply.status}, which is not in the document")
            self.assertEqual(kind, "application/problem+json", f"{name}: {reply}")
            answer = operation["responses"]["default"]
            self.assertEqual(reply.json()["status"], reply.status)
            for word in ("[[", " --", "portalkey tokens"):
                self.assertNotIn(word, reply.text, name)
        self.assertIn(kind, answer["content"], f"{name} {reply.status}: {reply}")
        schema = answer["content"][kind].get("schema")
        if schema:
            self.assertEqual(self.schema.problems(schema, reply.json()), [], f"{name} {reply.status}: {reply}")
        if reply.status == 202:
            for header in answer["headers"]:
                self.assertIn(header, reply.headers, name)

    def test_every_operation_is_as_the_document_says(self):
        one, two, three, four = harness.seed_rows(4)
        body = lambda row: self.row(row) | {"manufacturer": "Contoso", "model": "C100", "hashFunction": "SHA1"}
        for name in ("getHealth", "getReadiness", "getOpenApi"):
            self.assertEqual(self.operation(name, key=None).status, 200)
        for name in ("getMe", "listTenants", "getMetrics"):
            self.assertEqual(self.operation(name).status, 200)
        job = self.service.job(self.operation("addToken", body(one))).json()["id"]
        self.operation("addToken", body(two) | {"preview": True})
        self.operation("addToken", body(two) | {"activate": False})
        code = lambda row: harness.totp(row["secret key"], int(self.sandbox.now() // 30))
        serial = one["serial number"]
        self.operation("activateToken", {"code": code(two)}, serialNumber=two["serial number"])
        self.operation("activateToken", {"secretKey": two["secret key"]}, serialNumber=two["serial number"])
        self.operation("checkToken", {"secretKey": one["secret key"], "code": code(one)}, serialNumber=serial)
        self.assertEqual(self.operation("getToken", serialNumber=serial).status, 200)
        self.operation("replaceToken", {"upn": two["upn"], "by": {"serialNumber": three["serial number"], "secretKey": three["secret key"]}},
                       serialNumber=two["serial number"])
        self.operation("assignToken", {"upn": one["upn"]}, serialNumber=serial)  # the portal cannot: a problem
        self.operation("unassignToken", serialNumber=serial)
        until = time.monotonic() + 30
        while self.operation("listTokens", query="top=5&orderBy=serial:desc&state=active").status == 503 and time.monotonic() < until:
            time.sleep(0.2)
        self.assertEqual(self.operation("listTokens", query="search=70&upn=" + urllib.parse.quote(one["upn"])).status, 200)
        self.assertEqual(self.operation("countTokens", query="manufacturer=cont").status, 200)
        self.assertEqual(self.operation("getUser", upn=one["upn"]).status, 200)
        self.assertEqual(self.operation("usersWithoutToken", {"users": [one["upn"], "nobody@contoso.com"]}).status, 200)
        done = self.service.job(self.operation("startImport", {"tokens": [body(four)], "fileName": "x.csv"}))
        self.operation("startImport", {"tokens": [body(four)], "preview": True, "until": "uploaded"})
        self.service.job(self.operation("startJob", {"kind": "remove", "tokens": [{"serialNumber": four["serial number"]}]}))
        self.operation("startJob", {"kind": "leave", "tokens": [{"upn": three["upn"]}], "preview": True})
        self.operation("startJob", {"kind": "remove", "filter": {"search": serial}, "preview": True})
        for name in ("listJobs", "getSession", "listPortalOperations", "searchAudit"):
            self.assertEqual(self.operation(name, query="search=sku" if name == "listPortalOperations" else "").status, 200, name)
        self.operation("searchAudit", query="top=3&tenant=default&from=2020-01-01T00:00:00Z")
        for name in ("getJob", "getJobResult", "listJobTokens", "watchJob"):
            self.assertEqual(self.operation(name, job=job).status, 200, name)
        self.operation("resumeJob", job=done.json()["id"])
        self.operation("cancelJob", job=job)
        self.operation("undoJob", job=done.json()["id"])
        self.assertEqual(self.operation("rotateSession").status, 200)
        self.assertEqual(self.operation("callPortal", {"path": "/api/AccountSkus?backfillTenants=true"}).status, 200)
        self.operation("callPortal", {"path": "/api/Users", "method": "POST", "body": {}})
        self.operation("userLeaves", upn=three["upn"])
        self.operation("removeToken", serialNumber=serial)
        self.assertEqual(set(self.operations) - self.called, set(), "operations that were not called")

    def test_bad_requests_are_refused_as_the_document_says(self):
        for name, (method, path, operation) in self.operations.items():
            if not operation["security"]:
                continue
            with self.subTest(operation=name):
                values = {"serialNumber": "none such", "upn": "nobody@contoso.com", "job": "00000000-0000-4000-8000-000000000000"}
                self.assertEqual(self.operation(name, key=None, good=False, **values).status, 401)
                self.assertEqual(self.operation(name, query="no_such_parameter=1", good=False, **values).status, 400)
                if "{tenant}" in path:
                    self.assertEqual(self.operation(name, good=False, tenant="none", **values).status, 404)
                if "requestBody" in operation:
                    self.assertEqual(self.operation(name, {"noSuchMember": 1}, good=False, **values).status, 400)
                    self.assertEqual(self.operation(name, [], good=False, **values).status, 400)
                if "{job}" in path:
                    self.assertEqual(self.operation(name, good=False, **values).status, 404)
                if "{serialNumber}" in path and method == "GET":
                    self.assertIn(self.operation(name, good=False, **values).status, (200, 404))


if __name__ == "__main__":
    harness.main()
