#!/usr/bin/env python3
"""An import through Microsoft Graph beside what people run today: a loop of az commands, and the same loop in Node. Prints rows for
docs/benchmarks.md; run.sh calls it where the production names lead to this machine:
tests/contract/namespace.sh "" python3 measure_import_loops.py PROGRAM SCRATCH"""
import base64
import os
import pathlib
import random
import resource
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
import harness  # noqa: E402

TOKENS, AZ_TOKENS, LATENCY_MS = 500, 25, 50


def seeds(path, count, first):
    dice = random.Random(f"portalkey import loops {first}")
    with open(path, "w", newline="") as file:
        file.write("upn,serial number,secret key,time interval,manufacturer,model\r\n")
        for n in range(first, first + count):
            file.write(f"loop.{n}@contoso.com,{n},{base64.b32encode(dice.randbytes(20)).decode()},30,Contoso,C100\r\n")
    return str(path)


def rights(sandbox):
    """An administrator grants the app registration what docs/backends.md names."""
    case = harness.EndToEnd()
    case.sandbox = sandbox
    case.grant_graph_rights()


def measured(command):
    """Wall and CPU seconds, those of its children included."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    ran = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode != 0:
        sys.exit(f"{command[0]} ended with {ran.returncode}: {ran.stderr[-600:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    program, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
    sandbox = harness.Sandbox(scratch / "loops", "--port", "443", "--auto-approve", "--activation-limit", "0")
    facts = sandbox.facts
    rights(sandbox)
    secret = pathlib.Path(facts["clientSecretFile"]).read_text().strip()
    os.environ.update(REQUESTS_CA_BUNDLE=facts["caFile"], NODE_EXTRA_CA_CERTS=facts["caFile"], AZURE_CONFIG_DIR=str(scratch / "azure"),
                      AZURE_CORE_COLLECT_TELEMETRY="no", AZURE_CORE_ONLY_SHOW_ERRORS="yes", HOME=str(scratch),
                      PYTHONPATH=str(HERE.parent / "tests" / "contract" / "debian_az"), AZURE_TENANT_ID=facts["tenantId"],
                      AZURE_CLIENT_ID=facts["clientId"], AZURE_CLIENT_SECRET=secret)
    subprocess.run(["az", "login", "--service-principal", "--username", facts["clientId"], f"--password={secret}", "--tenant",
                    facts["tenantId"]], stdout=subprocess.DEVNULL, check=True)
    profile = scratch / "loops.toml"
    profile.write_text(f'[profile.bench]\nsandbox = "{scratch}/loops"\nbackend = "graph"\n[profile.bench.limits]\nactivations = 0\n')
    sandbox.fault(kind="latency", milliseconds=LATENCY_MS)
    runs = {}
    for name, count, first, command in (
            ("az", AZ_TOKENS, 1000, [str(HERE / "import_loop_az.sh")]), ("Node", TOKENS, 2000, ["node", str(HERE / "import_loop_node.mjs")]),
            ("portalkey", TOKENS, 3000, [program, "--config", str(profile), "--profile", "bench", "tokens", "import"])):
        file = seeds(scratch / f"{name}.csv", count, first)
        wall, cpu = measured([*command, file, *([str(scratch)] if name == "az" else [])])
        active = sum(1 for one in sandbox.tokens() if one["enabled"] and first <= int(one["serialNumber"]) < first + count)
        if active != count:
            sys.exit(f"{name}: {active} of {count} tokens are active")
        runs[name] = wall / count, cpu / count
        print(f"| {name}: {count} tokens through Graph, {LATENCY_MS} ms an answer | {wall:.1f} s; a token: {wall / count * 1e3:.1f} ms, "
              f"{cpu / count * 1e3:.2f} ms CPU | | |")
    sandbox.stop()
    ours = runs["portalkey"]
    for name, which, what, target in (("az", 0, "wall clock of a token, to az", 20), ("Node", 0, "wall clock of a token, to Node", 20),
                                      ("az", 1, "CPU of a token, to az", 100), ("Node", 1, "CPU of a token, to Node", None)):
        got = runs[name][which] / ours[which]
        print(f"| {what} | 1/{got:.0f} | {f'at most 1/{target}' if target else ''} | {'' if not target else 'yes' if got >= target else '**no**'} |")


main()
