#!/usr/bin/env python3
"""Measures imports and prints a section of docs/benchmarks.md; run.sh calls it: measure_import.py PROGRAM JOURNAL_BENCH SCRATCH

Activations against a sandbox whose every answer takes 50 ms more and which has no limit on activations; the journal with a network in
the same process that answers at once (import_journal.cc)."""
import base64
import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import threading
import time

TOKENS, LATENCY, IN_FLIGHT, ROUNDS = 10_000, 0.05, 64, 3
ENABLE = "/api/MultiFactorAuthentication/HardwareToken/enable"


def seeds(path):
    dice = random.Random("portalkey import bench")
    with open(path, "w", newline="") as file:
        file.write("upn,serial number,secret key,time interval,manufacturer,model\r\n")
        for n in range(TOKENS):
            key = base64.b32encode(dice.randbytes(20)).decode()
            file.write(f"user.{n}@contoso.com,{7000000 + n},{key},30,Contoso,C100\r\n")


class Sandbox:
    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, "sandbox", "run", "--dir", folder, "--auto-approve", "--upload-delay", "0",
                                         "--activation-limit", "0"], stdout=subprocess.PIPE, text=True)
        self.facts = json.loads(self.process.stdout.readline())

    def admin(self, method, path, content=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.facts["adminPort"])
        headers = {"X-Sandbox-Token": pathlib.Path(self.facts["adminTokenFile"]).read_text(), "Content-Type": "application/json"}
        connection.request(method, path, None if content is None else json.dumps(content), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {path}: {answer.status}")
        return json.loads(body)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measured(command):
    """CPU seconds, peak memory in MB and the most threads of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    threads = [0]

    def watch():
        while True:
            try:
                lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
                threads[0] = max([threads[0], *(int(line.split()[1]) for line in lines if line.startswith("Threads:"))])
            except OSError:
                return
            if process.returncode is not None:
                return
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    watcher.join()
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}: {said[-400:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, threads[0]


def activations(program, scratch, turn):
    sandbox = Sandbox(program, str(scratch / f"import-{turn}"))
    try:
        profile = scratch / f"import-{turn}.toml"
        profile.write_text(f'[profile.bench]\nsandbox = "{scratch}/import-{turn}"\n[profile.bench.limits]\nactivations = 0\n')
        before = [program, "--config", str(profile), "--profile", "bench"]
        subprocess.run([*before, "login", "--device-code"], check=True, capture_output=True)
        file = str(scratch / "import.csv")
        subprocess.run([*before, "tokens", "import", file, "--until", "uploaded"], check=True, capture_output=True)
        sandbox.admin("POST", "/faults", [{"kind": "latency", "milliseconds": int(LATENCY * 1000)}])
        sandbox.admin("DELETE", "/requests")
        cpu, memory, threads = measured([*before, "tokens", "import", file])
        times = [r["unixMilliseconds"] / 1000 for r in sandbox.admin("GET", "/requests")["requests"] if r["path"] == ENABLE]
        if len(times) != TOKENS:
            sys.exit(f"{len(times)} activations instead of {TOKENS}")
        return TOKENS / (max(times) - min(times) + LATENCY), cpu, memory, threads
    finally:
        sandbox.stop()


def row(what, value, target="", met=None):
    print(f"| {what} | {value} | {target} | {'' if met is None else 'yes' if met else '**no**'} |")


def main():
    program, journal, scratch = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    seeds(scratch / "import.csv")
    runs = [activations(program, scratch, turn) for turn in range(ROUNDS)]
    rate, cpu, memory, threads = (statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs),
                                  max(r[2] for r in runs), max(r[3] for r in runs))
    most = IN_FLIGHT / LATENCY
    print("| | measured | target | met |\n|---|---|---|---|")
    row(f"{TOKENS:,} activations, {LATENCY * 1000:.0f} ms an answer", f"{rate:.0f} a second, {rate / most:.0%} of {most:.0f}",
        "at least 90%", rate / most >= 0.9)
    row("CPU of the whole import that activates them", f"{cpu:.1f} s, {cpu / TOKENS * 1e6:.0f} µs a token")
    row("its peak memory", f"{memory:.0f} MB", "under 64 MB", memory < 64)
    row("its threads", threads, "at most 4", threads <= 4)

    cost = {}
    for count in (100_000, 1_000_000):
        answers = [json.loads(subprocess.run([journal, str(count), str(scratch / "journal")], check=True, capture_output=True,
                                             text=True).stdout) for _ in range(ROUNDS)]
        cost[count] = statistics.median(a["seconds"] for a in answers) / count
        best = answers[-1]
        parts = ", ".join(f"{name} {best[name] / best['seconds']:.0%}" for name in ("journaling", "importing"))
        row(f"journal: {count:,} tokens from file to active", f"{1 / cost[count]:,.0f} tokens a second ({parts}), peak {best['memory']} MB")
    growth = cost[1_000_000] / cost[100_000]
    row("cost of a token at 1,000,000, to that at 100,000", f"{growth:.2f}", "at most 1.15", growth <= 1.15)


if __name__ == "__main__":
    main()
