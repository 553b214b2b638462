"""The kinds of attacks. Each is a generator over one answer (attacks.Target); KINDS names them all."""
import base64
import dataclasses
import json
import re

import attacks
import hostile
from evil_server import GUID
from hostile import MARK
from spellings import spellings

NEXT = {"graph": "@odata.nextLink", "vault": "nextLink", "arm": "nextLink", "portal": "skipToken"}
OPERATIONS = (("Azure-AsyncOperation", 201), ("Location", 202), ("Azure-AsyncOperation", 202))
HEADERS = ("x-ms-request-id", "request-id", "x-ms-correlation-request-id", "x-ms-correlation-id", "WWW-Authenticate", "Retry-After", "Location")
WAITED_FOR = ("interval", "expires_in", "status", "provisioningState", "registrationState", "fileProcessingStatus")
TIMES = ("interval", "expires_in", "ext_expires_in", "not_before", "expires_on", "refresh_in", "exp", "nbf")
USERS = ("upn", "serialNumber", "userPrincipalName", "mail")


def spelled(path):
    return ".".join(map(str, path)) or "(all)"


def is_id(path, value):
    name = str(path[-1]).lower()
    return isinstance(value, str) and bool(GUID.search(value) or re.fullmatch(r"[0-9a-f]{32}", value) or name.endswith("id")
                                           or name in ("version", "name"))


# Where to go on

def next_links(target, kind):
    if target.service in ("login", "imds"):
        return
    links = [where for where, value in target.texts if re.match(r"https?://", value)]
    if target.list_name and (NEXT[target.service],) not in links:
        links.append((NEXT[target.service],))
    for turn, (label, address) in enumerate(hostile.addresses(target.home, target.path).items()):
        for where in links:
            yield target.attack(kind, f"{spelled(where)}: {label}", attacks.setting(where, address))
        if target.service == "arm":
            name, status = OPERATIONS[turn % len(OPERATIONS)]
            yield target.attack(kind, f"{name} with {status}: {label}",
                                attacks.with_header(name, address.encode("utf-8", "replace"), status), may_wait=True)
        if target.service == "vault":
            yield target.attack(kind, f"challenge: {label}", attacks.with_header("WWW-Authenticate", hostile.challenge(address), 401))


# What is said

def texts(target, kind):
    for where, _ in target.texts:
        for label, text in {**hostile.TEXTS, "not UTF-8": "BADUTF8"}.items():
            # What has the characters of a refresh token may be one.
            lost = where[-1] == "refresh_token" and label != "not UTF-8" and re.fullmatch(r"[\x20-\x7e]+", text) is not None
            yield target.attack(kind, f"{spelled(where)}: {label}", attacks.setting(where, text), ends_session=lost)


def values(target, kind):
    for where, _ in target.members:
        for label, value in hostile.VALUES.items():
            yield target.attack(kind, f"{spelled(where)}: {label}", attacks.setting(where, value), may_wait=where[-1] in WAITED_FOR)


def ids(target, kind):
    for where, old in target.texts:
        if is_id(where, old):
            for label, value in hostile.IDS.items():
                yield target.attack(kind, f"{spelled(where)}: {label}", attacks.setting(where, value))


def strangers(target, kind):
    if target.service not in ("portal", "graph"):
        return
    for where, old in target.texts:
        name = str(where[-1])
        if is_id(where, old) or name in USERS:
            def alter(request, answer, server, where=where, name=name):
                return attacks.with_member(answer, where, lambda old: server.others.get(name, server.others["id"]))
            yield target.attack(kind, spelled(where), alter)

    def crossed(request, answer, server):
        """Two rows exchange all but their serial numbers."""
        tree = answer.json()
        items = tree[attacks.list_name(tree)]
        if len(items) < 2 or not all(isinstance(item, dict) for item in items[:2]):
            return None
        items[:2] = [there | {name: here[name] for name in ("serialNumber",) if name in here} for here, there in (items[:2], items[1::-1])]
        return answer.with_body(tree)
    if target.list_name and len(target.tree[target.list_name]) > 1:
        yield target.attack(kind, "two rows crossed", crossed)


# Secrets said back

