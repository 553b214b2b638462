#!/usr/bin/env python3
"""Measures and prints docs/benchmarks.md; run.sh calls it: measure.py PROGRAM SCRATCH [--rounds N] [--az]

Whole processes, from before the fork to the exit. What is compared runs in turns, so that a busy moment of the machine meets
both; every figure is a median, and a ratio is the median of the turns' ratios."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SKUS = "/api/AccountSkus?backfillTenants=true"


class Run:
    """One process: seconds of wall clock and CPU (user and system, with children), peak resident memory in MB."""

    def __init__(self, command):
        start = time.perf_counter()
        with open(os.devnull, "r+b") as null:
            pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
                (os.POSIX_SPAWN_DUP2, null.fileno(), 0), (os.POSIX_SPAWN_DUP2, null.fileno(), 1)])
        _, status, usage = os.wait4(pid, 0)
        self.wall = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024 / 1e6
        if status != 0:
            sys.exit(f"{command} ended with status {status}")


def in_turns(commands, rounds):
    """{name: [Run, ...]}; one round before is not counted."""
    runs = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            run = Run(command)
            if turn > 0:
                runs[name].append(run)
    return runs


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def ratio(runs, yardstick, what):
    return statistics.median(getattr(a, what) / getattr(b, what) for a, b in zip(runs, yardstick))


def first_byte(program, sandbox, rounds):
    """Seconds from before the fork until a listener in the sandbox's place has the first byte (TLS ClientHello): no tracing, so
    nothing is slowed down, and the listener's own waking up counts against the program."""
    listener = socket.create_server(("127.0.0.1", 0))
    decoy = sandbox.parent / "decoy"
    shutil.copytree(sandbox, decoy)
    about = json.loads((decoy / "sandbox.json").read_text())
    about["port"] = listener.getsockname()[1]
    (decoy / "sandbox.json").write_text(json.dumps(about))
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        process = subprocess.Popen([program, "--sandbox", decoy, "api", "GET", SKUS], stdout=subprocess.DEVNULL)
        connection, _ = listener.accept()
        connection.recv(1)
        times.append(time.perf_counter() - start)
        process.kill()
        process.wait()
        connection.close()
    return times[1:]


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{model or platform.machine()}, {os.cpu_count()} CPUs, {memory:.0f} GiB, Linux {platform.release()}; "
            f"Python {platform.python_version()}, Node {first_line('node', '--version')}, "
            f"{' '.join(first_line('curl', '--version').split()[:2])}, {first_line('jq', '--version')}, "
            f"{first_line('pskctool', '--version')}")


class Table:
    def __init__(self):
        self.lines = ["| | measured | target | met |", "|---|---|---|---|"]

    def add(self, what, shown, target="", met=None):
        self.lines.append(f"| {what} | {shown} | {target} | {'' if met is None else 'yes' if met else '**no**'} |")


def measure_session(table, program, sandbox, rounds, with_az):
    commands = {"portalkey": [program, "--sandbox", str(sandbox), "api", "GET", SKUS],
                "script": [str(HERE / "unattended_run.sh"), str(sandbox)]}
    if with_az:
        commands["az"] = ["az", "version"]
    runs = in_turns(commands, rounds)
    ours, script = runs["portalkey"], runs["script"]
    for name, said in {"portalkey": "portalkey", "script": "bash + curl + jq", "az": "`az version` (start-up alone)"}.items():
        if name in runs:
            r = runs[name]
            table.add(said, f"{median(r, 'wall') * 1e3:.0f} ms wall, {median(r, 'cpu') * 1e3:.1f} ms CPU, "
                            f"peak {median(r, 'memory'):.0f} MB")
    wall = ratio(ours, script, "wall")
    table.add("wall clock, to bash + curl + jq", f"{wall:.2f} x", "at most 0.3 x", wall <= 0.3)
    if with_az:
        table.add("CPU time, to `az version`", f"1/{1 / ratio(ours, runs['az'], 'cpu'):.1f}")
    memory = max(run.memory for run in ours)
    table.add("peak memory, the most of all runs", f"{memory:.1f} MB", "under 25 MB", memory < 25)
    times = first_byte(program, sandbox, rounds)
    table.add("start to first byte sent", f"{statistics.median(times) * 1e3:.1f} ms (least {min(times) * 1e3:.1f})",
              "under 15 ms", statistics.median(times) < 0.015)


def add_ours(table, name, runs):
    table.add(name, f"{median(runs, 'wall') * 1e3:.0f} ms wall, {median(runs, 'cpu') * 1e3:.0f} ms CPU, "
                    f"peak {median(runs, 'memory'):.0f} MB")


def add_yardstick(table, name, runs, ours, most):
    """`most`: the part of the yardstick's wall clock that ours may take, as 1/most."""
    wall, cpu = ratio(ours, runs, "wall"), ratio(ours, runs, "cpu")
    table.add(name, f"{median(runs, 'wall'):.1f} s wall, {median(runs, 'cpu'):.1f} s CPU, peak {median(runs, 'memory'):.0f} MB; "
                    f"portalkey takes 1/{1 / wall:.1f} wall, 1/{1 / cpu:.1f} CPU", f"at most 1/{most} wall", wall <= 1 / most)


