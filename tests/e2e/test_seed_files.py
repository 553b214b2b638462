"""Seed files from the command line: assignment lists, conversion, codes. oathtool is the judge of codes."""
import base64
import json
import os
import stat
import subprocess
import unittest

import harness
from harness import DEMO, DONE, FAILED, PARTLY, USAGE, EndToEnd

CASES = harness.ROOT / "tests" / "data" / "cases"
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
                users = [(token.get("upn") or "") for token in wanted["tokens"] if token["entra"]["portal"] and (token.get("upn") or "").isascii()]
                good = sum(min(users.count(user), 5) if user else users.count("") for user in set(users))
                whole = not wanted.get("errors") and good == len(wanted["tokens"])
                self.assertEqual(DONE if good and whole else PARTLY if good else FAILED, ran.code)
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
                                        (480, PARTLY, "480 steps (14400 s) ahead of"), (6000, FAILED, "within 2 days")):
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
        self.expect(FAILED, ran, "line 4 (row 4): left out: it counts presses (HOTP)", "it makes Steam Guard codes", "0 tokens can be imported")
        self.expect(DONE, self.bare("tokens", "validate", self.vendor()), "2 tokens can be imported", "2 tokens name no user", "--assign")
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


class Cases(EndToEnd):
    """Inputs that people in this job have, on which the program was once wrong: tests/data/cases."""
    SANDBOX = None

    def validated(self, name, *options, code):
        ran = self.expect(code, self.bare("tokens", "validate", CASES / name, *options, "-o", "json", "--all"))
        document = ran.json()
        rejected = {token["serial"]: token["entra"].get("why", "") for token in document["tokens"] if not token["entra"]["portal"]}
        taken = [token["serial"] for token in document["tokens"] if token["entra"]["portal"]]
        self.assertEqual([], [line for line in ran.out.splitlines() if "secretBase32" in line])
        return taken, rejected, document

    def test_a_column_that_contradicts_what_is_assumed(self):
        taken, rejected, _ = self.validated("type-column.csv", code=PARTLY)
        self.assertEqual(["3001"], taken)
        self.assertEqual({"3002", "3003"}, set(rejected))
        for why in rejected.values():
            self.assertIn("Entra takes time-based tokens (TOTP) only", why)
        for options in ([], ["--time-interval", "30"]):
            taken, rejected, document = self.validated("type-column-export.csv", *options, code=PARTLY)
            self.assertEqual(["4001"], taken)
            self.assertIn("HOTP", rejected["4002"])
            self.assertIn("OCRA", rejected["4004"])
            self.assertIn("SHA-1", rejected["4003"])
            self.assertTrue(next(token for token in document["tokens"] if token["serial"] == "4003")["entra"]["graph"])
        taken, rejected, _ = self.validated("type-word-headerless.csv", code=FAILED)
        self.assertEqual(([], {"700151", "700152"}), (taken, set(rejected)))
        taken, rejected, _ = self.validated("json-tokens-bare-array.json", code=PARTLY)
        self.assertEqual(["2308734700391"], taken)
        self.assertIn("HOTP", rejected["2308734700390"])
        self.assertIn("8 digits", rejected["2308734700392"])

    def test_words_that_stand_for_nothing(self):
        taken, rejected, document = self.validated("placeholders-in-key-and-serial.csv", code=FAILED)
        self.assertEqual(([], {}), (taken, rejected))
        self.assertEqual(["there is no secret key"] * 2 + ["there is no serial number"], [error["what"] for error in document["errors"]])
        self.assertTrue(all(error["expected"] for error in document["errors"]))

    def test_lists_of_token_servers(self):
        taken, rejected, document = self.validated("owner-first-headerless.csv", code=PARTLY)
        self.assertEqual(["TOTP0001A0", "TOTP0001A1", "TOTP0001A2"], taken)
        self.assertEqual(["ada@contoso.com", "bea@contoso.com", ""], [token["upn"] for token in document["tokens"][:3]])
        self.assertEqual({"OATH0001A3", "TOTP0001A4"}, set(rejected))

    def test_lines_that_begin_with_a_hash(self):
        self.assertEqual(["GALT11420100", "GALT11420101"], self.validated("header-begins-with-hash.csv", code=DONE)[0])
        taken, _, document = self.validated("serials-begin-with-hash.csv", code=PARTLY)
        self.assertEqual(["12347"], taken)
        self.assertEqual([2, 3], [error["line"] for error in document["errors"]])  # none is dropped in silence

    def test_uris_in_columns_and_odd_uris(self):
        taken, _, document = self.validated("uri-in-a-column.csv", code=DONE)
        self.assertEqual(["701", "702"], taken)
        self.assertEqual(["80011", "80012"], self.validated("uri-in-secret-column.csv", code=DONE)[0])
        file = self.folder / "contradicts.csv"
        file.write_text((CASES / "uri-in-secret-column.csv").read_text().replace("&digits=6,30", "&digits=6,60", 1))
        self.expect(PARTLY, self.bare("tokens", "validate", file), "the otpauth URI says 30 seconds, and the time interval is 60")
        taken, rejected, document = self.validated("otpauth-label-with-blank.txt", code=PARTLY)
        steps = {token["serial"]: token["step"] for token in document["tokens"]}
        self.assertEqual((30, 60, 60), (steps["5012"], steps["5010"], steps["5017"]))  # a blank in the label; &amp;
        self.assertEqual(["the URI has two parameters secret"], [error["what"] for error in document["errors"]])

    def test_uris_without_serial_numbers(self):
        file = self.folder / "vault.csv"
        file.write_text("Title,Password,OTPAuth\n" + "".join(f"t{n},pw,otpauth://totp/a{n}?secret={harness.mask(key)}\n" for n, key in enumerate(WhatAFileSays.K)))
        document = self.expect(FAILED, self.bare("tokens", "validate", file, "-o", "json")).json()
        self.assertEqual((3, []), (len(document["tokens"]), document["errors"]))
        one = self.folder / "one.txt"
        one.write_text(f"otpauth://totp/a?secret={WhatAFileSays.K[0]}\n")
        self.expect(FAILED, self.bare("tokens", "validate", one), "it has no serial number")
        self.expect(DONE, self.bare("tokens", "validate", one, "--serial", "4711"), "1 token can be imported")
        self.expect(DONE, self.bare("tokens", "code", one, "--serial", "4711"))
        self.expect_error(FAILED, self.bare("tokens", "validate", file, "--serial", "4711"), "3 of the file have no serial number")

    def test_columns_of_a_list_by_name(self):
        vendor, listed = self.folder / "vendor.csv", self.folder / "people.csv"
        vendor.write_text("".join(["serial number,secret key,time interval\n"] + [f"{n},{harness.mask(key)},30\n" for n, key in enumerate(WhatAFileSays.K, 1)]))
        listed.write_text("Wer;Welches\n" + "".join(f"p{n}@b.com;{n}\n" for n in (1, 2, 3)))
        self.expect_error(FAILED, self.bare("tokens", "validate", vendor, "--assign", listed))
        document = self.bare("tokens", "validate", vendor, "--assign", listed, "--map", "serial=Welches", "--map", "upn=Wer", "-o", "json").json()
        self.assertEqual(["p1@b.com", "p2@b.com", "p3@b.com"], [token["upn"] for token in document["tokens"]])
        for names in ("Token-Nr.;Mitarbeiter", "New serial;Owner", "Neue Seriennummer;Benutzerprinzipalname"):
            listed.write_text(names + "\n" + "".join(f"{n};p{n}@b.com\n" for n in (1, 2, 3)))
            self.expect(DONE, self.bare("tokens", "validate", vendor, "--assign", listed), "3 tokens have got a user")

    def test_several_exports_in_one_file(self):
        _, rejected, document = self.validated("migration-two-exports-id-0.txt", code=FAILED)  # they have no serial numbers
        self.assertEqual(40, len(document["tokens"]))
        self.assertEqual([], document["warnings"])

    def test_a_column_of_upns_whatever_it_is_called(self):
        taken, rejected, document = self.validated("misspelt-upn-header.csv", "--map", "serial=Token Identifier", code=PARTLY)
        self.assertEqual((["90001", "90003"], {"90002"}), (taken, set(rejected)))
        self.assertEqual("ada@contoso.com", document["tokens"][0]["upn"])
        two = self.folder / "two.csv"
        two.write_text((CASES / "misspelt-upn-header.csv").read_text().replace("Account Name", "Deputy").replace(",ada,", ",x@contoso.com,")
                       .replace(",bea,", ",y@contoso.com,").replace(",cid,", ",z@contoso.com,"))
        self.expect_error(FAILED, self.bare("tokens", "validate", two, "--map", "serial=Token Identifier"), "`User Principle Name` and `Deputy`",
                          "--map upn=")

    def test_small_secret_files_as_editors_save_them(self):
        key, word = "3a5b7c9d0e1f20314253647586970abc", "S3cret-pass"
        for text in ("\ufeff{}\r\n", "{} ", "\n {}\n\n", '"{}"', "'{}'\n", "{}\u00a0"):
            for encoding in ("utf-8", "utf-16", "utf-16-le"):
                for option, secret, file in (("--key-file", key, "pskc-aes128.xml"), ("--passphrase-file", word, "pskc-passphrase.xml")):
                    path = self.folder / "secret"
                    path.write_bytes(text.format(secret).encode(encoding))
                    path.chmod(0o600)
                    with self.subTest(text=text.replace("{}", "…"), encoding=encoding, option=option):
                        self.expect(DONE, self.bare("tokens", "validate", CASES / file, option, path), "2 tokens can be imported")
        self.expect(DONE, self.bare("tokens", "validate", CASES / "pskc-aes128.xml", "--key-file", CASES / "pskc-aes128.key-bom.txt"))
        self.expect(DONE, self.bare("tokens", "validate", CASES / "pskc-passphrase.xml", "--passphrase-file", CASES / "pskc-passphrase.bom.txt"))