ORDER = ("secretKey", "secretText", "refresh_token", "client_secret", "client_assertion", "device_code", "code_verifier", "access_token")
SENTENCES = ("{}", "The value '{}' of secretKey is not valid.", "AADSTS9002313: Invalid request: {}. Trace ID: 0")
ERRORS = {
    "login": (("error",), ("error_description",), ("suberror",), ("correlation_id",), ("trace_id",), ("timestamp",), ("error_uri",), ("claims",),
              ("error_codes", 0)),
    "vault": (("error", "code"), ("error", "message"), ("error", "innererror", "code"), ("error", "innererror", "message")),
    "graph": (("error", "code"), ("error", "message"), ("error", "innerError", "request-id"), ("error", "innerError", "client-request-id"),
              ("error", "innerError", "date"), ("error", "innerError", "code"), ("error", "details", 0, "message"),
              ("error", "details", 0, "code")),
    "arm": (("error", "code"), ("error", "message"), ("error", "target"), ("error", "details", 0, "code"), ("error", "details", 0, "message"),
            ("error", "additionalInfo", 0, "type"), ("error", "innererror", "code"), ("properties", "statusMessage")),
    "portal": (("Message",), ("message",), ("ClientData", "errorCode"), ("ClientData", "localizedErrorDetails", "errorDetail"),
               ("ClientData", "operationResults", 0, "details"), ("localizedErrorDetails", "x"), ("HttpStatusCode",)),
    "imds": (("error",), ("error_description",)),
}
PLAIN_ERRORS = {
    "login": {"error": "invalid_request", "error_description": "AADSTS900144: The request is not valid.", "error_codes": [900144],
              "timestamp": "2026-01-01 00:00:00Z", "trace_id": "00000000-0000-0000-0000-000000000001",
              "correlation_id": "00000000-0000-0000-0000-000000000002"},
    "vault": {"error": {"code": "BadParameter", "message": "The parameter is not valid.", "innererror": {"code": "X"}}},
    "graph": {"error": {"code": "badRequest", "message": "The request is not valid.", "innerError": {
        "date": "2026-01-01T00:00:00", "request-id": "00000000-0000-0000-0000-000000000003"}, "details": [{"code": "x", "message": "x"}]}},
    "arm": {"error": {"code": "InvalidRequest", "message": "The request is not valid.", "details": [{"code": "x", "message": "x"}],
                      "additionalInfo": [{"type": "x"}]}, "properties": {}},
    "portal": {"ClientData": {"errorCode": "BadRequest", "localizedErrorDetails": {}, "operationResults": [{"details": None}]}},
    "imds": {"error": "invalid_request"},
}
WHOLE = {"plain text": ("text/plain", str), "a page": ("text/html", lambda text: f"<html><title>{text}</title>{text}</html>"),
         "a text of JSON": ("application/json", json.dumps)}


def secrets_of(request, sent):
    """What the service knows by now, of each kind one: those of this request if it has any."""
    text = request.body.decode(errors="replace")
    here = {name: secret for secret, name in sent.items() if secret in text or secret in request.form.values()}
    known = here or {name: secret for secret, name in sent.items()}
    if request.bearer:
        known["access_token"] = request.bearer
    return [known[name] for name in ORDER if name in known]


def error_of(service, where, said):
    """An error as the service writes it, with `said` in one place."""
    error = json.loads(json.dumps(PLAIN_ERRORS[service]))
    inside = error
    for step in where[:-1]:
        inside = inside.setdefault(step, {}) if isinstance(inside, dict) else inside[step]
    inside[where[-1]] = f"AADSTS900144: {said}" if where == ("error_description",) and service == "login" else said
    return error


def saying(how, sentence, turn):
    """A function that says one of the secrets, spelled so."""
    def said(request, server):
        here = secrets_of(request, server.sent.get(request.service, {}))
        secret = here[turn % len(here)]
        return sentence.format(spellings(secret).get(how) or secret)
    return said


def ways_of(target):
    return sorted(set().union(*(spellings(secret) for secret in secrets_of(target.request, target.known))))  # none: nothing was sent yet


