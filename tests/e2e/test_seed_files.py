"""Seed files from the command line: assignment lists, conversion, codes. oathtool is the judge of codes."""
import base64
import json
import os
import stat
import subprocess
import unittest

import harness
from harness import DEMO, DONE, FAILED, PARTLY, USAGE, EndToEnd

KEYS = {"0010": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "0011": "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"}
AT = "2026-01-01T00:00:10Z"


def oathtool(key, second, step=30):
    return subprocess.run(["oathtool", "--totp", "-b", "-s", str(step), "-N", f"@{second}", key], capture_output=True, text=True,
                          check=True).stdout.strip()


class SeedFiles(EndToEnd):
    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def vendor(self):
        rows = "".join(f"{serial},{harness.mask(key)},30,Contoso,\"=Key, two\"\n" for serial, key in KEYS.items())
        return self.file("vendor.csv", "serial number,secret key,time interval,manufacturer,model\n" + rows)

    def validate(self, listed, code=DONE):
        return self.expect(code, self.bare("tokens", "validate", self.vendor(), "--assign", self.file("list.csv", listed), "-o", "json")).json()

    def test_every_sample_is_what_it_is_expected_to_be(self):
        def essence(token):
            return [token.get(member) for member in ("serial", "secretBase32", "type", "hash", "digits", "step")] + [
                token["entra"][backend] for backend in ("portal", "graph")]

        samples = [(path.parent / name, wanted) for path in sorted(harness.SEEDS.glob("*/expected.json"))
                   for name, wanted in json.loads(path.read_text()).items() if "outcome" in wanted and wanted["format"] != "assignment-csv"]
        self.assertGreater(len(samples), 100)
        for path, wanted in samples:
            with self.subTest(sample=f"{path.parent.name}/{path.name}"):
                unlock = wanted.get("unlock", {})
                options = ["--key-file", self.private("key", unlock["pskHex"])] if "pskHex" in unlock else []
                options += ["--passphrase-file", self.private("passphrase", unlock["passphrase"])] if "passphrase" in unlock else []
                ran = self.bare("tokens", "validate", path, *options, "-o", "json", "--reveal-secrets")
                if wanted["outcome"] == "error":
                    self.assertEqual(FAILED, ran.code)
                    self.assertTrue(ran.json_error()["remedy"])
                    continue
                self.assertIn(ran.code, (PARTLY, FAILED) if wanted.get("errors") else (DONE,))
                document = ran.json()
                self.assertEqual(wanted["format"], document["format"])
                self.assertEqual([essence(token) for token in wanted["tokens"]], [essence(token) for token in document["tokens"]])
                lines = {error["line"] for error in wanted.get("errors", []) if "line" in error}
                if lines:  # those of XML name the serial number instead
                    self.assertEqual(lines, {error["line"] for error in document["errors"] if error.get("line")})

    def private(self, name, text):
        path = self.file(name, text)
        path.chmod(0o600)
        return path

    def test_a_list_joined_by_serial_number(self):
        answer = self.validate("UPN;Token Serial\na@contoso.com;0011\nb@contoso.com;0010\nc@contoso.com;77\n")
        self.assertEqual(["b@contoso.com", "a@contoso.com"], [t["upn"] for t in answer["tokens"]])
        (left,) = answer["warnings"]
        self.assertEqual(("list.csv", 4, "77", "c@contoso.com"), tuple(left[k] for k in ("file", "line", "serial", "upn")))

    def test_a_list_in_order(self):
        answer = self.validate("a@contoso.com\nb@contoso.com\n")
        self.assertEqual(["a@contoso.com", "b@contoso.com"], [t["upn"] for t in answer["tokens"]])
        bad = self.file("bad.csv", self.vendor().read_text() + "0012,11111,30,Contoso,Key\n")
        self.expect_error(FAILED, self.bare("tokens", "validate", bad, "--assign", self.folder / "list.csv"), "no serial numbers")

    def test_nothing_is_guessed(self):
        alike = self.validate("serial,upn\n10,a@contoso.com\n", PARTLY)
        self.assertEqual(["0011"], [t["serial"] for t in alike["tokens"]])
        self.assertIn("differs only in leading zeros", alike["errors"][0]["what"])
        twice = self.validate("serial,upn\n0010,a@contoso.com\n0010,b@contoso.com\n0011,c@contoso.com\n", PARTLY)
        self.assertEqual(["0011"], [t["serial"] for t in twice["tokens"]])
        self.expect_error(FAILED, self.bare("tokens", "validate", self.vendor(), "--assign", self.file("l.csv", "upn,thing\na@b.com,5\n")),
                          "no column called serial number")

    def test_convert(self):
        vendor, out = self.vendor(), self.folder / "out.csv"
        self.expect_error(USAGE, self.bare("tokens", "convert", vendor, "--to", "entra-csv", "-O", out), "--reveal-secrets")
        convert = ("tokens", "convert", vendor, "--reveal-secrets", "--to")
        self.expect(DONE, self.bare(*convert, "entra-csv", "-O", out), "2 tokens written", "leading = + - @")
        self.assertEqual(0o600, stat.S_IMODE(out.stat().st_mode))
        self.assertEqual(b"upn,serial number,secret key,time interval,manufacturer,model\r\n,0010," + KEYS["0010"].encode() +
                         b",30,Contoso,Key  two\r\n", b"".join(out.read_bytes().splitlines(True)[:2]))
        self.expect_error(FAILED, self.bare(*convert, "entra-csv", "-O", out), "exists already")
        link = self.folder / "link"
        link.symlink_to(self.folder / "elsewhere")
        self.expect_error(FAILED, self.bare(*convert, "json", "-O", link), "exists already")
        self.assertFalse((self.folder / "elsewhere").exists())
        graph = self.expect(DONE, self.bare(*convert, "graph-json")).json()
        self.assertEqual([("0010", 30, "hmacsha1"), ("0011", 30, "hmacsha1")],
                         [(d["serialNumber"], d["timeIntervalInSeconds"], d["hashFunction"]) for d in graph["value"]])
        own = self.expect(DONE, self.bare(*convert, "json")).json()
        self.assertEqual(list(KEYS.values()), [t["secretBase32"] for t in own["tokens"]])
        uris = self.expect(DONE, self.bare(*convert, "otpauth")).out.splitlines()
        self.assertIn("secret=" + KEYS["0010"], uris[0])

    def test_convert_to_plain_pskc(self):
        vendor, out = self.vendor(), self.folder / "plain.xml"
        self.expect_error(USAGE, self.bare("tokens", "convert", vendor, "--to", "pskc", "-O", out), "--reveal-secrets")
        self.expect(DONE, self.bare("tokens", "convert", vendor, "--to", "pskc", "--reveal-secrets", "-O", out), "2 tokens written")
        self.assertEqual(0o600, stat.S_IMODE(out.stat().st_mode))
        self.assertEqual("OK", subprocess.run(["pskctool", "--validate", out], capture_output=True, text=True, check=True).stdout.strip())
        info = subprocess.run(["pskctool", "--info", "--verbose", out], capture_output=True, text=True, check=True).stdout
        for serial, key in KEYS.items():
            self.assertIn(f"SerialNo: {serial}\n", info)
            self.assertIn(f"Key Secret (base64): {base64.b64encode(base64.b32decode(key)).decode()}\n", info)
        back = self.expect(DONE, self.bare("tokens", "convert", out, "--to", "json", "--reveal-secrets")).json()
        self.assertEqual([(s, k, 30, "=Key, two") for s, k in KEYS.items()],
                         [(t["serial"], t["secretBase32"], t["step"], t["model"]) for t in back["tokens"]])

    def test_convert_to_encrypted_pskc(self):
        vendor, key = self.vendor(), "000102030405060708090a0b0c0d0e0f"
        judge = ("import sys; from pskc import PSKC; p = PSKC(sys.argv[1]); e = p.encryption\n"
                 "if sys.argv[2] == 'key': e.key = bytes.fromhex(sys.argv[3])\n"
                 "else: e.derive_key(sys.argv[3])\n"
                 "print(*(f'{k.serial}={k.secret.hex()}' for k in p.keys))")
        expected = " ".join(f"{serial}={base64.b32decode(k).hex()}" for serial, k in KEYS.items())
        for how, secret, option in (("key", key, "--key-file"), ("passphrase", "correct horse \u00fc", "--passphrase-file")):
            with self.subTest(how):
                held, out = self.file(how, secret + "\n"), self.folder / f"{how}.xml"
                self.expect(DONE, self.bare("tokens", "convert", vendor, "--to", "pskc", "--encrypt-with", f"{how}:{held}", "-O", out),
                            "2 tokens written")
                text = out.read_text()
                for plain in KEYS.values():
                    self.assertNotIn(plain, text)
                    self.assertNotIn(base64.b64encode(base64.b32decode(plain)).decode(), text)
                judged = subprocess.run(["/usr/bin/python3", "-c", judge, out, how, secret], capture_output=True, text=True, check=True)
                self.assertEqual(expected, judged.stdout.strip())
                again = self.expect(DONE, self.bare("tokens", "validate", out, option, held, "--reveal-secrets", "-o", "json")).json()
                self.assertEqual(list(KEYS.items()), [(t["serial"], t["secretBase32"]) for t in again["tokens"]])
                shown = harness.run_on_terminal("tokens", "convert", vendor, "--to", "pskc", "--encrypt-with", f"{how}:{held}", home=self.home)
                self.assertEqual(DONE, shown.code)
        convert = ("tokens", "convert", vendor, "--to")
        self.expect_error(USAGE, self.bare(*convert, "json", "--encrypt-with", "key:x"), "needs --to pskc")
        self.expect_error(USAGE, self.bare(*convert, "pskc", "--encrypt-with", "x"), "takes key:FILE or passphrase:FILE")
        long_key = self.file("long", key * 2)
        refused = self.bare(*convert, "pskc", "--encrypt-with", f"key:{long_key}")
        self.expect_error(FAILED, refused, "32 bytes", "AES-128")
        self.assertNotIn(key, refused.text)
        self.expect_error(FAILED, self.bare(*convert, "pskc", "--encrypt-with", f"passphrase:{self.file('empty', '')}"), "empty")

    def test_an_error_leaves_no_file_and_secrets_go_to_no_other_place(self):
        out = self.folder / "none.csv"
        self.expect(FAILED, self.bare("tokens", "convert", self.file("x.csv", "nonsense\n"), "--to", "json", "--reveal-secrets", "-O", out))
        self.assertFalse(out.exists())
        shown = harness.run_on_terminal("tokens", "convert", self.vendor(), "--to", "json", "--reveal-secrets", home=self.home)
        self.assertEqual(FAILED, shown.code)
        self.assertNotIn(KEYS["0010"], shown.out)

    def test_code_and_check(self):
        vendor, second = self.vendor(), 1767225610
        code = self.expect(DONE, self.bare("tokens", "code", vendor, "--serial", "0010", "--at", AT, "-o", "json")).json()
        self.assertEqual((oathtool(KEYS["0010"], second), 20), (code["code"], code["secondsLeft"]))
        for steps, exit_code, words in ((0, DONE, "is right"), (2, DONE, "2 steps (60 s) ahead of"), (-2, DONE, "behind"),
                                        (5, PARTLY, "5 steps (150 s) ahead of"), (-20, PARTLY, "20 steps (600 s) behind"),
                                        (25, FAILED, "does not fit within 20 steps")):
            self.expect(exit_code, self.bare("tokens", "check", vendor, "--serial", "0010", "--at", AT, "--code",
                                             oathtool(KEYS["0010"], second + 30 * steps)), words)
        self.expect_error(FAILED, self.bare("tokens", "code", vendor, "--serial", "10"), "no usable token")

    def test_json_of_a_file_too_large_to_be_held(self):
        """A file is read twice, standard input is held: the same comes out, in the file's order."""
        either, count = "ABCDEF2345672345ABCDEF2345672345", 320_000
        keys = [base64.b32encode(i.to_bytes(20, "big")).decode() for i in range(count)]
        keys[0] = keys[1] = either  # base32 or hex: the third row tells, so they are handed out last
        for key in {either, keys[7], keys[-1]}:
            harness.mask(key)
        rows = [f"u{i // 5}@contoso.com,{7000000 + i},{key},30,\"Con\"\"toso \u00e9\",K\n" for i, key in enumerate(keys)]
        rows.append(f"x@contoso.com,{7000000 + 7},{keys[8]},30,Contoso,K\n")  # another key for that serial number
        file = self.file("large.csv", "upn,serial number,secret key,time interval,manufacturer,model\n" + "".join(rows))
        command = ("tokens", "validate", "-o", "json", "--reveal-secrets")
        twice = self.expect(PARTLY, self.bare(*command, file))
        once = self.expect(PARTLY, self.bare(*command, "-", stdin=file.read_text()))
        self.assertGreater(len(twice.out), 64 << 20)
        self.assertTrue(once.out == twice.out)
        document = twice.json()
        self.assertTrue(document["tokens"] == sorted(document["tokens"], key=lambda token: token["line"]))
        self.assertEqual(count - 1, len(document["tokens"]))
        self.assertEqual([2, 3, 4], [token["line"] for token in document["tokens"][:3]])
        self.assertEqual((either, "Con\"toso \u00e9"), tuple(document["tokens"][1][member] for member in ("secretBase32", "manufacturer")))
        self.assertNotIn("7000007", [token["serial"] for token in document["tokens"]])
        self.assertEqual({"7000007"}, {error["serial"] for error in document["errors"]})

    def test_a_pipe_is_read_once(self):
        pipe, vendor = self.folder / "pipe", self.vendor()
        os.mkfifo(pipe)
        with subprocess.Popen(["sh", "-c", 'cat "$0" >"$1"', vendor, pipe]):
            converted = self.bare("tokens", "convert", pipe, "--to", "otpauth", "--reveal-secrets", "-O", self.folder / "out.txt")
        self.expect(DONE, converted, "2 tokens written")

    def test_key_and_list_are_read_once_though_the_file_is_read_twice(self):
        key, listed = "00112233445566778899aabbccddeeff", "upn,serial\na@contoso.com,0010\nb@contoso.com,0011\n"
        encrypted = self.folder / "encrypted.xml"
        self.expect(DONE, self.bare("tokens", "convert", self.vendor(), "--to", "pskc", "--encrypt-with", f"key:{self.private('key', key)}",
                                    "-O", encrypted))
        pipes = [self.folder / name for name in ("key.pipe", "list.pipe")]
        for pipe in pipes:
            os.mkfifo(pipe)
        with subprocess.Popen(["sh", "-c", 'printf %s "$0" >"$1"; printf %s "$2" >"$3"', key, pipes[0], listed, pipes[1]]):
            ran = self.bare("tokens", "convert", encrypted, "--key-file", pipes[0], "--assign", pipes[1], "--to", "json",
                            "--reveal-secrets", "-O", self.folder / "out.json")
        self.expect(DONE, ran, "2 tokens written")
        self.assertEqual(["a@contoso.com", "b@contoso.com"], [t["upn"] for t in json.loads((self.folder / "out.json").read_text())["tokens"]])

    def test_what_is_left_out_and_who_has_no_user(self):
        ran = self.bare("tokens", "validate", harness.SEEDS / "otpauth" / "uri-list.txt")
        self.expect(DONE, ran, "line 4 (row 4): left out: it counts presses (HOTP)", "it makes Steam Guard codes", "0 tokens can be imported")
        self.expect(DONE, self.bare("tokens", "validate", self.vendor()), "2 tokens can be imported", "2 of them name no user", "--assign")
        listed = self.file("who.csv", "upn,serial\na@contoso.com,0010\nb@contoso.com,0011\n")
        self.expect(DONE, self.bare("tokens", "validate", self.vendor(), "--assign", listed), absent=["name no user"])

    def test_errors_name_the_option_and_what_is_near(self):
        self.expect_error(FAILED, self.bare("tokens", "code", self.vendor(), "--serial", "10"), "The file has 0010: give it as the file does.")
        for option in ("--key-file", "--passphrase-file"):
            self.expect_error(FAILED, self.bare("tokens", "validate", self.vendor(), option, self.folder / "none"), f"needed for: {option}")
        for how in ("key", "passphrase"):
            self.expect_error(FAILED, self.bare("tokens", "convert", self.vendor(), "--to", "pskc", "--encrypt-with", f"{how}:{self.folder / 'none'}"),
                              "needed for: --encrypt-with")
        piped = self.expect(DONE, self.bare("tokens", "convert", self.vendor(), "--to", "otpauth", "--reveal-secrets", "-O", "-"))
        self.assertEqual(2, piped.out.count("otpauth://totp/"))

    def test_a_file_that_does_not_say_the_time_interval(self):
        file = self.file("two-columns.csv", "serial,seed\n0010,2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN\n0011,KBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n")
        self.expect_error(FAILED, self.bare("tokens", "validate", file), "--time-interval 30 or 60")
        self.expect(DONE, self.bare("tokens", "validate", file, "--time-interval", "60"), "2 tokens can be imported",
                    "the time interval of 2 tokens is 60 seconds, as --time-interval says")
        self.expect(USAGE, self.bare("tokens", "validate", file, "--time-interval", "45"), "--time-interval", "30", "60")
        code = self.expect(DONE, self.bare("tokens", "code", file, "--serial", "0010", "--time-interval", "60", "--at", "2026-01-01T00:00:59Z"))
        wanted = subprocess.run(["oathtool", "--totp", "--time-step-size=60s", "--now", "2026-01-01 00:00:59 UTC", "--base32", "-"],
                                input="2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN\n", capture_output=True, text=True, check=True).stdout.strip()
        self.assertIn(wanted, code.out)

    def test_map_is_for_delimited_text(self):
        self.expect_error(FAILED, self.bare("tokens", "validate", harness.SEEDS / "otpauth" / "uri-list.txt", "--map", "serial=x"),
                          "--map names columns of delimited text", "otpauth")

    def test_a_key_in_the_place_of_a_serial_number_is_not_shown(self):
        key = KEYS["0010"]
        grouped = "-".join(key[i:i + 4] for i in range(0, len(key), 4))
        in_base64 = base64.b64encode(base64.b32decode(key)).decode()
        for shown in (key, grouped, in_base64):
            harness.mask(shown)
            file = self.file("shifted.csv", f"serial number,secret key,time interval\n{shown},x!,30\n{shown},{key},45\n")
            self.expect(FAILED, self.bare("tokens", "validate", file), "2 problems", absent=[shown])
            listed = self.file("listed.csv", f"serial,upn\n{shown},a@contoso.com\n")
            self.expect(DONE, self.bare("tokens", "validate", self.vendor(), "--assign", listed), absent=[shown])
        device = {"serialNumber": key, "manufacturer": "M", "model": "K", "secretKey": "1!", "timeIntervalInSeconds": 30, "hashFunction": "hmacsha1"}
        self.expect(FAILED, self.bare("tokens", "validate", self.file("graph.json", json.dumps({"value": [device]}))), absent=[key])

    def test_who_else_may_read_the_passphrase(self):
        convert = ("tokens", "convert", self.vendor(), "--to", "pskc", "--encrypt-with")
        passphrase = self.private("passphrase", "correct horse")
        self.expect(DONE, self.bare(*convert, f"passphrase:{passphrase}", "-O", self.folder / "a.xml"), absent=["warning"])
        passphrase.chmod(0o644)
        self.expect(DONE, self.bare(*convert, f"passphrase:{passphrase}", "-O", self.folder / "b.xml"), "may read", "chmod 600")
        ran = self.bare("tokens", "validate", self.folder / "b.xml", "--passphrase-file", passphrase)
        self.expect(DONE, ran, "chmod 600")
        self.assertEqual(1, ran.text.count("chmod 600"))

    def test_many_of_the_same_are_told_once(self):
        rows = "".join(f"u{i}@contoso.com,{1000 + i},{KEYS['0010']},45,M,K\n" for i in range(50))
        file = self.file("many.csv", "upn,serial number,secret key,time interval,manufacturer,model\n" + rows)
        short = self.bare("tokens", "validate", file)
        self.expect(FAILED, short, "and 40 more like", "50 problems")
        self.assertEqual(10, short.out.count("time interval of "))
        self.assertEqual(50, self.bare("tokens", "validate", file, "--all").out.count("time interval of "))


