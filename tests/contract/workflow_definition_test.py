"""What performs the flows' definitions, without a network."""
import copy
import json
import pathlib
import unittest

from workflow_definition import SECURED, Flow, InvalidTemplate, Unsupported

HERE = pathlib.Path(__file__).resolve().parent


def workflow(actions, parameters=None, references=None):
    definition = {"parameters": parameters or {}, "actions": actions}
    return {"properties": {"definition": definition, "connectionReferences": references or {}}}


def compose(template, after=()):
    return {"type": "Compose", "inputs": template, "runAfter": {one: ["Succeeded"] for one in after}}


class Expressions(unittest.TestCase):
    def of(self, template, body=None, **values):
        flow = Flow(workflow({"It": compose(template)}, {name: {"type": "String"} for name in values}), None, values)
        one = flow.run(body)["actions"]["It"]
        if one["status"] != "Succeeded":
            raise InvalidTemplate(one["message"])
        return one["outputs"]

    def test_texts(self):
        self.assertEqual(self.of("plain @ text"), "plain @ text")
        self.assertEqual(self.of("@@text"), "@text")
        self.assertEqual(self.of("a@{concat('b', '}')}c"), "ab}c")
        self.assertEqual(self.of("a@@{b}"), "a@{b}")
        self.assertEqual(self.of("@{true}@{null}@{json('[1,true]')}"), "True[1,true]")
        self.assertEqual(self.of("@concat('it''s', ' ', 5)"), "it's 5")

    def test_selection(self):
        body = {"Name": "n", "list": [1, 2]}
        self.assertEqual(self.of("@triggerBody()['name']", body), "n")
        self.assertEqual(self.of("@triggerBody()?['none']?['more']", body), None)
        self.assertEqual(self.of("@triggerOutputs().body.list[1]", body), 2)
        self.assertEqual(self.of("@triggerBody()?['x']"), None, "no body")
        for wrong in ("@triggerBody()['none']", "@triggerBody()['list'][2]", "@triggerBody()?['name']?['x']",
                      "@triggerBody()?['none']['more']"):
            with self.assertRaises(InvalidTemplate, msg=wrong):
                self.of(wrong, body)

    def test_syntax(self):
        for wrong in ("@concat('a'", "@concat('a') b", "@'a'[0]", "@word", "a@{concat('a')"):
            with self.assertRaises(InvalidTemplate, msg=wrong):
                self.of(wrong)

    def test_lazy(self):
        self.assertEqual(self.of("@if(true, 'a', json('{'))"), "a")
        self.assertEqual(self.of("@coalesce(triggerBody(), 'b', json('{'))"), "b")

    def test_an_error_does_not_quote_what_may_be_a_secret(self):
        with self.assertRaises(InvalidTemplate) as caught:
            self.of("@json(parameters('p'))", p="{secret")
        self.assertNotIn("secret", str(caught.exception))


class Runs(unittest.TestCase):
    def test_after_a_failure_the_rest_is_skipped_and_a_handler_runs(self):
        actions = {
            "Bad": compose("@json('{')"),
            "Next": compose("x", ["Bad"]),
            "Handler": {**compose("h"), "runAfter": {"Next": ["Failed", "Skipped", "TimedOut"]}},
        }
        ran = Flow(workflow(actions), None).run()
        statuses = [ran["actions"][one]["status"] for one in ("Bad", "Next", "Handler")]
        self.assertEqual(statuses, ["Failed", "Skipped", "Succeeded"])
        self.assertEqual(ran["status"], "Succeeded", "the failure was handled")
        del actions["Handler"]
        self.assertEqual(Flow(workflow(actions), None).run()["status"], "Failed")

    def test_try_catch_finally(self):
        scope = {"type": "Scope", "actions": {}}
        always = ["Succeeded", "Skipped", "Failed", "TimedOut"]
        actions = {"Try": {**scope, "runAfter": {}}, "Catch": {**scope, "runAfter": {"Try": ["Failed"]}},
                   "Finally": {**scope, "runAfter": {"Catch": always}}}
        ran = Flow(workflow(actions), None).run()
        self.assertEqual(ran["status"], "Succeeded")
        self.assertEqual([ran["actions"][one]["status"] for one in ("Catch", "Finally")], ["Skipped", "Succeeded"])

    def test_http_is_tried_again_and_fails_at_last(self):
        for statuses, attempts, status in (([503, 200], 2, "Succeeded"), ([429] * 9, 5, "Failed"), ([404, 200], 1, "Failed")):
            left = list(statuses)
            action = {"Call": {"type": "Http", "inputs": {"method": "get", "uri": "https://x", "headers": {}}, "runAfter": {}}}
            ran = Flow(workflow(action), lambda *_: (left.pop(0), "{}")).run()
            self.assertEqual((len(statuses) - len(left), ran["status"]), (attempts, status))

    def test_parse_json_holds_the_content_against_its_schema(self):
        number = {"n": {"type": "integer"}}
        for content, schema, right in (('{"n":1}', {"type": "object", "properties": number, "required": ["n"]}, True),
                                       ('{"n":"1"}', {"properties": number}, False), ('{"n":true}', {"properties": number}, False),
                                       ("{}", {"required": ["n"]}, False),
                                       ("[1,null]", {"type": "array", "items": {"type": ["integer", "null"]}}, True)):
            action = {"type": "ParseJson", "inputs": {"content": content, "schema": schema}, "runAfter": {}}
            ran = Flow(workflow({"P": action}), None).run()
            self.assertEqual(ran["status"] == "Succeeded", right, content)

    def test_loops_variables_and_conditions(self):
        actions = {
            "V": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "v", "type": "string", "value": ""}]}},
            "Each": {"type": "foreach", "foreach": "@triggerBody()", "runAfter": {"V": ["SUCCEEDED"]},
                     "actions": {"A": {"type": "AppendToStringVariable", "inputs": {"name": "v", "value": "@{item()};"}}}},
            "If": {"type": "If", "runAfter": {"Each": ["Succeeded"]},
                   "expression": {"not": {"equals": ["@variables('v')", "1;2;"]}},
                   "actions": {"Wrong": compose("w")}, "else": {"actions": {"Right": compose("r")}}},
        }
        ran = Flow(workflow(actions), None).run([1, 2])
        statuses = [ran["actions"][one]["status"] for one in ("If", "Wrong", "Right")]
        self.assertEqual(statuses, ["Succeeded", "Skipped", "Succeeded"])

    def test_what_is_not_known_is_refused_before_anything_is_sent(self):
        for action, word in (({"type": "Agent", "inputs": {}}, "Agent"), (compose("@xpath('a', 'b')"), "xpath"),
                             ({"type": "OpenApiConnection", "inputs": {"host": {"connectionName": "c"}}}, "leads")):
            with self.assertRaisesRegex(Unsupported, word):
                Flow(workflow({"It": action}), None)


