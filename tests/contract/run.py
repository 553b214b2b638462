#!/usr/bin/env python3
"""The contract tests: Microsoft's own clients against the sandbox, and Microsoft's OpenAPI files against the traffic.

  run.py            all parts, then docs/fidelity.md is written if something changed
  run.py sdk ...    these parts only, and no page

Needs root (network namespaces) and what `./install.sh build test contract` installs.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import fidelity

HERE = pathlib.Path(__file__).resolve().parent
PARTS = ["az", "sdk", "newest", "published", "portalkey", "browser"]  # the longest first: two run at a time
ORDER = ["az", "sdk", "newest", "published", "portalkey", "browser"]  # of the page


def install_npm_packages(folder):
    """`npm ci`, unless what is there came from this lock file."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".portalkey-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    print(f"Installing the npm packages of {folder.relative_to(HERE.parent.parent)}/package-lock.json ...", flush=True)
    done = subprocess.run(["npm", "ci", "--no-fund", "--no-audit"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"npm ci failed:\n{done.stdout[-4000:]}")
    stamp.write_text(lock)


def run_part(name, node_usr, folder):
    began = time.monotonic()
    results, recording = folder / f"{name}.results", folder / f"{name}.recording"
    done = subprocess.run([HERE / "namespace.sh", node_usr, sys.executable, HERE / f"part_{name}.py", results, recording],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    if done.returncode != 0 or not lines:
        lines.append({"client": name, "version": "", "operation": "the part runs to its end", "result": "failed", "detail": done.stdout[-4000:]})
    print(f"{name}: {sum(line['result'] == 'ok' for line in lines)} of {len(lines)} operations, {time.monotonic() - began:.0f} s", flush=True)
    return lines


def validate(folder, parts):
    recordings = [f"{name}={folder / name}.recording" for name in parts if (folder / f"{name}.recording").exists()]
    done = subprocess.run(["node", HERE / "validate.cjs", *recordings], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return [{"client": "oav", "version": "", "operation": "the validator runs to its end", "result": "failed", "detail": done.stderr[-4000:]}]
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parts = sys.argv[1:] or PARTS
    if os.geteuid() != 0:
        sys.exit("error: the contract tests make network namespaces; run them as root")
    node_usr = subprocess.run([HERE / "node.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    install_npm_packages(HERE)
    install_npm_packages(HERE / "newest")
    keep = os.environ.get("CONTRACT_KEEP")  # a folder for results and recordings, to look at afterwards
    with tempfile.TemporaryDirectory(prefix="portalkey-contract-") as temporary:
        folder = pathlib.Path(keep or temporary)
        with concurrent.futures.ThreadPoolExecutor(2) as two:
            found = dict(zip(parts, two.map(lambda name: run_part(name, node_usr, folder), parts)))
        results = [line for name in ORDER if name in found for line in found[name]] + validate(folder, parts)
    failed = [line for line in results if line["result"] != "ok"]
    for line in failed:
        print(f"\nFAILED {line['client']} {line['version']}: {line['operation']}\n{line.get('detail', '')}")
    if parts == PARTS and fidelity.write(results):
        print("docs/fidelity.md has changed: look at it and commit it")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
