"""Every fault the sandbox knows, once, at every step of a token's way; each cell must end with each token where it belongs, once.

docs/reliability.md shows the outcomes. `test_fault_matrix.py --write` writes them there; with PORTALKEY_LONG=1 also of requests that are
never answered, which take a minute each."""
import concurrent.futures
import pathlib
import sys
import unittest

import harness
from harness import DONE, LONG, ROOT, EndToEnd, seed_rows, write_seeds

KINDS = {"slow": dict(kind="latency", milliseconds=1500), "429": dict(kind="429", retryAfter=1), "429, no Retry-After": dict(kind="429-no-retry-after"),
         "500": dict(kind="500"), "502": dict(kind="502"), "503": dict(kind="503"), "lost request": dict(kind="reset-before"),
         "lost answer": dict(kind="reset-after-effect"), "torn answer": dict(kind="reset-in-body"),
         "dripping answer": dict(kind="slow-body", milliseconds=1500), "no answer": dict(kind="hang")}
STEPS = {
    "portal": {
        "sign in": dict(host="login", path="/token"),
        "read the refresh token": dict(host="vault", method="GET", path="/secrets/"),
        "store its successor": dict(host="vault", method="PUT", path="/secrets/"),
        "list tokens": dict(host="portal", path="hardwaretoken/users"),
        "upload": dict(host="portal", path="hardwaretoken/upload"),
        "wait for the upload": dict(host="portal", path="hardwaretoken/listuploads"),
        "activate": dict(host="portal", path="hardwaretoken/enable"),
        "remove": dict(host="portal", path="hardwaretoken/remove"),
    },
    "graph": {
        "sign in": dict(host="login", path="/token"),
        "list tokens": dict(host="graph", method="GET", path="hardwareoathdevices"),
        "look users up": dict(host="graph", method="GET", path="/users"),
        "create": dict(host="graph", path="$batch"),
        "assign": dict(host="graph", method="POST", path="hardwareoathmethods"),
        "activate": dict(host="graph", path="/activate"),
        "unassign": dict(host="graph", method="DELETE", path="hardwareoathmethods/"),
        "remove": dict(host="graph", method="DELETE", path="hardwareoathdevices/"),
    },
}
DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- fault matrix: written by tests/e2e/test_fault_matrix.py --write -->\n", "<!-- end of fault matrix -->\n"


class Row(EndToEnd):
    """One step's cells, in a sandbox of their own."""
    SIGNED_IN = True
    backend, step, kinds = "portal", "", ()

    def runTest(self):
        self.outcomes = {}
        if self.backend == "graph":
            self.grant_graph_rights()
        for n, kind in enumerate(self.kinds):
            with self.subTest(step=self.step, kind=kind):
                self.outcomes[kind] = self.cell(n + 1, kind)

    def on(self, *args):
        return self.pk("--backend", self.backend, *args, timeout=240)

    def cell(self, n, kind):
        rows = seed_rows(2, seed=n)
        serials = {row["serial number"] for row in rows}
        file = write_seeds(self.folder / "tokens.csv", rows)
        vendors = self.folder / "vendors.csv"
        vendors.write_text("serial number,secret key,time interval\n" + "".join(
            f"{row['serial number']},{row['secret key']},30\n" for row in rows))
        people = self.folder / "people.csv"
        people.write_text("serial number,upn\n" + "".join(f"{row['serial number']},{row['upn']}\n" for row in rows))
        command = ("tokens", "import", file)
        if self.step == "assign":
            self.expect(DONE, self.on("tokens", "import", vendors))
            command = ("tokens", "assign", "--list", people)
        if self.step in ("remove", "unassign"):
            self.expect(DONE, self.on("tokens", "import", file))
            command = ("tokens", self.step, *(("--list", people)))
            command += ("--yes",)
        (rule,) = self.sandbox.fault(dict(STEPS[self.backend][self.step], **KINDS[kind], times=1))
        ran, runs = self.on(*command), 1
        hits = sum(one["hits"] for one in self.sandbox.admin("GET", "/faults")["faults"] if one["id"] == rule)
        self.sandbox.no_faults()
        self.assertEqual(1, hits, f"the fault was not met:\n{ran}")
        while ran.code != DONE and runs < 2:
            self.assertIn("what to do", ran.err + ran.out.lower(), "it does not say what to do")
            job = self.on("jobs", "list", "-o", "json").json()[0]
            ran, runs = self.on("jobs", "resume", job["id"]), runs + 1
        self.expect(DONE, ran)
        there = [one for one in self.sandbox.tokens() if one["serialNumber"] in serials]
        if self.step == "remove":
            self.assertEqual([], there)
        else:
            self.assertEqual(serials, {one["serialNumber"] for one in there})
            self.assertEqual(2, len(there), "a token was made twice")
        if self.step not in ("remove", "assign", "unassign"):
            self.assertTrue(all(one["enabled"] for one in there))
        return "done" if runs == 1 else "done when resumed"


def run_matrix(kinds):
    """Returns outcomes by (backend, step, kind), and what failed."""
    rows = []
    for backend, steps in STEPS.items():
        for step in steps:
            row = Row()
            row.backend, row.step, row.kinds = backend, step, kinds
            rows.append(row)
    result = unittest.TestResult()  # its lists only grow
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda row: row.run(result), rows))
    outcomes = {(row.backend, row.step, kind): row.outcomes.get(kind, "failed") for row in rows if hasattr(row, "outcomes") for kind in kinds}
    return outcomes, "".join(text for _, text in result.failures + result.errors)


def table(outcomes, kinds):
    lines = ["| step | " + " | ".join(kinds) + " |", "| --- |" + " --- |" * len(kinds)]
    for backend, steps in STEPS.items():
        for step in steps:
            lines.append(f"| `{backend}`: {step} | " + " | ".join(outcomes[backend, step, kind] for kind in kinds) + " |")
    return "\n".join(lines) + "\n"


class FaultMatrix(unittest.TestCase):
    def test_each_fault_at_each_step(self):
        kinds = [kind for kind in KINDS if LONG or kind != "no answer"]
        outcomes, failed = run_matrix(kinds)
        self.assertEqual("", failed)
        text = DOCUMENT.read_text()
        lines = text[text.index(BEGIN) + len(BEGIN):text.index(END)].splitlines()
        names = [cell.strip() for cell in lines[0].split("|")[2:-1]]
        documented = {}
        for line in lines[2:]:
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            backend, step = cells[0].replace("`", "").split(": ")
            documented.update({(backend, step, name): cell for name, cell in zip(names, cells[1:])})
        self.assertEqual({cell: documented.get(cell) for cell in outcomes}, outcomes, "docs/reliability.md tells other outcomes: --write")


def write():
    outcomes, failed = run_matrix(list(KINDS))
    if failed:
        sys.exit(failed)
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(text[:text.index(BEGIN) + len(BEGIN)] + table(outcomes, list(KINDS)) + text[text.index(END):])


if __name__ == "__main__":
    write() if sys.argv[1:] == ["--write"] else harness.main()