class PublishedFlow(unittest.TestCase):
    """The definition itself, against a transport that notes what is sent."""

    def setUp(self):
        self.workflow = json.loads(next(HERE.glob("flow/Workflows/UseHiddenAPI-*.json")).read_text())
        self.swagger = json.loads((HERE / "flow/Connector/con_vault_openapidefinition.json").read_text())
        self.sent = []

    def perform(self, answers, definition=None, **values):
        def send(method, url, headers, body):
            self.sent.append((method, url, headers, body))
            return answers.pop(0)

        connections = {"shared_con-5fvault": (self.swagger, "https://v.example", {"Authorization": "Bearer vault"})}
        return Flow(definition or self.workflow, send, values, connections).run()

    def answers(self):
        secret = {"value": "old", "id": "https://v.example/secrets/RefreshToken/1",
                  "attributes": {"enabled": True, "created": 1, "updated": 1}}
        tokens = {"access_token": "new-access", "refresh_token": "new-refresh", "expires_in": "3599"}
        return [(200, json.dumps(secret)), (200, json.dumps(tokens)),
                (200, json.dumps({**secret, "value": "new-refresh"})), (200, "[]")]

    def test_it_sends_what_the_article_describes(self):
        ran = self.perform(self.answers(), con_TenantOAuthTokenEndpoint="https://login.example/t/oauth2/token")
        self.assertEqual(ran["status"], "Succeeded", ran)
        (get, login, put, call) = self.sent
        self.assertEqual(get[:2], ("GET", "https://v.example/secrets/RefreshToken?api-version=7.0"))
        self.assertEqual(login[:2], ("POST", "https://login.example/t/oauth2/token"))
        self.assertEqual(login[3], "resource=74658136-14ec-4630-ad9b-26e160ff0fc6&grant_type=refresh_token&refresh_token=old"
                                   "&client_id=1950a258-227b-4e31-a9cf-717495945fc2&scope=openid")
        self.assertEqual(json.loads(put[3]), {"value": "new-refresh", "attributes": {"enabled": True}})
        self.assertEqual(call[2]["Authorization"], "Bearer new-access")
        self.assertNotEqual(call[2]["x-ms-client-request-id"], call[2]["x-ms-correlation-id"])
        self.assertEqual(ran["actions"]["Login"]["inputs"], SECURED)
        self.assertNotIn("new-refresh", json.dumps(ran))

    def test_version_2_is_its_default_and_is_version_2s(self):
        self.perform(self.answers())
        self.assertTrue(self.sent[1][1].endswith("/oauth2/v2.0/token"), self.sent[1][1])

    def test_a_failed_store_ends_it_before_the_call(self):
        answers = self.answers()
        answers[2:] = [(403, "{}")]
        ran = self.perform(answers)
        self.assertEqual((ran["status"], ran["actions"]["HTTP"]["status"]), ("Failed", "Skipped"))

    def test_an_answer_of_other_types_ends_it(self):
        answers = self.answers()
        answers[1] = (200, json.dumps({"access_token": "a", "refresh_token": "r", "expires_in": 3599}))  # version 2 gives numbers
        ran = self.perform(answers)
        self.assertEqual(ran["actions"]["Parse_JSON_From_Login"]["code"], "ValidationFailed")
        self.assertEqual(ran["actions"]["Set_New_Refresh_Token"]["status"], "Skipped")

    def test_another_secret_is_another_request(self):
        other = copy.deepcopy(self.workflow)
        other["properties"]["definition"]["actions"]["Get_Refresh_Token"]["inputs"]["parameters"]["secret-name"] = "Other Token/1"
        self.perform(self.answers(), other)
        self.assertEqual(self.sent[0][1], "https://v.example/secrets/Other%20Token%2F1?api-version=7.0")


if __name__ == "__main__":
    unittest.main()
