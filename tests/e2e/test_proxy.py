"""Through a real proxy (tinyproxy) and through one that inspects TLS, under production names, without --sandbox."""
import shutil
import threading

import namespace
from harness import *

PASSWORD = mask("%47eheimfuerdenProxy")  # percent-encoded, as it may stand in a URL
PROXY_PORT, MITM_PORT = 8888, 8889
LOGIN, VAULT = "login.microsoftonline.com", "contoso-kv.vault.azure.net"


def setUpModule():
    namespace.enter()


def wait_for_port(port):
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


class Proxied(EndToEnd):
    SANDBOX = ("--auto-approve", "--port", "443")

    def setUp(self):
        super().setUp()
        self.config = self.write_profile(f'ca_file = "{self.sandbox.facts["caFile"]}"')
        given = self.folder / "token"
        given.write_text(self.sandbox.refresh_token_of())
        self.expect(DONE, self.direct("login", "--refresh-token-file", given))

    def write_profile(self, *lines, name="config.toml"):
        file = self.folder / name
        file.write_text("\n".join(["[profile.default]", f'tenant = "{self.sandbox.facts["tenantId"]}"',
                                   f'state_dir = "{self.folder}/state"', *lines,
                                   "[profile.default.vault]", 'type = "key_vault"', f'url = "{self.sandbox.facts["vaultUrl"]}"']) + "\n")
        return file

    def direct(self, *args, config=None, **env):
        """Against production names: no --sandbox, only the profile."""
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()
        return self.bare("--config", config or self.config, "-vv", *args,
                         env={"AZURE_CLIENT_ID": self.sandbox.facts["clientId"], "AZURE_CLIENT_SECRET": secret, **env}, timeout=90)


