"""The alert webhook: verified TLS, no token, its address nowhere. Under production names, without --sandbox."""
import http.server
import threading

import namespace
from harness import *

HOST, ADDRESS = "hooks.contoso.example", "127.0.0.2"
SECRET_PATH = "/services/T0ALERTS/" + mask("Zk3hJ8sQw1xYb6Rt9LmN")


def setUpModule():
    namespace.enter(elsewhere={HOST: ADDRESS})


class Channel:
    """An HTTPS server of its own authority that keeps what it is told."""

    def __init__(self, folder):
        self.authority, certificate, key = folder / "hook-ca.pem", folder / "hook.pem", folder / "hook.key"
        openssl = lambda *args: subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", folder / "ca.key",
                "-out", self.authority, "-subj", "/CN=Hook CA", "-addext", "basicConstraints=critical,CA:TRUE")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", folder / "hook.csr",
                "-subj", "/CN=" + HOST)
        (folder / "hook.ext").write_text(f"subjectAltName=DNS:{HOST}\n")
        openssl("x509", "-req", "-days", "2", "-in", folder / "hook.csr", "-CA", self.authority, "-CAkey", folder / "ca.key", "-CAcreateserial",
                "-out", certificate, "-extfile", folder / "hook.ext")
        self.told, self.status = [], 200
        channel = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                channel.told.append((self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(body)))
                self.send_response(channel.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer((ADDRESS, 443), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Webhook(EndToEnd):
    SANDBOX = ("--auto-approve", "--port", "443")

    def setUp(self):
        super().setUp()
        self.channel = Channel(self.folder)
        self.addCleanup(self.channel.stop)
        both = self.folder / "both.pem"
        both.write_text(self.channel.authority.read_text() + pathlib.Path(self.sandbox.facts["caFile"]).read_text())
        self.with_it, self.without_it = self.write("with.toml", both), self.write("without.toml", self.sandbox.facts["caFile"])
        self.expect(DONE, self.direct(self.with_it, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        self.sandbox.policy(refreshError=53003)

    def write(self, name, authorities):
        file = self.folder / name
        file.write_text(f'[profile.default]\ntenant = "{self.sandbox.facts["tenantId"]}"\nstate_dir = "{self.folder}/state"\n'
                        f'ca_file = "{authorities}"\nalert_webhook = "https://{HOST}{SECRET_PATH}"\n'
                        f'[profile.default.vault]\ntype = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"\n')
        return file

    def direct(self, config, *args, **more):
        secret = pathlib.Path(self.sandbox.facts["clientSecretFile"]).read_text().strip()
        return self.bare("--config", config, "-vv", *args, env={"AZURE_CLIENT_ID": self.sandbox.facts["clientId"], "AZURE_CLIENT_SECRET": secret}, **more)

    def test_told_once_and_nothing_secret(self):
        for _ in range(2):
            ran = self.expect_error(NEEDS_PERSON, self.direct(self.with_it, "session", "refresh"), "AADSTS53003")
            self.assertNotIn(SECRET_PATH.rsplit("/", 1)[1], ran.text, "the webhook's address is shown")
        ((path, headers, body),) = self.channel.told
        self.assertEqual(SECRET_PATH, path)
        self.assertNotIn("authorization", headers)
        self.assertEqual(("sign-in-needed", "default", None), (body["cause"], body["profile"], body["daysLeft"]))
        self.assertIn("AADSTS53003", body["text"])
        self.assertIn("portalkey login", body["remedy"])
        self.assertNotIn("eyJ", json.dumps(body))
        self.sandbox.policy(refreshError=None)
        self.expect(DONE, self.direct(self.with_it, "session", "refresh"))
        self.sandbox.policy(refreshError=53003)
        self.expect_error(NEEDS_PERSON, self.direct(self.with_it, "session", "refresh"), "AADSTS53003")
        self.assertEqual(2, len(self.channel.told), "it was settled meanwhile: another case")

    def test_what_does_not_reach_it_is_tried_again(self):
        self.expect_error(NEEDS_PERSON, self.direct(self.without_it, "session", "refresh"), "warning: the alert webhook was not reached",
                          "cannot be trusted", "AADSTS53003")
        self.assertEqual([], self.channel.told, "something was sent through a connection that cannot be trusted")
        self.channel.status = 410
        self.expect_error(NEEDS_PERSON, self.direct(self.with_it, "session", "refresh"), "the alert webhook answered 410")
        self.channel.status = 202
        self.expect_error(NEEDS_PERSON, self.direct(self.with_it, "session", "refresh"), "AADSTS53003", )
        self.assertEqual(2, len(self.channel.told))

    def test_a_profile_that_others_may_read_is_refused(self):
        self.with_it.chmod(0o644)
        self.expect(USAGE, self.direct(self.with_it, "session", "status"), "with.toml")


if __name__ == "__main__":
    main()
