"""Performs a Power Automate flow from its definition (Workflow Definition Language 2016-06-01): triggers by a person, the actions
that the flows in flow/ use, and their expressions. What is not known is refused by its name, before anything is sent.

It knows no transport: `send(method, url, headers, body)` gives back (status, text). Connector actions go where the connector's
Swagger file says. Python's standard library only.
"""
import base64
import datetime
import json
import re
import urllib.parse
import uuid

SECURED = "<secured>"
RETRIED = (408, 429, 500, 502, 503, 504)
RETRIES = 4  # the default policy; its waits are left out


class InvalidTemplate(Exception):
    """An expression or an action that cannot be evaluated; the action fails."""


class Unsupported(Exception):
    """The definition holds something that this does not perform."""


# --- expressions ----------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?\d+(?:\.\d+)?)"""
                   r"""|(?P<name>[^\s.,(){}@\[\]?'+-][^\s.,(){}@\[\]?']*)|(?P<sign>\?\[|\?\.|[.,()\[\]]))""")


class Parser:
    """expr = literal | name '(' args ')' tail*; a tree: ('literal', v), ('call', name, args), ('select', of, key, forgiving)."""

    def __init__(self, text):
        self.text, self.at = text, 0
        self.tokens = []
        rest = text.strip()
        while rest:
            found = TOKEN.match(rest)
            if not found:
                raise InvalidTemplate(f"unexpected text in an expression at {rest[:20]!r}")
            self.tokens.append((found.lastgroup, found.group(found.lastgroup)))
            rest = rest[found.end():].strip()

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, sign=None):
        kind, value = self.peek()
        if kind is None or (sign is not None and value != sign):
            raise InvalidTemplate(f"{sign or 'a value'} expected in an expression")
        self.at += 1
        return kind, value

    def whole(self):
        tree = self.expression()
        if self.peek()[0] is not None:
            raise InvalidTemplate("text after the end of an expression")
        return tree

    def expression(self):
        kind, value = self.take()
        if kind == "text":
            return ("literal", value[1:-1].replace("''", "'"))
        if kind == "number":
            return ("literal", float(value) if "." in value else int(value))
        if kind != "name":
            raise InvalidTemplate(f"{value} does not begin an expression")
        if self.peek()[1] != "(":
            words = {"true": True, "false": False, "null": None}
            if value.lower() not in words:
                raise InvalidTemplate(f"{value} is no value")
            return ("literal", words[value.lower()])
        self.take("(")
        arguments = []
        while self.peek()[1] != ")":
            arguments.append(self.expression())
            if self.peek()[1] != ")":
                self.take(",")
        self.take(")")
        tree = ("call", value.lower(), arguments)
        while self.peek()[1] in ("[", "?[", ".", "?."):
            sign = self.take()[1]
            if sign.endswith("["):
                key = self.expression()
                self.take("]")
            else:
                key = ("literal", self.take()[1])
            tree = ("select", tree, key, sign.startswith("?"))
        return tree


def select(of, key, forgiving):
    if isinstance(of, dict) and isinstance(key, str):
        for name in of:
            if name == key or name.lower() == key.lower():
                return of[name]
        if forgiving:
            return None
        raise InvalidTemplate(f"property '{key}' doesn't exist, available properties are '{', '.join(of)}'")
    if isinstance(of, list) and isinstance(key, int) and not isinstance(key, bool):
        if 0 <= key < len(of):
            return of[key]
        if forgiving:
            return None
        raise InvalidTemplate(f"the array has no element {key}")
    if of is None and forgiving:
        return None
    raise InvalidTemplate(f"a {type(of).__name__} has no property '{key}'")


def to_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def boolean(value):
    if not isinstance(value, bool):
        raise InvalidTemplate("a boolean is expected")
    return value


def empty(value):
    if value is not None and not isinstance(value, (str, list, dict)):
        raise InvalidTemplate("empty() takes a text, an array or an object")
    return not value


def first(value):
    if not isinstance(value, (list, str)):
        raise InvalidTemplate("first() takes an array or a text")
    return value[0] if value else (None if isinstance(value, list) else "")


