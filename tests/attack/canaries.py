"""What is left of secrets in a run's memory when it ends, whatever answer it ended with. tests/e2e/canary_scan.c looks."""
import base64
import os

import world  # noqa: F401  puts the harness on the path
import harness
from spellings import bytes_of_key

SHIM = os.environ.get("PORTALKEY_CANARY_SCAN", "")


def environment(place):
    """For a run that is to be looked at; empty where it cannot be."""
    if not SHIM or world.sanitized():
        return {}
    place.canaries = [("a refresh token", b".AgABAwEAAAA")]  # what all of the sandbox's have in common
    for audience in (harness.PORTAL_RESOURCE, "https://vault.azure.net", "https://graph.microsoft.com", "https://management.azure.com"):
        text = '{"aud":"' + audience + '","iss":"https://sts.windows.net/'
        place.canaries.append(("an access token", base64.urlsafe_b64encode(text.encode()[:len(text) // 3 * 3])))
    for secret, name in place.secrets().items():
        if name != "token of somebody else":
            place.canaries.append((f"the {name}", secret.encode()))
            if (key := bytes_of_key(secret)) is not None:
                place.canaries.append((f"the bytes of the {name}", key))
    (place.folder / "canaries").write_text("".join(bytes(byte ^ 0x5A for byte in canary).hex() + "\n" for _, canary in place.canaries))
    (place.folder / "canary-report").unlink(missing_ok=True)
    return {"LD_PRELOAD": SHIM, "CANARY_FILE": place.folder / "canaries", "CANARY_REPORT": place.folder / "canary-report"}


def left(ran, place):
    """What it left, if it came to its end by itself."""
    if not place.canaries or ran.code is None or ran.code < 0:
        return
    report = place.folder / "canary-report"
    lines = report.read_text(errors="replace").splitlines() if report.exists() else []
    if not lines or not lines[-1].startswith("scanned "):
        yield "nobody could look at its memory"
    for line in lines[:-1]:
        index, mapping = line.split(" ")[:2]
        yield f"{place.canaries[int(index)][0]} was left in {mapping.rpartition('/')[2]}"
