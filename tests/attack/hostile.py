"""What an attacker would write: addresses that seem to lead home, texts that do more than being read, ids that are paths, bodies that are
none. Tables, by name."""
import functools
import gzip
import json
import urllib.parse
import zlib

EVIL = "evil.example"
MARK = "evilmark"  # in every hostile address and id: no request may carry it


def addresses(home, path):
    """`home` is the host the answer came from, `path` where it would be right to go on. Those that end in `home` are allowed to be asked
    for: there is nothing wrong with them but their spelling."""
    path = path.partition("?")[0]
    marked = f"{path}?{MARK}=1"
    wide = home.replace(".", "\u3002")
    table = {
        "backslash and at": f"https://{home}\\@{EVIL}{marked}",
        "at": f"https://{home}@{EVIL}{marked}",
        "colon, then at": f"https://{home}:443@{EVIL}{marked}",
        "evil first, then backslash": f"https://{EVIL}\\@{home}{marked}",
        "evil first, then slash in user": f"https://{EVIL}%2f@{home}{marked}",
        "user and password": f"https://user:password@{home}{marked}",
        "NUL": f"https://{home}\0.{EVIL}{marked}",
        "NUL in the path": f"https://{home}{path}\0?{MARK}=1",
        "NUL after evil": f"https://{EVIL}\0.{home}{marked}",
        "CRLF": f"https://{home}\r\nHost: {EVIL}{marked}",
        "CRLF in the path": f"https://{home}{path}?{MARK}=1 HTTP/1.1\r\nHost: {EVIL}\r\nX: ",
        "line feed": f"https://{home}\n.{EVIL}{marked}",
        "tab inside": f"https://{home[:5]}\t{home[5:]}{marked}",
        "blank before": f" https://{home}{marked}",
        "blank inside": f"https://{home} .{EVIL}{marked}",
        "DEL": f"https://{home}\x7f.{EVIL}{marked}",
        "another port": f"https://{home}:8443{marked}",
        "port 0": f"https://{home}:0{marked}",
        "port out of range": f"https://{home}:65979{marked}",
        "http": f"http://{home}{marked}",
        "ftp": f"ftp://{home}{marked}",
        "file": f"file:///etc/passwd?{MARK}",
        "gopher": f"gopher://{home}{marked}",
        "no scheme": f"{home}{marked}",
        "two slashes": f"//{EVIL}{marked}",
        "slash and backslash": f"/\\{EVIL}{marked}",
        "backslashes": f"https:\\\\{EVIL}\\{MARK}",
        "backslash after the scheme": f"https:/\\{EVIL}{marked}",
        "three slashes": f"https:///{EVIL}{marked}",
        "one slash": f"https:/{EVIL}{marked}",
        "no slash": f"https:{EVIL}{marked}",
        "evil": f"https://{EVIL}{marked}",
        "evil with home as path": f"https://{EVIL}/{home}{marked}",
        "evil with home in the fragment": f"https://{EVIL}#{home}{marked}",
        "evil with home in the query": f"https://{EVIL}?{home}{marked}",
        "evil behind home": f"https://{home}.{EVIL}{marked}",
        "evil before home": f"https://evil{home}{marked}",
        "below home": f"https://evil.{home}{marked}",
        "home without a dot": f"https://{home.replace('.', '', 1)}{marked}",
        "ideographic full stops": f"https://{wide}{marked}",
        "full-width letters": f"https://{''.join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in home)}{marked}",
        "cyrillic letter": f"https://{home.replace('o', chr(0x43E), 1)}{marked}",
        "soft hyphen": f"https://{home[:3]}\u00ad{home[3:]}{marked}",
        "zero width": f"https://{home[:3]}\u200b{home[3:]}{marked}",
        "right to left": f"https://\u202e{home}{marked}",
        "trailing dot": f"https://{home}.{marked}",
        "percent-encoded dot": f"https://{home.replace('.', '%2e')}{marked}",
        "percent-encoded slash": f"https://{home}%2f.{EVIL}{marked}",
        "percent-encoded NUL": f"https://{home}%00.{EVIL}{marked}",
        "loopback": f"https://127.0.0.1{marked}",
        "metadata service": f"https://169.254.169.254{marked}",
        "loopback, version 6": f"https://[::1]{marked}",
        "mapped address": f"https://[::ffff:127.0.0.1]{marked}",
        "zone": f"https://[fe80::1%25eth0]{marked}",
        "decimal address": f"https://2130706433{marked}",
        "hexadecimal address": f"https://0x7f.1{marked}",
        "very long": f"https://{home}{path}?{MARK}=" + "x" * 300_000,
        "very long name": f"https://{'x' * 70_000}.{home}{marked}",
        "empty": "",
        "only a scheme": "https://",
        "another resource": f"https://{home}/{MARK}/servicePrincipals",
        "another resource below": f"https://{home}{path}/../../{MARK}",
        "another resource, percent-encoded": f"https://{home}{path}/%2e%2e/%2e%2e/{MARK}",
        "a path only": f"/{MARK}/users",
        "dots only": f"../../{MARK}",
    }
    for name, host in (("sign-in", "login.microsoftonline.com"), ("Graph", "graph.microsoft.com"), ("Resource Manager", "management.azure.com"),
                       ("portal", "main.iam.ad.ext.azure.com"), ("another vault", "other-kv.vault.azure.net"),
                       ("another cloud", "graph.microsoft.us"), ("sign-in, old name", "login.windows.net")):
        if host != home:
            table[f"{name} of the cloud"] = f"https://{host}{marked}"
    return table