def echoed_errors(target, kind):
    turn = 0

    def error(label, how, status, alter):
        return target.attack(kind, f"{label}: {how}, status {status}", lambda request, answer, server: dataclasses.replace(
            alter(request, answer, server), status=status), instead=True, may_wait=status == 500)

    for how in ways_of(target):
        for where in ERRORS[target.service]:
            turn += 1

            def in_member(request, answer, server, where=where, said=saying(how, SENTENCES[turn % 3], turn // 3)):
                return answer.with_body(error_of(request.service, where, said(request, server)), "application/json")
            yield error(spelled(where), how, (400, 403, 400, 500, 404, 401, 409, 422)[turn % 8], in_member)
        for label, (content_type, write) in WHOLE.items():
            turn += 1

            def as_body(request, answer, server, write=write, content_type=content_type, said=saying(how, SENTENCES[1], turn)):
                return answer.with_body(write(said(request, server)).encode(), content_type)
            yield error(label, how, 400, as_body)
        for name in (HEADERS[turn % len(HEADERS)], HEADERS[(turn + 3) % len(HEADERS)]):
            turn += 1

            def in_header(request, answer, server, name=name, said=saying(how, '{}', turn)):
                text = said(request, server)
                return answer.with_body(PLAIN_ERRORS[request.service], "application/json").with_header(
                    name, f'Bearer error="{text}"' if name == "WWW-Authenticate" else text)
            yield error(name, how, (400, 401, 403)[turn % 3], in_header)
        turn += 1

        def in_reason(request, answer, server, said=saying(how, "{}", turn)):
            return dataclasses.replace(answer, reason=said(request, server), body=b"{}")
        yield error("reason phrase", how, 400, in_reason)


def echoed_answers(target, kind):
    ways = ways_of(target)
    for turn, (where, _) in enumerate(target.texts):
        if where[-1] in ("access_token", "refresh_token"):
            continue
        for how in ways[turn % 3::3]:
            def alter(request, answer, server, where=where, said=saying(how, "{}", turn)):
                return attacks.with_member(answer, where, said(request, server))
            yield target.attack(kind, f"{spelled(where)}: {how}", alter)


# The outside of an answer

def statuses(target, kind):
    for status in hostile.STATUSES:
        if status != target.answer.status:
            yield target.attack(kind, str(status), lambda request, answer, server, status=status: dataclasses.replace(answer, status=status),
                                may_wait=status in (100, 201, 202, 429, 503))
    addresses = hostile.addresses(target.home, target.path)
    for status in (301, 302, 303, 307, 308):
        for label in ("evil", "backslash and at", "two slashes", "http", "another resource", "sign-in of the cloud", "Graph of the cloud"):
            if label in addresses:
                yield target.attack(kind, f"{status} to {label}", attacks.with_header("Location", addresses[label], status))


def bodies(target, kind):
    for label in hostile.bodies(target.answer):
        for status in (None, 400, 403, 500) if label in hostile.ALSO_AS_ERRORS else (None,):
            def alter(request, answer, server, label=label, status=status):
                body, headers = hostile.bodies(answer)[label]()
                answer = dataclasses.replace(answer.with_body(body), status=status or answer.status)
                for name, value in headers.items():
                    answer = answer.with_header(name, value)
                return answer
            yield target.attack(kind, label + (f", status {status}" if status else ""), alter)


def wires(target, kind):
    for label in hostile.wires(target.answer):
        def alter(request, answer, server, label=label):
            return dataclasses.replace(answer, raw=hostile.wires(answer)[label]())
        yield target.attack(kind, label, alter, may_wait=label in ("nothing", "interim answers without end"))


def headers(target, kind):
    for date in hostile.DATES:
        yield target.attack(kind, f"Date: {date!r}", attacks.with_header("Date", date))
        yield target.attack(kind, f"Date: {date!r}, always", attacks.with_header("Date", date), sticky=True)
    turn = len(target.request.shape)
    for name in (*HEADERS, "x-ms-keyvault-network-info", "Content-Type"):
        for label in ("title and colours", "C1", "right to left", "other line ends", "long without a blank, escaped", "markup"):
            turn += 1
            status = (target.answer.status, 400, 401, 403)[turn % 4]
            yield target.attack(kind, f"{name}: {label}, status {status}",
                                attacks.with_header(name, hostile.TEXTS[label].encode("utf-8", "surrogatepass"), status))


# Time

def pauses(target, kind):
    for value in hostile.PAUSES:
        for status in (429, 503, 202):
            yield target.attack(kind, f"Retry-After: {value!r}, status {status}", attacks.with_header("Retry-After", value, status),
                                may_wait=True, instead=status != 202)
    for status in (429, 503):
        yield target.attack(kind, f"{status}, always", attacks.with_header("Retry-After", "0", status), sticky=True, instead=True, may_wait=True)
    if target.service == "arm":
        def not_done(request, answer, server):
            link = f"https://{request.server_name}{request.target.partition('?')[0]}?api-version=2022-09-01"
            answer = dataclasses.replace(answer, status=202, body=b'{"status":"InProgress"}')
            return answer.with_header("Azure-AsyncOperation", link).with_header("Retry-After", "0")
        yield target.attack(kind, "an operation that is never done", not_done, sticky=True, everywhere=True, may_wait=True)
    for where, _ in target.members:
        if where[-1] in TIMES:
            for value in (0, -1, 1, 10 ** 12, 2 ** 63 - 1, -2 ** 63, 1e308, "7", "x", None, [], True):
                yield target.attack(kind, f"{spelled(where)}: {value!r}", attacks.setting(where, value), may_wait=True)


def endless_lists(target, kind):
    if not target.list_name or target.service not in NEXT:
        return
    member = NEXT[target.service]

    def link(request, page):
        if request.service == "portal":
            return f"page{page}"
        version = {"vault": "api-version=7.5&", "arm": "api-version=2022-09-01&"}.get(request.service, "")
        return f"https://{request.server_name}{request.target.partition('?')[0]}?{version}$skiptoken=page{page}"

    def pages(number, empty=False, large=False):
        """`number`: of the page that comes after the n-th."""
        def alter(request, answer, server):
            if not server.first_page:
                tree = answer.json()
                if attacks.list_name(tree) is None:
                    return None
                items = tree[attacks.list_name(tree)]
                tree[attacks.list_name(tree)] = [] if empty else items[:1] * 2000 if large else items
                tree[member] = "THE NEXT PAGE"
                server.first_page = json.dumps(tree)
            server.page += 1
            body = server.first_page.replace("THE NEXT PAGE", link(request, number(server.page)))
            return dataclasses.replace(answer, status=200).with_body(body.encode())
        return alter

    # A true list may be as long as the first: there, only that it can be stopped counts.
    yield target.attack(kind, "new pages", pages(lambda n: n), sticky=True, may_wait=True)
    yield target.attack(kind, "new pages, large", pages(lambda n: n, large=True), sticky=True, heavy=True)
    for label, alter in {"empty pages": pages(lambda n: n, empty=True), "the same page": pages(lambda n: 1),
                         "the same empty page": pages(lambda n: 1, empty=True), "two pages in turn": pages(lambda n: n % 2)}.items():
        yield target.attack(kind, label, alter, sticky=True)


# Who the session is

def altered_claims(token, changed):
    if not isinstance(token, str) or token.count(".") != 2:
        return token
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("="), signature])


