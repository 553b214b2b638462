"""A secret as it is, and as it may be hidden in something; and the search for secrets in whatever a run left."""
import base64
import urllib.parse


def bytes_of_key(text):
    """The bytes that a base32 key stands for; None if it is none."""
    if len(text) < 16 or not set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        return None
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None


def spellings(secret):
    """How a service, or an error on the way, might write it. By name."""
    text = secret.encode()
    out = {
        "as it is": secret,
        "in lower case": secret.lower(),
        "in upper case": secret.upper(),
        "base64": base64.b64encode(text).decode(),
        "base64url": base64.urlsafe_b64encode(text).decode().rstrip("="),
        "hex": text.hex(),
        "HEX": text.hex().upper(),
        "percent-encoded": "".join(f"%{byte:02X}" for byte in text),
        "as a form": urllib.parse.quote_plus(secret),
        "as JSON": "".join(f"\\u{ord(c):04x}" for c in secret),
        "in groups of four": " ".join(secret[at:at + 4] for at in range(0, len(secret), 4)),
    }
    if (key := bytes_of_key(secret)) is not None:
        out |= {"bytes in hex": key.hex(), "bytes in HEX": key.hex().upper(), "bytes in hex with colons": key.hex(":"),
                "bytes in base64": base64.b64encode(key).decode(), "bytes percent-encoded": "".join(f"%{b:02x}" for b in key)}
    return out


def parts(text, length=20):
    """Beginning, middle and end: what is left of a secret that was cut short."""
    if len(text) <= length * 2:
        return [text]
    middle = len(text) // 2
    return [text[:length], text[middle:middle + length], text[-length:]]


class Search:
    """For all of a run's secrets at once, letter case ignored."""

    def __init__(self, secrets):
        self.texts, self.raw = [], []
        for secret, name in sorted(secrets.items(), key=lambda item: "somebody else" in item[1]):  # their beginnings are alike
            if len(secret) < 12:
                continue
            for how, spelled in spellings(secret).items():
                for part in {one.lower() for one in parts(spelled)}:
                    if len(part) >= 12:
                        self.texts.append((part.encode(), f"the {name}, {how}"))
            if (key := bytes_of_key(secret)) is not None:
                self.raw.append((key, f"the bytes of the {name}"))

    def find(self, content):
        """What is in there; None if nothing is."""
        content = content if isinstance(content, bytes) else content.encode(errors="surrogateescape")
        for raw, name in self.raw:
            if raw in content:
                return name
        folded = content.lower()
        return next((name for part, name in self.texts if part in folded), None)
