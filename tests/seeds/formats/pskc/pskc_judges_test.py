#!/usr/bin/python3
"""Programs that nobody here wrote judge the PSKC reader and writer: pskctool (plain) and python3-pskc (plain and encrypted).

pskc_judges_test.py PSKC_JUDGE: that program reads a file and writes it again."""
import base64
import os
import subprocess
import sys
import tempfile
import unittest

from pskc import PSKC

JUDGE = sys.argv.pop(1)
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
PASSPHRASE = "correct horse ü"
SECRETS = [b"12345678901234567890", bytes(range(32)), b"\xff" * 16]


def judge(source, target, key="-", passphrase="-", out_key="-", out_passphrase="-"):
    run = subprocess.run([JUDGE, source, target, key, passphrase, out_key, out_passphrase], capture_output=True, text=True)
    return run.returncode, [line.split(" ") for line in run.stdout.splitlines()]


class Judges(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def theirs(self, protect=None):
        pskc = PSKC()
        for n, secret in enumerate(SECRETS):
            pskc.add_key(manufacturer="Acme & Sons <x>", serial=f"00{n}", secret=secret, time_interval=30 * (n + 1), response_length=6,
                         algorithm="totp" if n < 2 else "hotp", algorithm_suite="HMAC-SHA256" if n == 1 else None)
        if protect:
            protect(pskc)
        path = self.path("theirs.xml")
        pskc.write(path)
        return path

    def assert_read(self, *judged):
        code, lines = judged
        self.assertEqual(code, 0, lines)
        self.assertEqual([line[:2] for line in lines], [[f"00{n}", secret.hex()] for n, secret in enumerate(SECRETS)])

    def assert_theirs(self, path, unlock):
        pskc = PSKC(path)
        unlock(pskc)
        self.assertEqual([key.serial for key in pskc.keys], ["000", "001", "002"])
        self.assertEqual([key.secret for key in pskc.keys], SECRETS)
        self.assertEqual([key.time_interval for key in pskc.keys], [30, 60, None])
        self.assertEqual({key.manufacturer for key in pskc.keys}, {"Acme & Sons <x>"})
        self.assertEqual(pskc.keys[1].algorithm_suite, "HMAC-SHA256")

    def test_plain(self):
        ours = self.path("ours.xml")
        self.assert_read(*judge(self.theirs(), ours))
        self.assert_theirs(ours, lambda pskc: None)
        verdict = subprocess.run(["pskctool", "--validate", ours], check=True, capture_output=True, text=True)
        self.assertEqual(verdict.stdout.strip(), "OK")  # against its copy of RFC 6030's schema
        info = subprocess.run(["pskctool", "--info", "--verbose", ours], check=True, capture_output=True, text=True).stdout
        for n, secret in enumerate(SECRETS):
            self.assertIn(f"Key Secret (base64): {base64.b64encode(secret).decode()}\n", info)
            self.assertIn(f"SerialNo: 00{n}\n", info)
        self.assertIn("Algorithm: urn:ietf:params:xml:ns:keyprov:pskc:totp", info)

    def test_ours_with_a_key(self):
        ours = self.path("ours.xml")
        self.assert_read(*judge(self.theirs(), ours, out_key=KEY.hex()))
        self.assert_theirs(ours, lambda pskc: setattr(pskc.encryption, "key", KEY))
        self.assertEqual(judge(ours, self.path("x"), key="00" * 16)[0], 1)

    def test_ours_with_a_passphrase(self):
        ours = self.path("ours.xml")
        self.assert_read(*judge(self.theirs(), ours, out_passphrase=PASSPHRASE))
        self.assert_theirs(ours, lambda pskc: pskc.encryption.derive_key(PASSPHRASE))
        self.assertEqual(judge(ours, self.path("x"), passphrase="wrong")[0], 1)

    def test_every_cipher_of_theirs(self):
        ciphers = {"aes128-cbc": 16, "aes192-cbc": 24, "aes256-cbc": 32, "tripledes-cbc": 24, "camellia128-cbc": 16,
                   "camellia192-cbc": 24, "camellia256-cbc": 32, "kw-aes128": 16, "kw-aes192": 24, "kw-aes256": 32}
        global SECRETS
        for cipher, size in ciphers.items():
            for mac in ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"):
                with self.subTest(cipher=cipher, mac=mac):
                    key = bytes(range(size))

                    def protect(pskc):
                        if cipher.endswith("-cbc"):
                            pskc.mac.algorithm = mac
                        pskc.encryption.setup_preshared_key(key=key, algorithm=cipher)

                    kept = SECRETS
                    if cipher.startswith("kw-"):
                        SECRETS = [b"1234567890123456", bytes(range(20)), b"\xff" * 16]  # the second one is padded
                    try:
                        path = self.theirs(protect)
                        self.assert_read(*judge(path, self.path("x"), key=key.hex()))
                        self.assertEqual(judge(path, self.path("x"), key=bytes(reversed(key)).hex())[0], 1)
                    finally:
                        SECRETS = kept

    def test_their_passphrases(self):
        for prf in (None, "hmac-sha1", "hmac-sha256", "hmac-sha512"):
            with self.subTest(prf=prf):
                path = self.theirs(lambda pskc: pskc.encryption.setup_pbkdf2(PASSPHRASE, iterations=2000, prf=prf))
                self.assert_read(*judge(path, self.path("x"), passphrase=PASSPHRASE))
                self.assertEqual(judge(path, self.path("x"), passphrase="wrong")[0], 1)


if __name__ == "__main__":
    unittest.main()