def with_claims(text):
    """A token whose claims are not what they should be."""
    encoded = base64.urlsafe_b64encode(text).decode().rstrip("=")
    return lambda token: f"{token.partition('.')[0]}.{encoded}.x"


OTHER_TENANT = "22222222-2222-2222-2222-222222222222"
CLAIMS = {
    "another account": {"upn": "helpdesk@contoso.com", "unique_name": "helpdesk@contoso.com", "preferred_username": "helpdesk@contoso.com",
                        "oid": "11111111-1111-1111-1111-111111111111"},
    "no account": {"upn": None, "unique_name": None, "preferred_username": None},
    "another tenant": {"tid": OTHER_TENANT, "iss": f"https://sts.windows.net/{OTHER_TENANT}/"},
    "another tenant only as issuer": {"iss": f"https://sts.windows.net/{OTHER_TENANT}/"},
    "another audience": {"aud": "https://graph.microsoft.us"},
    "another service": {"aud": "https://management.azure.com", "scp": "user_impersonation"},
    "an account with escapes": {"upn": f"svc\x1b[31m\n{hostile.FORGED}@contoso.com"},
    "a look-alike": {"upn": "svc-portalkey@cont\u043eso.com"},
    "a list for an account": {"upn": ["svc-portalkey@contoso.com", "helpdesk@contoso.com"]},
    "expired": {"exp": 1, "nbf": 1},
    "never ends": {"exp": 10 ** 18},
    "25,000 roles": {"wids": ["62e90394-69f5-4237-9190-012177145e10"] * 25_000},
}
NO_TOKENS = {  # that no client should store or send
    "CRLF": lambda token: token + f"\r\nX-Evil: {MARK}",
    "LF inside": lambda token: token[:30] + "\n" + token[30:],
    "CR": lambda token: token + "\r",
    "NUL": lambda token: token + "\0x",
    "a blank": lambda token: token + " x",
    "escape": lambda token: "\x1b[31m" + token,
    "not ASCII": lambda token: token + "é\u202e",
    "empty": lambda token: "",
}
ODD_TOKENS = {  # a refresh token is what its issuer says it is
    "a megabyte": lambda token: token + "A" * (1 << 20),
    "no dots": lambda token: token.replace(".", ""),
    "seven dots": lambda token: token + "." * 5,
    "with a quote": lambda token: token + '"',
    "not base64": lambda token: token.partition(".")[0] + ".@@@@.x",
    "claims nested deep": with_claims(b"[" * 100_000),
    "claims a list": with_claims(b"[1]"),
}
STORED = {
    "line ends": lambda token: token + "\r\nX-Evil: 1", "a form": lambda token: token + "&client_id=evil&scope=evil", "nothing": lambda token: "",
    "a page": lambda token: "<html>sign in</html>", "a megabyte": lambda token: token + "A" * (1 << 20), "quotes": lambda token: f'"{token}"',
    "NUL": lambda token: token + "\0",
}


