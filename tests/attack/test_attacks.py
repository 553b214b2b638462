"""The real program against a world that is against it: answers of an evil server, and files that somebody edited. What must hold is in
verdict.py; where the attacks come from, in kinds.py and edited_files.py.

    python3 test_attacks.py                    a sample, as ctest does
    python3 test_attacks.py --all              every attack (hours); --count N, --only PATTERN, --seed S, --minutes M, --workers W
    python3 test_attacks.py --client BINARY    another program under attack, as one built with sanitizers
    python3 test_attacks.py --write            also writes the table of outcomes into docs"""
import argparse
import collections
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
import unittest

import answers
import crew
import edited_files
import edited_rows
import kinds
import world
from harness import ROOT

SAMPLE, SEED = int(os.environ.get("PORTALKEY_ATTACKS", "120")), os.environ.get("PORTALKEY_ATTACK_SEED", "1")
DOCUMENTS = [ROOT / "docs" / "security.md", ROOT / "docs" / "security-attacks.md"]  # the first that has the place for it
BEGIN, END = "<!-- attacks:begin: written by tests/attack/test_attacks.py --write -->\n", "<!-- attacks:end -->\n"
SANITIZED = "<!-- attacks:sanitized -->"
SERVICES = ("login", "vault", "portal", "graph", "arm", "imds")
ENDS = {"refused": "ended with an error", "partly": "done in part", "done": "done", "waited": "waited until stopped"}
FILES = edited_files.ROWS | edited_rows.ROWS
OTHER_ACCOUNTS = ROOT / "tests" / "e2e" / "test_other_accounts.py"