class Tinyproxy(Proxied):
    def setUp(self):
        super().setUp()
        self.assertIsNotNone(shutil.which("tinyproxy"), "tinyproxy is missing: ./install.sh test")
        self.log = self.folder / "proxy.log"
        config = self.folder / "tinyproxy.conf"
        config.write_text(f'Port {PROXY_PORT}\nListen 127.0.0.1\nTimeout 60\nLogFile "{self.log}"\nLogLevel Connect\nMaxClients 20\n'
                          f"BasicAuth anna {PASSWORD.replace('%47', 'G')}\nConnectPort 443\n")
        self.proxy = subprocess.Popen(["tinyproxy", "-d", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop_proxy)
        wait_for_port(PROXY_PORT)
        self.url = f"http://anna:{PASSWORD}@127.0.0.1:{PROXY_PORT}"

    def stop_proxy(self):
        self.proxy.kill()
        self.proxy.wait()

    def asked(self):
        """What the proxy was asked for, line by line."""
        return set(re.findall(r"Request \(file descriptor \d+\): (.*)", self.log.read_text()))

    def no_password_shown(self, ran):
        for secret in (PASSWORD, PASSWORD.replace("%47", "G"), "anna:"):
            self.assertNotIn(secret, ran.text)

    def test_everything_goes_through_it_by_connect(self):
        for variable in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            ran = self.expect(DONE, self.direct("session", "refresh", **{variable: self.url}))
            self.no_password_shown(ran)
        self.expect(DONE, self.direct("skus", https_proxy=self.url), "contoso:")
        self.assertEqual({f"CONNECT {host}:443 HTTP/1.1" for host in (LOGIN, VAULT, PORTAL_HOST)}, self.asked(),
                         "the proxy saw more than host and port")

    def test_the_profiles_proxy_and_none(self):
        config = self.write_profile(f'ca_file = "{self.sandbox.facts["caFile"]}"', f'proxy = "{self.url}"', name="proxy.toml")
        self.no_password_shown(self.expect(DONE, self.direct("session", "refresh", config=config, https_proxy="http://127.0.0.1:9")))
        self.assertEqual(2, len(self.asked()))
        config = self.write_profile(f'ca_file = "{self.sandbox.facts["caFile"]}"', 'proxy = "none"', name="none.toml")
        self.expect(DONE, self.direct("session", "refresh", config=config, https_proxy="http://127.0.0.1:9"))
        config = self.write_profile('proxy = "proxy.contoso.com"', name="odd.toml")
        self.expect_error(USAGE, self.direct("session", "refresh", config=config), "http://HOST:PORT")

    def test_no_proxy_bypasses_it(self):
        self.expect(DONE, self.direct("session", "refresh", https_proxy=self.url, NO_PROXY="example.com,.vault.azure.net"))
        self.assertEqual({f"CONNECT {LOGIN}:443 HTTP/1.1"}, self.asked())
        self.expect(DONE, self.direct("session", "refresh", https_proxy="http://127.0.0.1:9", no_proxy="*"))

    def test_a_wrong_password_is_explained_and_not_tried_again(self):
        for url, said in ((f"http://anna:wrong@127.0.0.1:{PROXY_PORT}", "does not accept the user name and password"),
                          (f"http://127.0.0.1:{PROXY_PORT}", "demands a user name and a password")):
            with self.subTest(said):
                self.sandbox.forget_requests()
                ran = self.direct("session", "refresh", https_proxy=url)
                self.expect_error(FAILED, ran, said, f"http://127.0.0.1:{PROXY_PORT}", "https_proxy in the environment", absent=["wrong"])
                self.assertEqual([], self.sandbox.requests())
                self.assertEqual(1, ran.err.count("POST https://"), "it was tried again")

    def expect_error(self, code, ran, *words, absent=()):
        return self.expect(code, ran, "error: ", "what to do: ", *words, absent=absent)

    def test_a_proxy_that_is_down_or_unknown_is_explained(self):
        self.stop_proxy()
        ran = self.direct("session", "refresh", https_proxy=self.url)
        self.expect_error(FAILED, ran, f"no connection to the proxy http://127.0.0.1:{PROXY_PORT}", "Check that it runs")
        self.no_password_shown(ran)

    def test_a_proxy_that_may_not_go_there(self):
        self.stop_proxy()
        filters = self.folder / "filter"
        filters.write_text("vault\n")
        config = self.folder / "tinyproxy.conf"
        config.write_text(config.read_text() + f'Filter "{filters}"\n')
        self.proxy = subprocess.Popen(["tinyproxy", "-d", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(PROXY_PORT)
        self.expect_error(FAILED, self.direct("session", "refresh", https_proxy=self.url), f"does not let this machine reach {VAULT}",
                          f"Have {VAULT}:443 allowed")


class Inspector(threading.Thread):
    """A proxy that ends TLS itself, with certificates of its own authority, and starts it anew towards the server."""

    def __init__(self, folder, upstream_ca):
        super().__init__(daemon=True)
        self.folder, self.seen = folder, []
        openssl = lambda *args: subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-keyout", folder / "inspect.key",
                "-out", folder / "inspect.pem", "-subj", "/O=Contoso/CN=Contoso Inspection CA")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "leaf.key", "-out", folder / "leaf.csr",
                "-subj", "/CN=inspected")
        (folder / "leaf.ext").write_text("subjectAltName=" + ",".join("DNS:" + name for name in namespace.NAMES))
        openssl("x509", "-req", "-in", folder / "leaf.csr", "-CA", folder / "inspect.pem", "-CAkey", folder / "inspect.key", "-days", "5",
                "-CAcreateserial", "-extfile", folder / "leaf.ext", "-out", folder / "leaf.pem")
        self.server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server_side.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
        self.client_side = ssl.create_default_context(cafile=upstream_ca)
        self.listener = socket.create_server(("127.0.0.1", MITM_PORT))

    def run(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(raw,), daemon=True).start()

    def serve(self, raw):
        head = b""
        while b"\r\n\r\n" not in head:
            head += raw.recv(4096)
        host = head.split()[1].decode().split(":")[0]
        raw.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            inside = self.server_side.wrap_socket(raw, server_side=True)
        except (ssl.SSLError, OSError):
            return
        outside = self.client_side.wrap_socket(socket.create_connection((host, 443)), server_hostname=host)
        self.pump(inside, outside)

    def pump(self, inside, outside):
        """One thread for both ways: a TLS connection must not be read and written at the same time."""
        with inside, outside:
            while True:
                for source in [end for end in (inside, outside) if end.pending()] or select.select([inside, outside], [], [])[0]:
                    try:
                        source.setblocking(False)
                        data = source.recv(65536)
                    except ssl.SSLWantReadError:  # a session ticket, no data
                        continue
                    except OSError:
                        return
                    if not data:
                        return
                    if source is inside:
                        self.seen.append(data)
                    target = outside if source is inside else inside
                    target.setblocking(True)
                    target.sendall(data)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Inspected(Proxied):
    def setUp(self):
        super().setUp()
        self.inspector = Inspector(self.folder, self.sandbox.facts["caFile"])
        self.inspector.start()
        self.addCleanup(self.inspector.stop)
        self.env = {"https_proxy": f"http://127.0.0.1:{MITM_PORT}"}

    def test_refused_without_its_authority_and_named(self):
        for command in (["session", "refresh"], ["login", "--device-code"]):
            ran = self.direct(*command, **self.env)
            self.expect(FAILED, ran, "error: ", f"the TLS certificate of {LOGIN}", "cannot be trusted", "issued by CN=Contoso Inspection CA",
                        "ca_file")
        self.assertEqual([], self.inspector.seen, "something was sent through a connection that cannot be trusted")
        self.assertNotIn("attempt 2", ran.err)

    def test_accepted_with_it_beside_the_others(self):
        """ca_file holds the sandbox's authority, the variable adds the inspector's: none replaces the other."""
        for variable in ("PORTALKEY_CA_FILE", "SSL_CERT_FILE"):
            with self.subTest(variable):
                self.expect(DONE, self.direct("session", "refresh", **self.env, **{variable: self.folder / "inspect.pem"}))
                self.expect(DONE, self.direct("session", "refresh", **{variable: self.folder / "inspect.pem"}))  # direct: the sandbox's
        self.assertTrue(self.inspector.seen)
        both = self.folder / "both.pem"
        both.write_text((self.folder / "inspect.pem").read_text() + pathlib.Path(self.sandbox.facts["caFile"]).read_text())
        config = self.write_profile(f'ca_file = "{both}"', name="both.toml")
        self.expect(DONE, self.direct("session", "refresh", config=config, **self.env))

    def test_a_bundle_that_is_none(self):
        for content, said in (("", "holds none"), ("-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n", "damaged"), (None, "cannot be read")):
            with self.subTest(said):
                bundle = self.folder / "bundle.pem"
                bundle.unlink(missing_ok=True)
                if content is not None:
                    bundle.write_text(content)
                self.expect(FAILED, self.direct("session", "refresh", PORTALKEY_CA_FILE=bundle), "error: ", said, str(bundle), "what to do: ")


if __name__ == "__main__":
    main()