def accounts(target, kind):
    def changed(path, change):
        return attacks.setting(path, lambda old: change(old) if isinstance(old, str) else old)

    def of_somebody_else(path, name):
        return lambda request, answer, server: attacks.with_member(answer, path, server.others["tokens"][name])

    tree = target.tree if isinstance(target.tree, dict) else {}
    if "access_token" in tree:
        for label, claims in CLAIMS.items():
            yield target.attack(kind, f"access token: {label}",
                                attacks.setting(("access_token",), lambda old, claims=claims: altered_claims(old, claims)))
        for name in ("access_token", "refresh_token", "id_token"):
            for label, change in (NO_TOKENS | ODD_TOKENS).items() if name in tree else ():
                yield target.attack(kind, f"{name}: {label}", changed((name,), change),
                                    ends_session=name == "refresh_token" and label in ODD_TOKENS)
    if "refresh_token" in tree:
        yield target.attack(kind, "both tokens of another account",
                            lambda request, answer, server: answer.with_body(answer.json() | server.others["tokens"]))
        yield target.attack(kind, "the access token of another account", of_somebody_else(("access_token",), "access_token"))
    if target.service == "vault" and isinstance(tree.get("value"), str):
        for label, change in STORED.items():
            yield target.attack(kind, f"the stored token: {label}", changed(("value",), change))
        yield target.attack(kind, "the stored token: another account's", of_somebody_else(("value",), "refresh_token"))


KINDS = {
    "next link": ("an address that the client is to follow: next pages, operations, locations, authorities, ids", next_links),
    "text": ("escapes, bidi, NUL, line ends, a megabyte, formulas, markup, wrong UTF-8 in a member", texts),
    "value": ("a member of another type, out of range, or left out", values),
    "id": ("an id that is a path, a query, an address", ids),
    "somebody else's": ("ids, names and serial numbers of other tokens and users", strangers),
    "echo in an error": ("the secrets just sent, in each spelling, at each place of an error", echoed_errors),
    "echo in an answer": ("the secrets just sent, in each spelling, as members of a good answer", echoed_answers),
    "status": ("another status with the same body, redirects", statuses),
    "body": ("no JSON, half, doubled, nested, huge, compressed", bodies),
    "wire": ("broken framing, headers and bodies without end", wires),
    "headers": ("dates, and what is quoted from headers", headers),
    "pause": ("`Retry-After`, intervals and lifetimes that are absurd, operations that are never done", pauses),
    "list without end": ("pages that go on for ever: new, large, empty, the same, two in turn", endless_lists),
    "account": ("tokens of another account, tenant or audience, what is no token", accounts),
}