class Assigned(EndToEnd):
    """A vendor's file that names nobody, a list of people, and a tenant."""
    SIGNED_IN = True

    def test_import_with_a_list(self):
        file, rows = self.seeds(4)
        people = {row["serial number"]: row["upn"] for row in rows}
        for row in rows:
            row["upn"] = ""
        harness.write_seeds(file, rows)
        missing = rows[3]["serial number"]
        listed = "User;Name;Token Serial\n" + "".join(f"{upn};B\u00e4r;{serial}\n" for serial, upn in people.items() if serial != missing)
        for name, encoding in (("utf16.csv", "utf-16"), ("western.csv", "cp1252")):
            (self.folder / name).write_bytes((listed + f"x@contoso.com;B\u00e4r;000{missing}\n").encode(encoding))
        dry = self.pk("tokens", "import", file, "--assign", self.folder / "western.csv", "--dry-run")
        self.expect(PARTLY, dry, "3 would import", "differs only in leading zeros")
        self.assertEqual([], self.sandbox.tokens())
        done = self.expect(PARTLY, self.pk("tokens", "import", file, "--assign", self.folder / "utf16.csv", "-o", "json")).json()
        given = {t["serialNumber"]: t["upn"] for t in self.sandbox.tokens()}
        self.assertEqual({serial: upn for serial, upn in people.items() if serial != missing}, given)
        self.assertEqual(set(given), self.sandbox.active())
        self.assertEqual([missing], [t["serial"] for t in done["tokens"] if t["state"] == "rejected"])
        (self.folder / "all.csv").write_text("".join(f"{serial},{upn}\n" for serial, upn in people.items()))
        self.expect(DONE, self.pk("tokens", "import", file, "--assign", self.folder / "all.csv"), "1 active", "3 already active")
        self.assertEqual(people, {t["serialNumber"]: t["upn"] for t in self.sandbox.tokens()})


if __name__ == "__main__":
    harness.main()