class WhatAFileSays(EndToEnd):
    """Values judged wherever they stand."""
    SANDBOX = None
    K = ["2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN", "KBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "HRE25F347BOZCYDOHW7MFZG7TSKQAILB"]

    def read(self, text, *options):
        """Per serial number: what it was read as, or `refused`."""
        path = self.folder / "seeds"
        path.write_text(text.format(*[harness.mask(key) for key in self.K]) if "{0}" in text else text)
        document = self.bare("tokens", "validate", path, *options, "-o", "json").json()
        said = {token["serial"]: (token["type"], token["hash"], token["digits"], token["step"]) for token in document["tokens"]}
        return {**said, **{error["serial"]: error["field"] for error in document["errors"]}}

    def test_in_delimited_text(self):
        hotp = lambda said: said[0] == "hotp"
        head = "upn,serial number,secret key,time interval,manufacturer,model\n"
        self.assertTrue(hotp(self.read(head + "a@b.com,1,{0},30,F,c100 HOTP\n")["1"]))
        self.assertTrue(hotp(self.read(head + "a@b.com,1,{0},30,F,eToken PASS Event\n")["1"]))
        self.assertEqual("time interval", self.read(head + "a@b.com,1,{0},30,F,C200 60s\n")["1"])
        for options in (["--map", "serial=a", "--map", "secret=b", "--map", "interval=c"],):
            self.assertTrue(hotp(self.read("a;b;c;d\n1;{0};30;event-based\n2;{1};30;time-based\n", *options)["1"]))
        numbered = self.read("1;{0};30;8\n2;{1};30;6\n", "--map", "serial=1", "--map", "secret=2", "--map", "interval=3")
        self.assertEqual((8, 6), (numbered["1"][2], numbered["2"][2]))
        self.assertEqual("sha256", self.read("1,{0},HMAC-SHA256\n2,{1},\n", "--time-interval", "30")["1"][1])
        self.assertEqual("sha512", self.read("serial,seed,interval,F1\n1,{0},30,SHA-512\n")["1"][1])
        self.assertEqual(8, self.read("serial,seed,interval,F1\n1,{0},30,8 digits\n")["1"][2])
        self.assertEqual("ocra", self.read("serial,seed,interval,F1\n1,{0},30,OCRA-1:HOTP-SHA1-6:QN08\n")["1"][0])
        self.assertEqual("time interval", self.read("serial,seed,interval,refresh\n1,{0},30,60\n")["1"])
        self.assertEqual("type", self.read("serial,seed,interval,counter\n1,{0},30,5\n2,{1},30,0\n")["1"])
        ambiguous = harness.mask("AABBCCDDEE223344AABBCCDDEE223344")
        self.assertEqual(30, self.read("serial,seed,interval,encoding\n1," + ambiguous + ",30,hex\n")["1"][3])
        self.assertEqual("secret key", self.read("serial,seed,interval,encoding\n1," + ambiguous + ",30,hex\n", "--secret-encoding", "base32")["1"])
        self.assertEqual("totp", self.read("upn,serial,seed,interval,department\na@b.com,1,{0},30,Event Management\n")["1"][0])
        for name, value in (("HOTP", "yes"), ("event based", "true"), ("TOTP", "no")):
            self.assertNotEqual("totp", self.read("serial,seed,interval," + name + "\n1,{0},30," + value + "\n")["1"][0], name)
        # What has a column of its own must be understood, in rows that are sound otherwise, too.
        self.assertEqual("hash", self.read("upn,serial,seed,interval,algorithm\nfirst.last0001@contoso.com,1001,{0},30,3DES\n")["1001"])
        self.assertEqual("digits", self.read("upn,serial,seed,interval,digits\nfirst.last0001@contoso.com,1001,{0},30,many\n")["1001"])
        self.assertEqual(8, self.read("upn,serial,seed,interval,digits\nfirst.last0001@contoso.com,1001,{0},30,eight digits\n")["1001"][2])
        self.assertEqual("totp", self.read('serial,seed,interval\n="0001",="{0}",30\n')["0001"][0])

    def test_in_json_and_xml(self):
        for members, wanted in (({"type": "HOTP"}, "hotp"), ({"otpKind": "event based"}, "hotp"), ({"suite": "OCRA-1:HOTP-SHA1-6:QN08"}, "ocra"),
                                ({"x": {"mode": "TOTP"}}, "totp")):
            for whole in (lambda token: [token], lambda token: {"value": [token]}, lambda token: {"devices": [token]}):
                token = {"serialNumber": "1", "secretKey": self.K[0], "timeIntervalInSeconds": 30, "hashFunction": "hmacsha1", **members}
                self.assertEqual(wanted, self.read(json.dumps(whole(token)))["1"][0], members)
        token = {"serialNumber": "1", "secretKey": self.K[0], "timeIntervalInSeconds": 30}
        self.assertEqual("hotp", self.read(json.dumps({"type": "HOTP", "tokens": [token]}))["1"][0])
        late = self.folder / "late.json"
        late.write_text(json.dumps({"tokens": [token], "type": "HOTP"}))
        self.expect_error(FAILED, self.bare("tokens", "validate", late), "behind the list of tokens")
        self.assertEqual(8, self.read(json.dumps([{**token, "otpLength": 8}]))["1"][2])
        uri = f"otpauth://totp/C:a@b.com?secret={self.K[0]}&serial=7"
        self.assertEqual(("totp", "sha1", 6, 30), self.read(json.dumps({"items": [{"login": {"totp": uri}}]}))["7"])
        seed = "3132333435363738393031323334353637383930"
        for inside in ('<Token serial="1" type="HOTP"><Seed>{}</Seed></Token>', '<Token serial="1"><Mode>event</Mode><Seed>{}</Seed></Token>'):
            self.assertEqual("hotp", self.read("<Tokens>" + inside.format(seed) + "</Tokens>", "--time-interval", "30")["1"][0])
        self.assertEqual("hotp", self.read(f'<tokens type="hotp"><token><serial>1</serial><seed>{seed}</seed><interval>30</interval></token></tokens>')["1"][0])
        self.assertEqual("sha1", self.read("<Tokens><Token serial=\"1\"><Seed>//79/Pv6+fj39vX08/Lx8O/u7ew=</Seed></Token></Tokens>", "--time-interval", "30")["1"][1])
        unknown = self.folder / "unknown.xml"
        unknown.write_text('<?xml version="1.0"?><!-- x --><ns:TokenList xmlns:ns="u"/>')
        self.expect_error(FAILED, self.bare("tokens", "validate", unknown), "<ns:TokenList>")

    def test_keys_that_protect_nothing(self):
        for key, refused in (("JBSWY3DP", True), ("JBSWY3DPEHPK3PX", True), ("JBSWY3DPEHPK3PXP", False), ("A" * 32, True), ("0" * 40, True),
                             ("CEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIR", True), (self.K[0], False)):
            said = self.read(f"serial,seed,interval\n1,{harness.mask(key)},30\n2,{harness.mask(self.K[1])},30\n")["1"]
            self.assertEqual(refused, said == "secret key", key[:4])
        self.assertEqual("totp", self.read("serial,seed,interval\n1,JBSWY3DP,30\n", "--allow-short-keys")["1"][0])
        self.assertEqual("secret key", self.read("serial,seed,interval\n1,AAAAAAAA,30\n", "--allow-short-keys")["1"])

    def test_serial_numbers_that_are_alike_and_odd_names(self):
        file = self.folder / "alike.csv"
        file.write_text("upn,serial,seed,interval\n" + "".join(
            f"{upn},{serial},{harness.mask(key)},30\n" for upn, serial, key in (("a@b.com", "ab 12", self.K[0]), ("c@b.com", "AB12", self.K[1]),
                                                                                ("d@b.com", "007", self.K[2]), ("e@b.com", "7", self.K[0]))))
        self.expect(DONE, self.bare("tokens", "validate", file), "serial number of AB12", "of line 2 only in letter case", "of line 4 only in letter case",
                    "2 warnings")
        for upn, words in (("01234567-89ab-cdef-0123-456789abcdef", "object id"), ("ada\u2019s@b.com", "typographic quotation mark"),
                           ("ad\u200ba@b.com", "nobody sees"), ('"ada\n@b.com"', "a line break"), ("ada\0@b.com", "a NUL byte")):
            file.write_text(f"upn,serial,seed,interval\n{upn},1,{self.K[0]},30\n")
            self.expect(FAILED, self.bare("tokens", "validate", file), words, "0 tokens can be imported")
        digits = "1234" * 6
        file.write_text(f"serial,seed,interval\n{digits},x!,30\n")
        self.expect(FAILED, self.bare("tokens", "validate", file), absent=[digits])


class SameVerdict(EndToEnd):
    """validate and import agree."""
    SIGNED_IN = True

    def test_validate_ends_as_import_does(self):
        keys = WhatAFileSays.K
        for rows, code in (([("", "1", keys[0], "TOTP")], FAILED), ([("", "1", keys[0], "TOTP"), ("a@contoso.com", "2", keys[1], "TOTP")], PARTLY),
                           ([("a@contoso.com", "1", keys[0], "HOTP")], FAILED), ([("j\u00f6rg@contoso.com", "1", keys[0], "TOTP")], FAILED),
                           ([], FAILED)):
            file = self.folder / "seeds.csv"
            file.write_text("upn,serial number,secret key,time interval,type\n" + "".join(f"{u},{s},{harness.mask(k)},30,{t}\n" for u, s, k, t in rows))
            with self.subTest(rows=[(u, t) for u, _, _, t in rows]):
                self.expect(code, self.pk("tokens", "validate", file))
                self.expect(code, self.pk("tokens", "import", file, "--dry-run"))
        self.expect(DONE, self.pk("--backend", "graph", "tokens", "validate", self.vendor_file()), "1 token can be imported")

    def test_of_guests_and_of_too_many_tokens_of_one_user(self):
        guest = "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com"
        dice = harness.random.Random("verdict")
        user = "user.1.1@contoso.com"
        for users, code, importable in (([guest], FAILED, 0), ([guest, user], PARTLY, 1), ([user] * 5, DONE, 5), ([user] * 6, PARTLY, 5),
                                        ([user] * 8 + [guest], PARTLY, 5)):
            file = self.folder / "seeds.csv"
            file.write_text("upn,serial number,secret key,time interval\n" +
                            "".join(f"{upn},{n},{harness.mask(harness.new_key(dice))},30\n" for n, upn in enumerate(users)))
            with self.subTest(users=users):
                told = self.expect(code, self.pk("tokens", "validate", file), "1 token can be imported" if importable == 1 else f"{importable} tokens can be imported")
                self.expect(code, self.pk("tokens", "validate", file, "--against-tenant"), "1 token can be imported" if importable == 1 else f"{importable} tokens can be imported")
                self.expect(code, self.pk("tokens", "import", file, "--dry-run"), f"{importable} would import" if importable else "rejected")
                if guest in users:
                    self.assertIn("has the form of a guest's", told.out)
                    self.assertIn("--against-tenant asks Microsoft Graph", told.out)
                    warned = self.expect(code, self.pk("tokens", "validate", file, "-o", "json")).json()["warnings"]
                    self.assertEqual([guest], [one["upn"] for one in warned if "left out" in one["what"]])

    def vendor_file(self):
        file = self.folder / "vendor.csv"
        file.write_text(f"serial number,secret key,time interval\n1,{harness.mask(WhatAFileSays.K[0])},30\n")
        return file


if __name__ == "__main__":
    harness.main()