def attack(count, seed, only="", workers=None, minutes=None, tell=None):
    """Returns how many attacks there are, and the outcomes of `count` of them (None: all; only then those that take minutes)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="portalkey-attack-"))
    try:
        world.make_pristine(folder / "pristine")
        every = answers.all_attacks(folder) + edited_files.all_attacks(folder) + edited_rows.all_attacks(folder)
        chosen = [one for one in every if re.search(only, f"{' | '.join(one.cell)} | {one.name}")]
        if count is not None:
            chosen = [one for one in chosen if not one.heavy]
        return len(every), crew.perform(crew.sample(chosen, len(chosen) if count is None else count, seed), folder, workers, minutes, tell)
    finally:
        shutil.rmtree(folder, True)


def report(outcome):
    return f"{' | '.join(outcome.cell)} | {outcome.name} → {outcome.end}: " + "; ".join(outcome.faults)


# The table

def counted(outcomes):
    cells = collections.defaultdict(collections.Counter)
    for one in outcomes:
        if one.end != "not met":
            cells[one.cell]["attacks"] += 1
            cells[one.cell][one.end] += 1
            cells[one.cell]["broken"] += bool(one.faults)
    return cells


def table(outcomes, total, seed):
    cells = counted(outcomes)
    number = lambda n: f"{n:,}" if n else "–"
    head = lambda *names: ["", f"| {' | '.join(names)} |", "| --- |" + " ---: |" * (len(names) - 1)]
    lines = [f"{sum(c['attacks'] for c in cells.values()):,} of the {total:,} attacks that the generator makes, chosen by seed {seed}.",
             *head("altered in an answer", *SERVICES, *ENDS.values(), "did not hold")]
    for kind, (what, _) in kinds.KINDS.items():
        row = [cells[service, kind] for service in SERVICES]
        lines.append(f"| {kind}: {what} | " + " | ".join(number(cell["attacks"]) for cell in row) + " | "
                     + " | ".join(number(sum(cell[end] for cell in row)) for end in [*ENDS, "broken"]) + " |")
    lines += head("altered in a file, before the next run", "attacks", *ENDS.values(), "did not hold")
    for scene, what in FILES.items():
        cell = cells["files", scene]
        lines.append(f"| {scene}: {what} | " + " | ".join(number(cell[name]) for name in ["attacks", *ENDS, "broken"]) + " |")
    if OTHER_ACCOUNTS.exists():
        tests = len(re.findall(r"^    def test_", OTHER_ACCOUNTS.read_text(), re.M))
        lines += ["", f"Folders and files of another account of the machine: {tests} tests of `tests/e2e/test_other_accounts.py`."]
    return "\n".join(lines) + "\n"


def document():
    return next((one for one in DOCUMENTS if one.exists() and BEGIN in one.read_text()), DOCUMENTS[-1])


def write(outcomes, total, seed, sanitized):
    page = document()
    text = page.read_text()
    before, inside, after = text[:text.index(BEGIN) + len(BEGIN)], text[text.index(BEGIN) + len(BEGIN):text.index(END)], text[text.index(END):]
    made, _, line = inside.partition(SANITIZED)
    if sanitized:
        cells = counted(outcomes).values()
        line = (f"\nUnder AddressSanitizer and UndefinedBehaviorSanitizer: {sum(c['attacks'] for c in cells):,} attacks, "
                f"{sum(c['broken'] for c in cells):,} did not hold.\n")
    else:
        made = table(outcomes, total, seed) + "\n"
    page.write_text(before + made + SANITIZED + line + after)


class Attacks(unittest.TestCase):
    def test_a_sample(self):
        total, outcomes = attack(SAMPLE, SEED)
        bad = [one for one in outcomes if one.faults]
        missed = [one for one in outcomes if one.end == "not met"]
        self.assertEqual([], bad, f"\n{len(bad)} of {len(outcomes)} attacks with seed {SEED} did not hold:\n" + "\n".join(map(report, bad))
                         + "\n\nthe first in full:\n" + (bad[0].shown if bad else ""))
        self.assertLess(len(missed), len(outcomes) // 20, "too many altered nothing, and show nothing: " + "; ".join(one.name for one in missed))
        ends = collections.Counter(one.end for one in outcomes)
        self.assertGreater(min(ends["refused"], ends["done"]), len(outcomes) // 20, f"an attack is refused, or does no harm: {ends}")

    def test_the_table_has_every_kind(self):
        text = document().read_text()
        inside = text[text.index(BEGIN):text.index(END)]
        for kind in [*kinds.KINDS, *FILES]:
            self.assertIn(f"| {kind}: ", inside, f"{document().name} lacks a row: --write")
        self.assertNotRegex(inside, r"\| [\d,]+ \|\n", f"{document().name} tells of attacks that did not hold")


def main():
    if len(sys.argv) == 1 or sys.argv[1] == "-v":
        unittest.main(verbosity=2)
        return
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--all", action="store_true")
    options.add_argument("--count", type=int, default=SAMPLE)
    options.add_argument("--only", default="")
    options.add_argument("--seed", default=SEED)
    options.add_argument("--minutes", type=float)
    options.add_argument("--workers", type=int)
    options.add_argument("--client")
    options.add_argument("--write", action="store_true")
    options.add_argument("--show", action="store_true", help="what was run and sent, of each that did not hold")
    given = options.parse_args()
    if given.client:
        world.CLIENT = os.path.abspath(given.client)
    began = time.monotonic()

    def tell(outcome, count):
        if outcome.faults:
            print(f"[{count}, {time.monotonic() - began:.0f} s] {report(outcome)}" + (f"\n{outcome.shown}" if given.show else ""), flush=True)

    total, outcomes = attack(None if given.all else given.count, given.seed, given.only, given.workers, given.minutes, tell)
    ends = collections.Counter(one.end for one in outcomes)
    bad = collections.Counter(one.cell for one in outcomes if one.faults)
    print(f"{len(outcomes):,} of {total:,} attacks in {time.monotonic() - began:.0f} s: {dict(ends)}; {sum(bad.values())} did not hold: {dict(bad)}")
    print("slowest: " + "; ".join(f"{one.seconds:.1f} s {one.name}" for one in sorted(outcomes, key=lambda one: -one.seconds)[:3]))
    print("not met: " + "; ".join(one.name for one in outcomes if one.end == "not met")[:2000])
    if given.write:
        write(outcomes, total, given.seed, world.sanitized())
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