PLAIN = {
    "concat": lambda *parts: "".join(map(to_text, parts)),
    "string": to_text,
    "guid": lambda: str(uuid.uuid4()),
    "json": lambda text: json.loads(text) if isinstance(text, str) else text,
    "not": lambda value: not boolean(value),
    "equals": lambda a, b: type(a) is type(b) and a == b,
    "empty": empty,
    "first": first,
    "length": len,
    "join": lambda items, between: between.join(map(to_text, items)),
    "tolower": str.lower,
    "toupper": str.upper,
    "replace": str.replace,
    "startswith": lambda text, start: text.lower().startswith(start.lower()),
    "encodeuricomponent": lambda text: urllib.parse.quote(text, safe="-_.~"),
    "decodeuricomponent": urllib.parse.unquote,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "decodebase64": lambda text: base64.b64decode(text).decode(),
    "utcnow": lambda: datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
}
LAZY = ("if", "and", "or", "coalesce")
OF_THE_RUN = ("body", "outputs", "actions", "parameters", "variables", "triggerbody", "triggeroutputs", "item")
KNOWN = {*PLAIN, *LAZY, *OF_THE_RUN}


def parts_of(text):
    """The texts and expressions of a string: [(is_expression, text)], and whether it is one expression as a whole."""
    if text.startswith("@@"):
        return [(False, text[1:])], False
    if text.startswith("@") and not text.startswith("@{") and len(text) > 1:
        return [(True, text[1:])], True
    out, literal, at = [], "", 0
    while at < len(text):
        if text.startswith("@@{", at):
            literal, at = literal + "@{", at + 3
        elif text.startswith("@{", at):
            end, quoted = at + 2, False
            while end < len(text) and (quoted or text[end] != "}"):
                quoted ^= text[end] == "'"
                end += 1
            if end == len(text):
                raise InvalidTemplate("an expression has no end")
            out += [(False, literal), (True, text[at + 2:end])]
            literal, at = "", end + 1
        else:
            literal, at = literal + text[at], at + 1
    return out + [(False, literal)], False


def functions_in(value):
    """The names of all functions in a part of a definition."""
    if isinstance(value, str):
        found = set()

        def walk(tree):
            if tree[0] == "call":
                found.add(tree[1])
                for argument in tree[2]:
                    walk(argument)
            elif tree[0] == "select":
                walk(tree[1])
                walk(tree[2])

        for is_expression, text in parts_of(value)[0]:
            if is_expression:
                walk(Parser(text).whole())
        return found
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*map(functions_in, value)) if isinstance(value, list) else set()


# --- a run ----------------------------------------------------------------------------------------------------------

class Ended(Exception):
    """Terminate."""

    def __init__(self, status, error):
        super().__init__(status)
        self.status, self.error = status, error


