"""Microsoft's JavaScript clients, on Debian's own node: the files in sdk/."""
import json
import sys

import contract

FILES = ["identity", "msal_node", "keyvault_secrets", "arm", "graph"]


def make_certificates(part):
    """`certificate.pem`, `both.pem` (with the key), and another pair."""
    for prefix in ("", "other-"):
        key, certificate, both = (part.folder / f"{prefix}{name}.pem" for name in ("key", "certificate", "both"))
        made = part.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=contract", "-days", "30", "-keyout", key,
                        "-out", certificate)
        assert made.code == 0, made
        both.touch(0o600)
        both.write_text(key.read_text() + certificate.read_text())


def environment(part):
    return {
        "NODE_EXTRA_CA_CERTS": part.ca,
        "CONTRACT_SANDBOX": str(part.sandbox.folder / "sandbox.json"),
        "CONTRACT_FOLDER": str(part.folder),
    }


def run_file(part, node, file, env):
    ran = part.run(node, file, env=env)
    lines = [line for line in ran.out.splitlines() if line]
    for line in lines:
        part.record(**json.loads(line))
    if ran.code != 0 or not lines:
        part.record(client="node", version="", operation=f"{file.parent.name}/{file.name} runs to its end", result="failed", detail=str(ran))


def run(part):
    make_certificates(part)
    env = environment(part)
    for name in FILES:
        run_file(part, "node", contract.HERE / "sdk" / f"{name}.mjs", env)


if __name__ == "__main__":
    contract.main("sdk", run, "--imds", "169.254.169.254:80", "--arc-tokens", "/var/opt/azcmagent/tokens")
    sys.exit(0)
