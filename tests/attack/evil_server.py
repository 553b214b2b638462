"""An evil server: every host of the cloud, and any other host besides. It stands in front of a sandbox, which answers for it, records what it
is asked, and alters answers as an attack says. Its certificates are good for every name a client may ask for, as if the attacker had
the service itself, a proxy that inspects TLS, or DNS and an authority."""
import dataclasses
import http.client
import json
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
EVIL_NAMES = ["evil.example", "*.evil.example", "localhost"]
EVIL_ADDRESSES = ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.1"]
SERVICES = {"metadata.service": "imds", "login.": "login", "vault.": "vault", "graph.": "graph", "management.": "arm", ".iam.ad.ext.": "portal"}
LONGEST_REQUEST = 64 << 20


class Authority:
    """Vouches for any name. `openssl` makes the certificates."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "evil-ca.pem"
        self.contexts, self.lock = {}, threading.Lock()
        if not self.file.exists():
            self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-keyout",
                         self.folder / "ca.key", "-out", self.file, "-subj", "/CN=Evil CA")
            self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.folder / "leaf.key",
                         "-out", self.folder / "leaf.csr", "-subj", "/CN=evil")

    @staticmethod
    def openssl(*args):
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)

    def context(self, name):
        with self.lock:
            if name not in self.contexts:
                self.contexts[name] = self.make(name)
            return self.contexts[name]

    def make(self, name):
        file = self.folder / f"leaf-{len(self.contexts)}-{threading.get_native_id()}.pem"
        names = ["DNS:" + one for one in ([name] if name else EVIL_NAMES)] + ["IP:" + one for one in EVIL_ADDRESSES]
        extensions = file.with_suffix(".ext")
        extensions.write_text("subjectAltName=" + ",".join(names))
        self.openssl("x509", "-req", "-in", self.folder / "leaf.csr", "-CA", self.file, "-CAkey", self.folder / "ca.key", "-days", "5",
                     "-CAcreateserial", "-CAserial", file.with_suffix(".srl"), "-extfile", extensions, "-out", file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file, self.folder / "leaf.key")
        return context


@dataclasses.dataclass
class Request:
    server_name: str  # of the TLS handshake; empty: an address was called
    method: str
    target: str
    headers: list
    body: bytes

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def host(self):
        return self.header("host")

    @property
    def bearer(self):
        kind, _, token = self.header("authorization").partition(" ")
        return token if kind.lower() == "bearer" else ""

    @property
    def form(self):
        if "form" not in self.header("content-type"):
            return {}
        return {name: values[0] for name, values in urllib.parse.parse_qs(self.body.decode(errors="replace")).items()}

    @property
    def service(self):
        return next((service for part, service in SERVICES.items() if part in self.server_name), "other")

    @property
    def place(self):
        """Method, host and path: what stays of them from run to run."""
        path = urllib.parse.unquote(self.target.partition("?")[0])
        path = GUID.sub("ID", path)
        path = re.sub(r"\b[0-9a-f]{32}\b", "VERSION", path)
        path = re.sub(r"[^/'(]+@[^/')]+", "UPN", path)
        path = re.sub(r"\batk\w*-\w*|\batk\w+", "NAME", path)
        path = re.sub(r"\d{5,}", "N", path)
        name = re.sub(r"^atk\w+", "NAME", self.server_name)
        return f"{self.method} {name}{path}"

    @property
    def shape(self):
        """The same with what tells requests to one place apart."""
        form = self.form or (dict(urllib.parse.parse_qsl(self.target.partition("?")[2])) if self.service == "imds" else {})
        if form:
            resource = urllib.parse.urlsplit(form.get("scope", "").partition(" ")[0])
            return f"{self.place} {form.get('grant_type', '').rpartition(':')[2]} {resource.netloc or resource.path.partition('/')[0]}".rstrip()
        names = sorted(name for name in urllib.parse.parse_qs(self.target.partition("?")[2]) if name not in ("api-version", "$top"))
        return f"{self.place} ?{','.join(names)}" if names else self.place


@dataclasses.dataclass
class Answer:
    status: int
    headers: list
    body: bytes
    reason: str = "Said"
    raw: object = None  # pieces of bytes that are sent instead of all the above; then the connection is closed

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), "")

    def json(self):
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def with_header(self, name, value):
        kept = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        return dataclasses.replace(self, headers=kept + [(name, value)])

    def with_body(self, body, content_type=None):
        out = dataclasses.replace(self, body=body if isinstance(body, bytes) else json.dumps(body).encode())
        return out.with_header("Content-Type", content_type) if content_type else out

    def pieces(self):
        if self.raw is not None:
            yield from self.raw
            return
        encode = lambda text: text if isinstance(text, bytes) else text.encode("latin-1", "replace")
        head = b"HTTP/1.1 %d %s\r\n" % (self.status, encode(self.reason))
        for name, value in self.headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                head += encode(name) + b": " + encode(value) + b"\r\n"
        if self.status not in (204, 304) and self.status >= 200:
            head += b"Content-Length: %d\r\n" % len(self.body)
        yield head + b"\r\n" + (self.body if self.status not in (204, 304) else b"")


@dataclasses.dataclass
class Exchange:
    request: Request
    answer: Answer = None
    altered: bool = False
    known: dict = None  # the secrets that the service had been sent by then

    def __str__(self):
        status = self.answer.status if self.answer else "?"
        return f"  {'*' if self.altered else ' '} {self.request.method} {self.request.server_name}{self.request.target} {status}"


@dataclasses.dataclass
class Seen:
    exchanges: list
    secrets: dict  # text → kind
    issued: dict  # access token → the resource it was asked for
    altered: int  # how many answers were


class EvilServer:
    """One for each worker: it serves one command at a time."""

    def __init__(self, authority, facts):
        self.authority, self.lock = authority, threading.Lock()
        self.attack, self.exchanges, self.secrets, self.altered = None, [], {}, 0
        self.first_page, self.page = None, 0
        self.others = {}  # ids, names and tokens of somebody else
        self.issued, self.sent = {}, {}  # access token or device code → the resource it was asked for; service → secrets it was sent
        context = authority.context("")
        context.sni_callback = self.choose_certificate
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listener.getsockname()[1]
        self.plain = socket.create_server(("127.0.0.1", 0), backlog=50)  # the metadata service
        self.plain_port = self.plain.getsockname()[1]
        self.stand_before(facts)
        for listener in (self.listener, self.plain):
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def stand_before(self, facts):
        self.facts = facts
        self.upstream = ssl.create_default_context(cafile=facts["caFile"])

    def choose_certificate(self, sock, name, context):
        if name:
            sock.context = self.authority.context(name)
        sock.asked_for = name or ""

    def begin(self, attack=None, secrets=None):
        with self.lock:
            self.attack, self.exchanges, self.altered = attack, [], 0
            self.first_page, self.page = None, 0  # of a list without end
            self.issued, self.sent = {}, {}
            self.secrets = dict(secrets or {})

    def end(self):
        """What was seen since begin()."""
        with self.lock:
            self.attack = None
            return Seen(self.exchanges, self.secrets, self.issued, self.altered)

    def learn(self, text, name, service=""):
        """`service`: the one that was sent it; empty: none yet."""
        if isinstance(text, str) and len(text) >= 6:
            with self.lock:
                name = self.secrets.setdefault(text, name)
                if service:
                    self.sent.setdefault(service, {})[text] = name

    # Connections

    def accept(self, listener):
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(raw, listener is self.plain), daemon=True).start()

    def serve(self, raw, plain):
        raw.settimeout(60)
        upstream = {}
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with raw if plain else self.context.wrap_socket(raw, server_side=True) as client:
                name = "metadata.service" if plain else getattr(client, "asked_for", "")
                reader = client.makefile("rb")
                while (request := self.read(reader, name)) is not None:
                    answer = self.answer(request, upstream)
                    for piece in answer.pieces():
                        client.sendall(piece)
                    if answer.raw is not None:
                        return
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            raw.close()
            for connection in upstream.values():
                connection.close()

    @staticmethod
    def read(reader, name):
        line = reader.readline(1 << 16)
        parts = line.decode("latin-1").split()
        if len(parts) < 3:
            return None
        headers, body = [], b""
        while (line := reader.readline(1 << 16)) not in (b"\r\n", b"\n", b""):
            key, _, value = line.decode("latin-1").partition(":")
            headers.append((key.strip(), value.strip()))
        request = Request(name, parts[0], " ".join(parts[1:-1]), headers, b"")
        if request.header("transfer-encoding").lower() == "chunked":
            while size := int(reader.readline(100).split(b";")[0], 16):
                body += reader.read(size)
                reader.readline(10)
            while reader.readline(1000) not in (b"\r\n", b""):
                pass
        elif length := int(request.header("content-length") or 0):
            body = reader.read(min(length, LONGEST_REQUEST))
        request.body = body
        return request

    # Answers

    def answer(self, request, upstream):
        exchange = Exchange(request)
        with self.lock:
            self.exchanges.append(exchange)
            attack = self.attack
        self.learn_from_request(request)
        exchange.known = dict(self.sent.get(request.service, {}))
        mine = attack is not None and attack.concerns(request) and (attack.sticky or not self.altered)
        answer = None
        if mine and (attack.instead or self.first_page):  # the real service never sees it
            answer = Answer(200, [("Content-Type", "application/json"), ("Date", http_date())], b"{}")
        elif request.service == "other":
            answer = Answer(200, [("Content-Type", "application/json"), ("Date", http_date())], b'{"value":[]}')
        else:
            answer = self.forward(request, upstream)
        exchange.answer = answer
        self.learn_from_answer(request, answer)
        self.note_issued(request, answer)
        if mine:
            altered = attack.alter(request, answer, self)
            if altered is not None:
                with self.lock:
                    self.altered += 1
                exchange.altered = True
                answer = altered
                self.note_issued(request, answer)
        return answer

    def forward(self, request, upstream):
        hop = {"connection", "accept-encoding", "transfer-encoding", "content-length", "proxy-connection", "expect"}
        headers = {name: value for name, value in request.headers if name.lower() not in hop}
        if request.service == "imds":
            headers["Host"] = "127.0.0.1"
        for again in (False, True):
            connection = upstream.get(request.server_name)
            if connection is None:
                plain = request.service == "imds"
                raw = socket.create_connection(("127.0.0.1", self.facts["adminPort" if plain else "port"]), 30)
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = http.client.HTTPConnection(request.server_name)
                connection.sock = raw if plain else self.upstream.wrap_socket(raw, server_hostname=request.server_name)
                upstream[request.server_name] = connection
                again = True
            try:
                connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
                for name, value in headers.items():
                    connection.putheader(name, value)
                if request.body or request.method in ("POST", "PUT", "PATCH"):
                    connection.putheader("Content-Length", str(len(request.body)))
                connection.endheaders(request.body or None)
                got = connection.getresponse()
                answer = Answer(got.status, got.getheaders(), got.read(), got.reason or "Said")
                if got.will_close:
                    upstream.pop(request.server_name).close()
                return answer
            except (OSError, http.client.HTTPException):
                upstream.pop(request.server_name).close()
                if again:
                    raise OSError("the sandbox did not answer") from None

    def note_issued(self, request, answer):
        tree = answer.json() if request.service in ("login", "imds") and answer.raw is None and len(answer.body) < 1 << 21 else None
        if isinstance(tree, dict):
            form = request.form or dict(urllib.parse.parse_qsl(request.target.partition("?")[2]))
            scope = urllib.parse.urlsplit(form.get("scope", form.get("resource", "")).partition(" ")[0])
            with self.lock:
                resource = scope.netloc or scope.path.partition("/")[0] or self.issued.get(request.form.get("device_code"), "?")
                for name in ("access_token", "device_code"):
                    if isinstance(tree.get(name), str):
                        self.issued.setdefault(tree[name], resource)

    # What a client must keep to itself, and what it was given

    def learn_from_request(self, request):
        self.learn(request.bearer, "access_token", request.service)
        form = request.form
        for name in ("refresh_token", "client_secret", "client_assertion", "device_code", "code", "code_verifier"):
            self.learn(form.get(name), name, request.service)
        if request.body[:1] == b"{":
            try:
                self.learn_members(json.loads(request.body), request, request.service)
            except ValueError:
                pass

    def learn_members(self, tree, request, sent_to=""):
        if isinstance(tree, dict):
            for name, value in tree.items():
                if name in ("secretKey", "secretText", "access_token", "refresh_token", "device_code", "id_token"):
                    self.learn(value, name, sent_to)
                elif name == "value" and request.service == "vault":
                    self.learn(value, "refresh_token", sent_to)
                elif name == "content" and isinstance(value, str):
                    for key in re.findall(r"\b[A-Z2-7]{16,}\b", value):
                        self.learn(key, "secretKey", sent_to)
                else:
                    self.learn_members(value, request, sent_to)
        elif isinstance(tree, list):
            for value in tree[:50]:
                self.learn_members(value, request, sent_to)

    def learn_from_answer(self, request, answer):
        if len(answer.body) < 1 << 20 and (tree := answer.json()) is not None:
            self.learn_members(tree, request)


def http_date(at=None):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(at))
