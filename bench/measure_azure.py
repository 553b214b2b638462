#!/usr/bin/env python3
"""portalkey beside the az CLI doing the same work against the same sandbox: an unattended run; `setup plan` and `doctor` beside the
commands that collect the same facts. Prints its part of docs/benchmarks.md. run.sh calls it where the production names lead to this
machine: tests/contract/namespace.sh "" python3 measure_azure.py PROGRAM SCRATCH ROUNDS"""
import os
import pathlib
import subprocess
import sys

from measure import HERE, SKUS, Table, in_turns, median, ratio

sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
from harness import Sandbox  # noqa: E402

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
GRAPH = "00000003-0000-0000-c000-000000000000"


def admin_graph(sandbox):
    """Calls Graph as the administrator."""
    sandbox.policy(nextApprover="admin@contoso.com")
    code = sandbox.login("devicecode", client_id=AZURE_CLI, scope="https://graph.microsoft.com/.default").json()
    token = sandbox.login("token", grant_type="urn:ietf:params:oauth:grant-type:device_code", client_id=AZURE_CLI,
                          device_code=code["device_code"]).json()["access_token"]

    def call(method, path, content=None):
        answer = sandbox.https(method, "graph.microsoft.com", "/v1.0" + path, content=content, bearer=token)
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {answer.body}")
        return answer.json()
    return call


def main():
    program, scratch, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    sandbox = Sandbox(scratch / "sandbox", "--port", "443", "--auto-approve", "--arm-polls", "0")
    facts = sandbox.facts
    client, vault = facts["clientId"], facts["vaultUrl"].removeprefix("https://").split(".")[0]
    sandbox.admin("POST", "/role-assignments", {"principal": client, "role": "Owner"})
    graph = admin_graph(sandbox)
    ours = graph("GET", f"/servicePrincipals(appId='{client}')")["id"]
    theirs = graph("GET", f"/servicePrincipals(appId='{GRAPH}')")
    role = next(r["id"] for r in theirs["appRoles"] if r["value"] == "Application.ReadWrite.All")
    graph("POST", f"/servicePrincipals/{theirs['id']}/appRoleAssignedTo",
          {"principalId": ours, "resourceId": theirs["id"], "appRoleId": role})

    os.environ.update(REQUESTS_CA_BUNDLE=facts["caFile"], AZURE_CONFIG_DIR=str(scratch / "azure"), AZURE_CORE_COLLECT_TELEMETRY="no",
                      AZURE_CORE_ONLY_SHOW_ERRORS="yes", HOME=str(scratch), PYTHONPATH=str(HERE.parent / "tests" / "contract" / "debian_az"))
    secret = pathlib.Path(facts["clientSecretFile"]).read_text().strip()
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    subprocess.run(["az", "login", "--service-principal", "--username", client, f"--password={secret}", "--tenant", facts["tenantId"]], **quiet)
    pk = [program, "--sandbox", facts["caFile"].rsplit("/", 1)[0]]
    subprocess.run([*pk, "login", "--device-code"], stderr=subprocess.DEVNULL, **quiet)

    table = Table()
    runs = in_turns({"portalkey": [*pk, "api", "GET", SKUS],
                     "az": [str(HERE / "unattended_az.sh"), facts["tenantId"], vault, facts["secretName"], str(scratch)]}, rounds)
    rows(table, runs, "one unattended run", "four `az` commands", wall=None, cpu=20)
    os.environ.update(AZURE_TENANT_ID=facts["tenantId"], AZURE_CLIENT_ID=client, AZURE_CLIENT_SECRET=secret)
    both = ["sh", "-c", '"$@" setup plan --location westeurope && "$@" doctor', "sh", *pk, "--credential", "client_secret"]
    runs = in_turns({"portalkey": both, "az": [str(HERE / "az_facts.sh"), "contoso-rg", vault, "portalkey", client]}, rounds)
    rows(table, runs, "`setup plan`, then `doctor`", "twelve `az` commands for the same facts", wall=10, cpu=20)
    sandbox.stop()
    print("\n".join(table.lines))


def rows(table, runs, ours, theirs, wall, cpu):
    for name, said in (("portalkey", ours), ("az", theirs)):
        r = runs[name]
        table.add(said, f"{median(r, 'wall') * 1e3:.0f} ms wall, {median(r, 'cpu') * 1e3:.0f} ms CPU")
    for what, target in (("wall", wall), ("cpu", cpu)):
        got = 1 / ratio(runs["portalkey"], runs["az"], what)
        table.add({"wall": "wall clock", "cpu": "CPU time"}[what] + ", to az", f"1/{got:.1f}", f"at most 1/{target}" if target else "",
                  got >= target if target else None)


main()