LONG = "A" * (1 << 20)
FORGED = "FORGED: everything is done"
TEXTS = {
    "title and colours": "\x1b]0;owned\x07\x1b[2J\x1b[1;31mred",
    "cursor up": f"\x1b[A\x1b[2K{FORGED}",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "paste": "\x1b[200~rm -rf ~\x1b[201~\x08\x08\x7f",
    "C1": "\x9b31m\x9d0;owned\x9c\x90x",
    "right to left": "\u202etxt.exe\u2066a\u2069\u200f\u061c",
    "NUL": "a\0b",
    "line feed": f"a\n{FORGED}\nb",
    "carriage return": f"a\r{FORGED}\rb",
    "both": f"a\r\n{FORGED}\r\nb",
    "other line ends": f"a\u2028{FORGED}\u2029b\u0085{FORGED}\x0b\x0c",
    "surrogate": "\ud800\udfff\udc00",
    "one megabyte": LONG,
    "long without a blank, escaped": "\x1b" * 50_000,
    "formula": "=HYPERLINK(\"https://evil.example\",\"open\")",
    "formula with a tab": "\t@SUM(1+9)*cmd|' /C calc'!A0",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "braces": "{}{0}{:>1000000000}%s%n%1$s",
    "empty": "",
    "looks like JSON": '","active":true,"x":"',
}
BAD_UTF8 = b"\xff\xfe\xc0\xaf\xf0\x82\x82\xac\xed\xa0\x80"
VALUES = {
    "null": None, "true": True, "false": False, "a number": 7, "minus one": -1, "a large number": 9223372036854775807,
    "too large": 18446744073709551616, "huge": 10 ** 400, "a fraction": 0.5, "a list": [], "a list of texts": ["x", "y"],
    "a list of lists": [[[[]]]], "an object": {}, "nested": {"value": {"value": [{}]}}, "left out": Ellipsis,
}
IDS = {
    "up": f"../../{MARK}", "percent-encoded up": f"%2e%2e/%2e%2e/{MARK}", "encoded slash": f"..%2f..%2f{MARK}", "question mark": f"a?{MARK}=1",
    "fragment": f"a#{MARK}", "backslash": f"..\\{MARK}", "slash": f"a/{MARK}", "semicolon": f"a;{MARK}", "quote": f"a'){MARK}", "blank": f"a {MARK}",
    "CRLF": f"a\r\nX-Evil: {MARK}", "NUL": f"a\0{MARK}", "address": f"https://evil.example/{MARK}", "two slashes": f"//evil.example/{MARK}",
    "at": f"@evil.example/{MARK}", "very long": MARK + "a" * 100_000, "dot": ".", "dots": "..", "empty": "", "wide": f"\uff0e\uff0e\uff0f{MARK}",
}
STATUSES = (100, 200, 201, 202, 204, 206, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 429, 500, 501, 502,
            503, 504, 511, 599, 600, 999)
PAUSES = ("999999999", "99999999999999999999", "-1", "1e99", "NaN", "", "0", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "3600",
          "1;2", "\x0130", "0x10")
DATES = ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", "Wed, 01 Jan 2070 00:00:00 GMT",
         "yesterday", "", "Fri, 31 Dec 99999999 23:59:59 GMT", "Mon, 99 Foo 2026 99:99:99 GMT", "1", "\x1b[2J", "Tue, 29 Feb 2023 24:60:61 GMT")


ALSO_AS_ERRORS = ("a page", "plain text", "empty", "half of it", "100,000 lists deep", "300 MB of zeros, compressed")