class Flow:
    """A definition, what its parameters are, and where its connectors lead.

    `values`: schema name or name of a parameter -> value.
    `connections`: key of a connection reference -> (Swagger, base URL, headers).
    """

    def __init__(self, workflow, send, values=None, connections=None):
        properties = workflow["properties"]
        self.definition, self.references = properties["definition"], properties.get("connectionReferences", {})
        self.send, self.connections = send, connections or {}
        given = {name.lower(): value for name, value in (values or {}).items()}
        self.parameters = {}
        for name, one in self.definition.get("parameters", {}).items():
            schema_name = one.get("metadata", {}).get("schemaName", "").lower()
            self.parameters[name.lower()] = given.get(schema_name, given.get(name.lower(), one.get("defaultValue")))
        self.check(self.definition["actions"])

    def check(self, actions):
        for name, action in actions.items():
            kind = action["type"].lower()
            if kind not in ACTIONS:
                raise Unsupported(f"{name}: actions of type {action['type']}")
            inputs = action.get("inputs", {})
            inputs = {k: v for k, v in inputs.items() if k != "authentication"} if kind == "openapiconnection" else inputs
            if unknown := functions_in([inputs, action.get("foreach"), action.get("expression")]) - KNOWN:
                raise Unsupported(f"{name}: the functions {', '.join(sorted(unknown))}")
            for before in action.get("runAfter", {}):
                if before.lower() not in map(str.lower, actions):
                    raise InvalidTemplate(f"{name} runs after {before}, which is no action beside it")
            self.check(action.get("actions", {}))
            self.check(action.get("else", {}).get("actions", {}))
            if kind == "openapiconnection" and inputs["host"]["connectionName"] not in self.connections:
                raise Unsupported(f"{name}: nothing says where the connector {inputs['host']['connectionName']} leads")

    def run(self, body=None):
        """The whole run: its status, its error, and a record for each action, secured as the definition says."""
        self.results, self.variables, self.items = {}, {}, []
        self.trigger = {} if body is None else {"body": body}
        try:
            status, error = self.container(self.definition["actions"]), None
        except Ended as ended:
            status, error = ended.status, ended.error
        return {"status": status, "error": error, "actions": {name: self.shown(one) for name, one in self.results.items()}}

    @staticmethod
    def shown(one):
        secure = one.get("secured", [])
        # Parse JSON and Compose know secure inputs only, which hide the outputs in the history too.
        hidden = set(secure) | ({"outputs"} if "inputs" in secure and one["type"] in ("parsejson", "compose") else set())
        return {"status": one["status"], "code": one.get("code"), "message": one.get("message"),
                **{part: SECURED if part in hidden else one.get(part) for part in ("inputs", "outputs")}}

    # -- what an expression may ask
    def result(self, name):
        for known, one in self.results.items():
            if known.lower() == name.lower():
                return one
        return {}

    def call(self, name, trees):
        if name == "if":
            return self.tree(trees[1] if boolean(self.tree(trees[0])) else trees[2])
        if name == "and":
            return all(boolean(self.tree(one)) for one in trees)
        if name == "or":
            return any(boolean(self.tree(one)) for one in trees)
        if name == "coalesce":
            return next((value for value in map(self.tree, trees) if value is not None), None)
        arguments = [self.tree(one) for one in trees]
        if name in PLAIN:
            try:
                return PLAIN[name](*arguments)
            except (TypeError, ValueError) as error:
                raise InvalidTemplate(f"{name}(): {type(error).__name__}") from None  # its text may quote a secret
        if name == "body":
            outputs = self.result(arguments[0]).get("outputs")
            return outputs.get("body") if isinstance(outputs, dict) else None
        if name == "outputs":
            return self.result(arguments[0]).get("outputs")
        if name == "actions":
            return self.result(arguments[0]) or None
        if name == "triggeroutputs":
            return self.trigger or None
        if name == "triggerbody":
            return self.trigger.get("body")
        if name == "item":
            if not self.items:
                raise InvalidTemplate("item() outside a loop")
            return self.items[-1]
        of = self.parameters if name == "parameters" else self.variables
        if arguments[0].lower() not in of:
            raise InvalidTemplate(f"there is no {name[:-1]} '{arguments[0]}'")
        return of[arguments[0].lower()]

    def tree(self, tree):
        if tree[0] == "literal":
            return tree[1]
        if tree[0] == "select":
            return select(self.tree(tree[1]), self.tree(tree[2]), tree[3])
        return self.call(tree[1], tree[2])

    def value(self, template):
        if isinstance(template, dict):
            return {key.replace("@@", "@", 1) if key.startswith("@@") else key: self.value(one) for key, one in template.items()}
        if isinstance(template, list):
            return [self.value(one) for one in template]
        if not isinstance(template, str):
            return template
        parts, whole = parts_of(template)
        if whole:
            return self.tree(Parser(parts[0][1]).whole())
        return "".join(to_text(self.tree(Parser(text).whole())) if is_expression else text for is_expression, text in parts)

    # -- actions
    def container(self, actions):
        """Runs the actions of one container, each as soon as those before it have ended; the container's status."""
        waiting = dict(actions)
        by_name = {name.lower(): name for name in actions}
        done = {}
        while waiting:
            ready = [name for name, one in waiting.items() if all(by_name[b.lower()] in done for b in one.get("runAfter", {}))]
            if not ready:
                raise InvalidTemplate("actions wait for each other: " + ", ".join(waiting))
            for name in ready:
                action = waiting.pop(name)
                met = all(done[by_name[before.lower()]] in map(str.capitalize, wanted) or done[by_name[before.lower()]] in wanted
                          for before, wanted in action.get("runAfter", {}).items())
                if met:
                    self.perform(name, action)
                else:
                    self.skip(name, action)
                done[name] = self.results[name]["status"]
        leaves = set(actions) - {by_name[b.lower()] for one in actions.values() for b in one.get("runAfter", {})}
        while skipped := {one for one in leaves if done[one] == "Skipped"}:
            leaves = (leaves - skipped) | {by_name[b.lower()] for one in skipped for b in actions[one].get("runAfter", {})}
        return "Failed" if any(done[one] == "Failed" for one in leaves) else "Succeeded"

    def skip(self, name, action):
        self.results[name] = {"status": "Skipped", "code": "ActionSkipped", "type": action["type"].lower()}
        for inner in (action.get("actions", {}), action.get("else", {}).get("actions", {})):
            for child, one in inner.items():
                self.skip(child, one)

    def perform(self, name, action):
        kind = action["type"].lower()
        secured = action.get("runtimeConfiguration", {}).get("secureData", {}).get("properties", [])
        one = self.results[name] = {"status": "Succeeded", "type": kind, "secured": secured}
        try:
            ACTIONS[kind](self, action, one)
        except InvalidTemplate as error:
            one.update(status="Failed", code="InvalidTemplate", message=str(error))

    def exchange(self, one, method, url, headers, body):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            if "content-type" not in map(str.lower, headers):
                headers = {**headers, "Content-Type": "application/json"}
        one["inputs"] = {"method": method, "uri": url, "headers": headers, **({} if body is None else {"body": body})}
        for _ in range(RETRIES + 1):
            status, text = self.send(method, url, headers, body)
            one["attempts"] = one.get("attempts", 0) + 1
            if status not in RETRIED:
                break
        try:
            content = json.loads(text)
        except ValueError:
            content = text
        one["outputs"] = {"statusCode": status, **({} if text == "" else {"body": content})}
        if status >= 400:
            one.update(status="Failed", code=str(status))

    def http(self, action, one):
        inputs = self.value(action["inputs"])
        headers = {name: to_text(value) for name, value in inputs.get("headers", {}).items()}
        self.exchange(one, inputs["method"].upper(), inputs["uri"], headers, inputs.get("body"))

    def connector(self, action, one):
        swagger, base, own = self.connections[action["inputs"]["host"]["connectionName"]]
        operation = action["inputs"]["host"]["operationId"]
        found = [(path, method, about) for path, methods in swagger["paths"].items() for method, about in methods.items()
                 if about["operationId"] == operation]
        if not found:
            raise InvalidTemplate(f"the connector has no operation {operation}")
        path, method, about = found[0]
        given, query, headers, body = self.value(action["inputs"].get("parameters", {})), {}, dict(own), None
        for parameter in about["parameters"]:
            name, place = parameter["name"], parameter["in"]
            if place == "body":
                for key, value in given.items():
                    if key == name or key.startswith(name + "/"):
                        body = {} if body is None else body
                        at, steps = body, key.split("/")[1:]
                        for step in steps[:-1]:
                            at = at.setdefault(step, {})
                        at[steps[-1]] = value
                continue
            value = given.get(name, parameter.get("default"))
            if value is None and parameter.get("required"):
                raise InvalidTemplate(f"{operation} needs {name}")
            if place == "path":
                path = path.replace("{" + name + "}", urllib.parse.quote(to_text(value), safe=""))
            elif place == "query" and value is not None:
                query[name] = to_text(value)
            elif place == "header" and value is not None:
                headers[name] = to_text(value)
        self.exchange(one, method.upper(), base + path + "?" + urllib.parse.urlencode(query), headers, body)
        one["inputs"] = {"host": action["inputs"]["host"], "parameters": given}  # the connection's token is none of the action's

    def parse_json(self, action, one):
        content = self.value(action["inputs"]["content"])
        one["inputs"] = {"content": content}
        content = PLAIN["json"](content)
        if errors := list(violations(content, action["inputs"]["schema"], "")):
            one.update(status="Failed", code="ValidationFailed", message="; ".join(errors))
        else:
            one["outputs"] = {"body": content}

    def compose(self, action, one):
        one["inputs"] = one["outputs"] = self.value(action["inputs"])

    def initialize(self, action, one):
        variable = self.value(action["inputs"]["variables"][0])
        self.variables[variable["name"].lower()] = variable.get("value")
        one["inputs"] = one["outputs"] = {"body": variable}

    def append(self, action, one):
        inputs = self.value(action["inputs"])
        if not isinstance(inputs["value"], str) or inputs["name"].lower() not in self.variables:
            raise InvalidTemplate("a text is appended to a variable")
        self.variables[inputs["name"].lower()] = (self.variables[inputs["name"].lower()] or "") + inputs["value"]
        one["inputs"] = inputs

    def query(self, action, one):
        source = self.value(action["inputs"]["from"])
        if not isinstance(source, list):
            raise InvalidTemplate("an array is filtered")
        kept = []
        for item in source:
            self.items.append(item)
            try:
                if boolean(self.value(action["inputs"]["where"])):
                    kept.append(item)
            finally:
                self.items.pop()
        one["outputs"] = {"body": kept}

    def scope(self, action, one):
        self.ended(one, [self.container(action.get("actions", {}))])

    def condition(self, action, one):
        def holds(tree):
            (operator, arguments), = tree.items()
            if operator in ("and", "or"):
                return (all if operator == "and" else any)(map(holds, arguments))
            if operator == "not":
                return not holds(arguments)
            return self.call(operator.lower(), [("literal", self.value(argument)) for argument in arguments])

        expression = action["expression"]
        taken = holds(expression) if isinstance(expression, dict) else boolean(self.value(expression))
        branches = [action.get("actions", {}), action.get("else", {}).get("actions", {})]
        one["expressionResult"] = taken
        for child, inner in branches[taken].items():
            self.skip(child, inner)
        self.ended(one, [self.container(branches[not taken])])

    def foreach(self, action, one):
        items = self.value(action["foreach"])
        if not isinstance(items, list):
            raise InvalidTemplate("a loop runs over an array")
        statuses = []
        for item in items:
            self.items.append(item)
            try:
                statuses.append(self.container(action["actions"]))
            finally:
                self.items.pop()
        self.ended(one, statuses)

    def until(self, action, one):
        for _ in range(action.get("limit", {}).get("count", 60)):
            last = self.container(action["actions"])
            if boolean(self.value(action["expression"])):
                break
        self.ended(one, [last])

    def terminate(self, action, one):
        inputs = self.value(action["inputs"])
        raise Ended(inputs["runStatus"], inputs.get("runError"))

    @staticmethod
    def ended(one, statuses):
        if "Failed" in statuses:
            one.update(status="Failed", code="ActionFailed", message="An action failed. No dependent actions succeeded.")


ACTIONS = {"http": Flow.http, "openapiconnection": Flow.connector, "parsejson": Flow.parse_json, "compose": Flow.compose,
           "initializevariable": Flow.initialize, "appendtostringvariable": Flow.append, "query": Flow.query, "scope": Flow.scope,
           "if": Flow.condition, "foreach": Flow.foreach, "until": Flow.until, "terminate": Flow.terminate}
KINDS = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None), "integer": int,
         "number": (int, float)}


def violations(value, schema, where):
    """Where a value breaks a JSON Schema (types, properties, required, items). The value is not told: it may be a secret."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds

    def fits(kind):
        return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))

    if kinds and not any(map(fits, kinds)):
        yield f"{where or 'the content'} is no {' or '.join(kinds)}"
        return
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{where or 'the content'} lacks {name}"
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from violations(value[name], inner, f"{where}.{name}".lstrip("."))
    if isinstance(value, list) and "items" in schema:
        for at, item in enumerate(value):
            yield from violations(item, schema["items"], f"{where}[{at}]")