def measure_csv(table, program, scratch, rounds):
    rounds = max(3, rounds // 3)
    said = {"lean": "Python, lean", "same": "Python, the same checks", "node": "Node, csv-parse"}
    for order in ("ascending", "shuffled"):
        file = str(scratch / f"{order}.csv")
        yardsticks = {"lean": [sys.executable, str(HERE / "validate_csv_lean.py"), file],
                      "same": [sys.executable, str(HERE / "validate_csv.py"), file],
                      "node": ["node", str(HERE / "validate_csv.mjs"), file]}
        commands = {}
        for name, command in yardsticks.items():  # each has a run of ours just before it
            commands |= {f"before {name}": [program, "tokens", "validate", file], name: command}
        runs = in_turns(commands, rounds)
        add_ours(table, f"portalkey, serial numbers {order}", [run for name in yardsticks for run in runs[f"before {name}"]])
        for name, words in said.items():
            add_yardstick(table, f"{words}, {order}", runs[name], runs[f"before {name}"], 12)
    tenfold = str(scratch / "tenfold.csv")
    runs = in_turns({"one": [program, "tokens", "validate", str(scratch / "ascending.csv")],
                     "ten": [program, "tokens", "validate", tenfold]}, rounds)
    add_ours(table, "portalkey, 10,000,000 rows", runs["ten"])
    table.add("10,000,000 rows, to 1,000,000", f"{ratio(runs['ten'], runs['one'], 'wall'):.1f} times the wall clock")
    memory = max(run.memory for run in runs["ten"])
    table.add("peak memory, the most of all runs", f"{memory:.0f} MB", "at most 300 MB", memory <= 300)


def measure_pskc(table, program, scratch, rounds):
    file = str(scratch / "big.pskc")
    runs = in_turns({"portalkey": [program, "tokens", "validate", file],
                     "json": [program, "tokens", "validate", file, "-o", "json", "--reveal-secrets"],
                     "pskctool": ["pskctool", "--info", file],
                     "python": [sys.executable, str(HERE / "list_pskc.py"), file]}, max(3, rounds // 3))
    add_ours(table, "portalkey, checked", runs["portalkey"])
    add_ours(table, "portalkey, checked, and every key with its secret printed as JSON", runs["json"])
    for name, words in {"pskctool": "`pskctool --info`", "python": "Python, xml.etree"}.items():
        add_yardstick(table, words, runs[name], runs["portalkey"], 2)
        add_yardstick(table, f"{words}, to the printed JSON", runs[name], runs["json"], 2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("scratch", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--az", action="store_true")
    parser.add_argument("--only-files", action="store_true")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    load = os.getloadavg()[0]
    csv, pskc = Table(), Table()
    measure_csv(csv, program, options.scratch, options.rounds)
    measure_pskc(pskc, program, options.scratch, options.rounds)

    def circumstances():
        return f"Load before / after: {load:.1f} / {os.getloadavg()[0]:.1f}"

    files = f"""## A seed file of 1,000,000 rows

`portalkey tokens validate FILE` on 99 MB (`bench/make_big_csv.py`), beside two scripts: `bench/validate_csv_lean.py` splits,
decodes base32 and keeps a set of serial numbers; `bench/validate_csv.py` also checks UPNs and counts tokens per user, nearly what
portalkey checks. `bench/validate_csv.mjs` does what the lean one does, in Node with the package csv-parse. Before each of them
portalkey runs once, and is compared with that run.{
f" Measured on {datetime.date.today()}; {circumstances()}; {machine()}." if options.only_files else ""}

{chr(10).join(csv.lines)}

## A PSKC file of 100,000 keys

`portalkey tokens validate FILE` on 79 MB of plain keys (`bench/make_big_pskc.py`), beside Debian's `pskctool --info`, which
prints every key with its secret, and `bench/list_pskc.py`, which finds serial number, secret, algorithm, digits and interval of
every key with Python's xml.etree and prints them. Measured together with the rows above.

{chr(10).join(pskc.lines)}"""
    if options.only_files:
        print(files)
        return
    session = Table()
    measure_session(session, program, options.scratch / "sandbox", options.rounds, options.az)
    print(f"""# Benchmarks

Written by `bench/run.sh{' --with-az' if options.az else ''}` on {datetime.date.today()}; do not edit. {first_line(program, '--version')}.

Machine: {machine()}. {circumstances()} (over the number of CPUs, wall clock says little).

Whole processes, from before the fork to the exit; what is compared runs in turns; medians of {options.rounds} rounds (of \
{max(3, options.rounds // 3)} for the file), ratios are medians of the rounds' ratios. Nothing is claimed beyond this machine.

## One unattended run

Open the vault, get the refresh token, redeem it, store its successor, one API call: `portalkey api GET '{SKUS}'`
against the sandbox, beside `bench/unattended_run.sh`, which sends the same five requests. The first byte is timed by a listener
in the sandbox's place.

{chr(10).join(session.lines)}

{files}""")


if __name__ == "__main__":
    main()
