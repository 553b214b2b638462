"""Microsoft's JavaScript clients, on Debian's own node: the files in sdk/."""
import json
import sys

import contract

FILES = ["identity", "keyvault_secrets", "msal_node"]


def run(part):
    env = {
        "NODE_EXTRA_CA_CERTS": part.ca,
        "CONTRACT_SANDBOX": str(part.sandbox.folder / "sandbox.json"),
        "CONTRACT_FOLDER": str(part.folder),
    }
    for name in FILES:
        ran = part.run("node", contract.HERE / "sdk" / f"{name}.mjs", env=env)
        lines = [line for line in ran.out.splitlines() if line]
        for line in lines:
            part.record(**json.loads(line))
        if ran.code != 0 or not lines:
            part.record(client="node", version="", operation=f"sdk/{name}.mjs runs to its end", result="failed", detail=str(ran))


if __name__ == "__main__":
    contract.main("sdk", run)
    sys.exit(0)