@functools.cache
def zeros():
    """300 MB of them in 300 kB."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()


def bodies(answer):
    """Name → what makes (body, headers). `answer` is the true one."""
    body = answer.body or b"{}"
    json_type = {"Content-Type": "application/json"}
    half = {"Content-Type": answer.header("content-type") or "application/json"}
    return {
        "empty": lambda: (b"", json_type),
        "null": lambda: (b"null", json_type),
        "a list": lambda: (b"[]", json_type),
        "a text": lambda: (b'"x"', json_type),
        "a number": lambda: (b"1", json_type),
        "an empty object": lambda: (b"{}", json_type),
        "a page": lambda: (b"<html><head><title>Sign in to the network</title></head><body>\x1b[31m" + b"x" * 5000 + b"</body></html>",
                           {"Content-Type": "text/html"}),
        "plain text": lambda: (b"\x1b]0;owned\x07 no \xff\xfe\0", {"Content-Type": "text/plain"}),
        "XML": lambda: (b"<?xml version='1.0'?><Error><Code>X</Code></Error>", {"Content-Type": "application/xml"}),
        "no type": lambda: (body, {"Content-Type": ""}),
        "half of it": lambda: (body[:len(body) // 2], half),
        "without its last byte": lambda: (body[:-1], half),
        "with something behind it": lambda: (body + b"}{]", half),
        "twice": lambda: (body + body, half),
        "with a mark before it": lambda: (b"\xef\xbb\xbf" + body, half),
        "UTF-16": lambda: (body.decode("utf-8", "replace").encode("utf-16"), half),
        "doubled members": lambda: (b'{"value":[],"id":"x","access_token":"x","refresh_token":"x","error":{"code":"x"},' + body.lstrip()[1:],
                                    json_type),
        "100,000 lists deep": lambda: (b"[" * 100_000 + b"]" * 100_000, json_type),
        "100,000 objects deep": lambda: (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, json_type),
        "5,000,000 lists, not closed": lambda: (b"[" * 5_000_000, json_type),
        "a million nothings": lambda: (b'{"value":[' + b"null," * 1_000_000 + b'null],"items":[]}', json_type),
        "a million objects": lambda: (b'{"value":[' + b"{}," * 1_000_000 + b"{}]}", json_type),
        "200,000 members": lambda: (b"{" + b",".join(b'"m%d":1' % n for n in range(200_000)) + b"}", json_type),
        "a number of a million digits": lambda: (b'{"value":' + b"9" * 1_000_000 + b"}", json_type),
        "an exponent": lambda: (b'{"expires_in":1e999999999,"value":1e-999999999}', json_type),
        "NaN": lambda: (b'{"expires_in":NaN,"value":Infinity}', json_type),
        "compressed": lambda: (gzip.compress(body), half | {"Content-Encoding": "gzip"}),
        "said to be compressed": lambda: (body, half | {"Content-Encoding": "gzip"}),
        "compressed by an unknown way": lambda: (body, half | {"Content-Encoding": "evil"}),
        "compressed eight times over": lambda: (body, half | {"Content-Encoding": ", ".join(["gzip"] * 8)}),
        "300 MB of zeros, compressed": lambda: (zeros(), json_type | {"Content-Encoding": "gzip"}),
    }


def chunk(data):
    return b"%x\r\n" % len(data) + data + b"\r\n"


def wires(answer):
    """Name → what is sent instead of an answer, in pieces; the connection is closed behind it. Each is a generator made anew."""
    body = answer.body or b"{}"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    def endless(first, piece, most):
        yield first
        for _ in range(most // len(piece)):
            yield piece

    return {
        "nothing": lambda: [b""],
        "no HTTP": lambda: [b"\x00\x01\x02 hello\r\n\r\n"],
        "HTTP/0.9": lambda: [body],
        "HTTP/9.9": lambda: [b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
        "a status of five digits": lambda: [b"HTTP/1.1 20000 OK\r\nContent-Length: 2\r\n\r\n{}"],
        "a negative status": lambda: [b"HTTP/1.1 -20 OK\r\nContent-Length: 2\r\n\r\n{}"],
        "escapes in the status line": lambda: [b"HTTP/1.1 400 \x1b]0;owned\x07\x1b[31m\r\nContent-Length: 2\r\n\r\n{}"],
        "longer than it says": lambda: [head + b"Content-Length: 2\r\n\r\n" + body],
        "shorter than it says": lambda: [head + b"Content-Length: 999999999\r\n\r\n" + body],
        "two lengths": lambda: [head + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n" + body],
        "a negative length": lambda: [head + b"Content-Length: -1\r\n\r\n" + body],
        "a length past all bounds": lambda: [head + b"Content-Length: 99999999999999999999999\r\n\r\n" + body],
        "broken chunks": lambda: [head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body],
        "a chunk past all bounds": lambda: [head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + body],
        "an end that never comes": lambda: endless(head + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b" " * (1 << 20)), 200 << 20),
        "a header line of 1 MB": lambda: [head + b"X: " + b"x" * (1 << 20) + b"\r\nContent-Length: 2\r\n\r\n{}"],
        "100,000 header lines": lambda: [head + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"Content-Length: 2\r\n\r\n{}"],
        "headers without end": lambda: endless(head, b"X-Evil: " + b"y" * 1000 + b"\r\n", 150 << 20),
        "a header without a colon": lambda: [head + b"evil\r\n: x\r\n \r\n\tx\r\nContent-Length: 2\r\n\r\n{}"],
        "NUL in a header": lambda: [head + b"X-Evil: a\0b\r\nLoc\0ation: x\r\nContent-Length: 2\r\n\r\n{}"],
        "interim answers without end": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 20 << 20),
        "another protocol": lambda: [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\nConnection: Upgrade\r\n\r\nevil"],
        "two answers": lambda: [head + b"Content-Length: 2\r\n\r\n{}" + head + b"Content-Length: 2\r\n\r\n{}"],
    }


def with_bad_utf8(tree):
    """JSON of a tree in which the text BADUTF8 stands where the bytes are to be."""
    return json.dumps(tree).encode().replace(b"BADUTF8", BAD_UTF8)


def challenge(address):
    return f'Bearer authorization="{urllib.parse.quote(address, safe=":/?&=#@%[]")}", resource="https://vault.azure.net"'
