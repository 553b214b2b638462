"""What must hold whatever a server answers. `judge` returns what did not."""
import base64
import json
import re
import urllib.parse

import canaries
import world  # puts the harness on the path
import harness
from hostile import MARK
from spellings import Search


EXIT_CODES = {0, 1, 2, 3, 4}
MOST_KILOBYTES = 300 << 10
MOST_PRINTED = 4 << 20
# What moves a terminal's cursor, starts a line, or turns one round.
RAW = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
CRASH = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error: |terminate called|what\(\):|Assertion .* failed")


def account(token):
    try:
        body = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))).get("upn", "")
    except (ValueError, IndexError, AttributeError):
        return "?"


def name_of(host):
    return re.sub(r"^atk\w+", "NAME", host)


def carried(request, secrets):
    """The kinds of secrets in a request."""
    text = request.body.decode(errors="replace")
    values = set(request.form.values())
    return {name for secret, name in secrets.items() if len(secret) >= 12 and (secret in text or secret in values) and name != "access_token"}


def without_values(target):
    """What of an address is not a value in its place: the portal's page marks, and texts between quotes in a filter."""
    path, _, query = target.partition("?")
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if name == "$filter":
            value = re.sub(r"'(?:[^']|'')*'", "", value)
        path += f"&{name}={'' if name == 'skipToken' else value}"
    return path


class Rights:
    """Which host may be sent what: learnt from true runs."""

    def __init__(self):
        self.hosts, self.tokens, self.secrets = set(), set(), set()

    def learn(self, exchanges, secrets, issued):
        for exchange in exchanges:
            request = exchange.request
            host = name_of(request.server_name)
            self.hosts.add(host)
            if request.bearer:
                self.tokens.add((host, issued.get(request.bearer, "?")))
            self.secrets |= {(host, name) for name in carried(request, secrets)}

    def faults(self, exchanges, secrets, issued):
        for exchange in exchanges:
            request = exchange.request
            host, what = name_of(request.server_name), f"{request.method} {request.server_name}{request.target}"[:200]
            text = without_values(request.target)
            if "$batch" in request.target:
                text += "".join(without_values(one) for one in re.findall(r'"url": ?"([^"]*)', request.body.decode(errors="replace")))
            name = request.server_name.lower()
            if name and request.service != "imds" and request.host.lower() not in (name, name + ":443"):
                yield f"a request for {request.host} went to {request.server_name}: {what}"
            if host not in self.hosts:
                yield f"a request left for {host!r}{', with a bearer token' if request.bearer else ''}: {what}"
                continue
            if request.bearer:
                asked = issued.get(request.bearer)
                if asked is not None and (host, asked) not in self.tokens:
                    yield f"{host} was sent a token for {asked!r}: {what}"
                if asked is None and not re.fullmatch(r"[\x21-\x7e]+", request.bearer):
                    yield f"{host} was sent a token with characters that no token has: {what}"
            if MARK in text and request.bearer:
                yield f"an address or id from outside was followed: {what}"
            for name in carried(request, secrets):
                if (host, name) not in self.secrets and (request.service, name) != ("login", "token of somebody else"):  # it gave it
                    yield f"{host} was sent the {name}: {what}"
            if request.service == "portal" and request.bearer and account(request.bearer).lower() not in ("", harness.SERVICE_ACCOUNT):
                yield f"the portal was called as {account(request.bearer)!r}: {what}"
            if any(key.lower() == "x-evil" for key, _ in request.headers):
                yield f"a header came in from outside: {what}"


def activations(exchanges, place):
    """Activation requests that name another user than the seed file does."""
    wanted = {row["serial number"]: row["upn"].lower() for row in place.rows}
    for exchange in exchanges:
        request = exchange.request
        if request.service == "portal" and request.target.lower().endswith("/enable"):
            try:
                body = json.loads(request.body)
            except ValueError:
                continue
            serial, upn = body.get("serialNumber", ""), str(body.get("upn", "")).lower()
            if wanted.get(serial) != upn:
                yield f"an activation of {serial!r} was sent for {upn!r}"


def active_now(world, place):
    """Tokens that are active and should not be."""
    now = {world.key(token) for token in world.sandbox.tokens() if token["enabled"]}
    allowed = {(row["serial number"], row["upn"].lower(), backend) for row in place.rows for backend in ("portal", "graph")}
    strange = now - world.active - allowed
    world.active = now
    return [f"the token {serial} is now active for {upn}" for serial, upn, _ in sorted(strange)]


def ending(ran, may_wait=False, most_kilobytes=MOST_KILOBYTES):
    if ran.code is None:
        yield "it did not end when it was asked to"
    elif ran.code < 0:
        yield f"it ended by signal {-ran.code}"
    elif ran.interrupted and not may_wait:
        yield f"it was still running after {ran.seconds:.0f} s"
    elif ran.code not in EXIT_CODES | ({130} if ran.interrupted else set()):
        yield f"exit code {ran.code}"
    if ran.kilobytes > most_kilobytes and not world.sanitized():
        yield f"it took {ran.kilobytes >> 10} MB"


def printed(ran):
    try:
        said = (ran.out + ran.err).decode()
    except UnicodeDecodeError:
        yield "what it printed is not UTF-8"
        said = (ran.out + ran.err).decode(errors="replace")
    if match := CRASH.search(said):
        yield f"it printed {match[0]!r}"
    if match := RAW.search(said):
        yield f"it printed U+{ord(match[0]):04X}: {harness.masked(said[max(0, match.start() - 60):match.end() + 20])!r}"
    if re.search(r"(?m)^FORGED", said):
        yield "a line of its output was written from outside"
    if len(said) > MOST_PRINTED:
        yield f"it printed {len(said)} characters"


def kept(ran, secrets, place):
    """Secrets in what it printed, and in the files it left; reports that do more than being read."""
    search = Search(secrets)
    for name, content in (("standard output", ran.out), ("standard error", ran.err)):
        if what := search.find(content):
            yield f"{name} has {what}"
    for file in place.home.rglob("*"):
        if not file.is_file() or file.is_symlink():
            continue
        content = file.read_bytes()
        if what := search.find(content):
            yield f"the file {file.relative_to(place.home)} has {what}"
        if file.suffix == ".html" and b"<script>alert" in content:
            yield "the HTML report has markup from outside"
        if file.suffix == ".csv" and re.search(rb'(^|[,;"\n])[\t ]*[=@]', content):
            yield "the CSV report has a formula from outside"


def judge(ran, attack, seen, rights, place):
    """`seen` by the evil server."""
    found = [*ending(ran, attack.may_wait, MOST_KILOBYTES * (4 if attack.heavy else 1)), *printed(ran), *kept(ran, seen.secrets, place), *rights.faults(seen.exchanges, seen.secrets, seen.issued),
             *activations(seen.exchanges, place), *active_now(place.world, place), *canaries.left(ran, place)]
    if ran.interrupted and attack.kind != "list without end" and len(seen.exchanges) > 2000:
        found.append(f"it sent {len(seen.exchanges)} requests in {ran.seconds:.0f} s")
    return sorted(set(found))
