"""Services that quote back what they were sent: in no spelling does it get into what the program says, writes or keeps."""
import string

from harness import *
from test_secrets import Canaries

SPELLINGS = ["", ":lower", ":grouped", ":percent", ":json", ":base64", ":base64url", ":hex", ":bytes-base64", ":bytes-hex"]


def bodies(spelling):
    """Refusals in the shapes of each service, all of them with the secret."""
    quoted = "The value '{secret" + spelling + "}' is not valid"
    return [
        json.dumps({"error": {"code": quoted, "message": quoted, "innererror": {"code": quoted}, "innerError": {"code": quoted}}}),
        json.dumps({"error": quoted, "error_description": "AADSTS70000: " + quoted, "correlation_id": quoted, "suberror": quoted}),
        json.dumps({"Message": quoted, "ClientData": {"errorCode": quoted, "localizedErrorDetails": {"errorDetail": quoted}}}),
        "<html><body>" + quoted + "</body></html>",
    ]


class Echoes(Canaries):
    SIGNED_IN = True

    def setUp(self):
        super().setUp()
        self.before = ["--sandbox", str(self.sandbox.folder)]
        self.add("refresh token in the vault", self.sandbox.stored())

    def echo(self, **rule):
        self.sandbox.no_faults()
        self.sandbox.fault(kind="echo", **rule)

    def refused(self, *args, codes=(FAILED, PARTLY, NEEDS_PERSON)):
        ran = self.said([*self.before, *args], codes=codes)
        self.assertNotIn("Traceback", ran.text)
        return ran

    def test_where_a_session_is_refreshed(self):
        for spelling in SPELLINGS:
            for body in bodies(spelling):
                with self.subTest(body):
                    for place in (dict(host="login"), dict(host="login", skip=1), dict(host="vault", method="GET"),
                                  dict(host="vault", method="PUT", times=3)):
                        for status in (400, 401, 403, 409) if spelling == "" else (400,):
                            self.echo(status=status, body=body, headers={"x-ms-request-id": "{secret" + spelling + "}"}, **place)
                            ran = self.refused("session", "refresh", *([] if status != 403 else ["-o", "json"]),
                                               codes=(FAILED, NEEDS_PERSON))
                            self.assertIn("error", ran.err)
                            self.sandbox.no_faults()
                            if place.get("method") == "PUT":  # it is in the escrow: the next run stores it
                                self.said([*self.before, "session", "refresh"])
                                self.add("refresh token in the vault", self.sandbox.stored())
        self.all_files()

    def import_with_echo(self, spelling, body, **place):
        report = self.folder / "report"
        for ending in ("csv", "json", "html"):
            self.echo(body=body, headers={"request-id": "{secret" + spelling + "}", "x-ms-correlation-id": "{secret" + spelling + "}"}, **place)
            file = report.with_suffix("." + ending)
            self.refused("tokens", "import", self.file, "--report", file)
            self.search(f"the report {file.name}", file.read_bytes())
        jobs = self.said([*self.before, "jobs", "list", "-o", "json"]).json()
        self.said([*self.before, "jobs", "show", jobs[0]["id"]], codes=(DONE, FAILED, PARTLY))
        self.said([*self.before, "jobs", "show", jobs[0]["id"], "-o", "json"], codes=(DONE, FAILED, PARTLY))
        self.sandbox.no_faults()
        self.all_files()
        for number, job in enumerate(jobs):
            self.said([*self.before, "jobs", "cancel" if number % 2 else "forget", job["id"]], codes=(DONE, FAILED))
        self.all_files()

    def test_where_tokens_are_uploaded(self):
        for spelling in SPELLINGS:
            with self.subTest(spelling):
                self.import_with_echo(spelling, bodies(spelling)[2], host="portal", path="upload", method="POST")
        self.import_with_echo("", "", host="portal", path="upload", method="POST")
        ran = self.refused("tokens", "list", codes=(DONE,))
        self.assertIn("0 tokens", ran.out)

    def test_where_they_are_activated(self):
        self.echo(body='{"Message":"{body}"}', host="portal", path="enable", status=409)
        self.refused("tokens", "import", self.file, "-o", "json")
        self.all_files()

    def test_where_graph_creates_them(self):
        self.grant_graph_rights()
        self.before += ["--backend", "graph"]
        for row in self.rows:
            row["upn"] = ""
        write_seeds(self.file, self.rows)
        for spelling in SPELLINGS:
            with self.subTest(spelling):
                self.import_with_echo(spelling, bodies(spelling)[0], host="graph", path="hardwareoathdevices", method="POST")
        self.echo(host="graph", path="hardwareoathdevices", method="POST")
        ran = self.refused("tokens", "import", self.file, "-o", "json")
        reasons = {token["reason"] for token in ran.json()["tokens"]}
        self.assertEqual({"Microsoft Graph refused the request: The value '***' is not valid."}, reasons, "the words around it stay")
        self.echo(host="graph", path="$batch", status=403, body=bodies("")[0])
        self.refused("tokens", "import", self.file)
        self.all_files()

    def test_the_words_around_it_stay(self):
        self.echo(host="portal", path="upload", body='{"Message":"row 2: secret key {secret} of user.33.1@contoso.com is wrong"}')
        ran = self.refused("tokens", "import", self.file)
        self.assertIn("of user.33.1@contoso.com is wrong", ran.text)
        self.assertIn("***", ran.text)

    def test_escape_sequences_and_endless_words(self):
        hostile = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u200b\u2028\r\nerror: forged" + "A" * 100_000
        for place in (dict(host="login"), dict(host="vault"), dict(host="portal")):
            for body in (json.dumps({"error": {"code": hostile, "message": hostile}}),
                         json.dumps({"error": hostile, "error_description": hostile}), json.dumps({"Message": hostile})):
                self.echo(body=body, **place)
                for output in ([], ["-o", "json"]):
                    ran = self.refused("tokens", "list", *output)
                    self.assertNotRegex(ran.text, "[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
                    self.assertLess(len(ran.text), 5000)
                    self.assertNotRegex(ran.err, "(?m)^error: forged")
                    if output:
                        ran.json_error()

    def test_licences(self):
        token = "1.AX0A" + "".join(random.Random(1).choices(string.ascii_letters + string.digits + "-_", k=900))
        spelled = [token, urllib.parse.quote(token, safe=""), urllib.parse.quote(urllib.parse.quote(token, safe=""), safe=""),
                   base64.b64encode(token.encode()).decode(), token.encode().hex(), "name=" + token, token[:90]]
        for one in spelled:
            with self.subTest(one[:20]):
                self.echo(host="portal", path="accountskus", status=200, body=json.dumps(
                    [{"name": one, "accountSkuId": one, one: {"x": [one]}, "totalUnits": 1, "part": "SHAREPOINTENTERPRISE"}]))
                for output in ("json", "table"):
                    ran = self.pk("skus", "-o", output)
                    for begin in range(0, len(one) - 16, 16):
                        self.assertNotIn(one[begin:begin + 16], ran.text)
                    self.assertIn("***", ran.text)
                    if output == "json":
                        self.assertEqual("SHAREPOINTENTERPRISE", ran.json()[0]["part"], "a plan's name stays")

    def test_api_bodies(self):
        hostile = "\x1b[31mred \u202eturned"
        self.echo(host="portal", status=200, body=json.dumps({"name": hostile}, ensure_ascii=False))
        ran = self.pk("api", "GET", "/api/AccountSkus")
        self.assertEqual(hostile, json.loads(ran.out)["name"])
        self.assertNotIn("\u202e", ran.out)
        self.echo(host="portal", status=200, body="no JSON: " + hostile)
        for output in ([], ["-o", "raw"]):
            ran = self.pk("api", "GET", "/api/AccountSkus", *output)
            self.assertIn(hostile, ran.out, "a program gets the bytes as they are")
        shown = self.on_terminal("api", "GET", "/api/AccountSkus", "-o", "raw")
        self.assertNotIn("\x1b[31m", shown.out)
        self.assertNotIn("\u202e", shown.out)
        body = self.folder / "body.json"
        body.write_text(json.dumps({"secretKey": self.rows[0]["secret key"], "content": "upn,serial\nx," + self.rows[1]["secret key"]}))
        for text in ('{"Message":"{secret}"}', '{"Message":"{body}"}', '{"Message":"{secret:base64}"}'):
            self.echo(host="portal", body=text)
            self.refused("api", "POST", "/api/x", "--body", body, "--yes")


if __name__ == "__main__":
    main()
