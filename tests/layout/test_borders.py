"""Every include of src/ is one that the table in docs/architecture.md allows, and the table has no circle.

Run alone: python3 tests/layout/test_borders.py. A folder may include itself, what its row names, and what those may include
in turn.
"""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (`src/[^|]*`) \| [^|]+ \| ([^|]*) \|$", re.MULTILINE)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def table():
    """The folders of the table and what each may include itself, without `src/`."""
    rows = {}
    for folders, allowed in ROW.findall((ROOT / "docs/architecture.md").read_text()):
        names = {name for name in re.split(r"[,;]\s*", allowed.strip()) if name not in ("", "–")}
        for folder in re.findall(r"`src/([^`]+)`", folders):
            rows[folder] = names
    return rows


def row_of(folder, rows):
    """The row that says what a folder may include: its own or that of the nearest folder around it; None if no row does."""
    while folder not in rows and "/" in folder:
        folder = folder.rpartition("/")[0]
    return folder if folder in rows else None


def reach(row, rows):
    """The rows that a row may include, by way of others too. A name that is no row stands for all rows below it."""
    seen, left = set(), [row]
    while left:
        for name in rows[left.pop()]:
            for other in [name] if name in rows else [r for r in rows if r.startswith(name + "/")]:
                if other not in seen:
                    seen.add(other)
                    left.append(other)
    return seen


def forbidden(rows, includes):
    """Of (file, included file) those that the rows do not allow."""
    found = []
    for file, included in includes:
        row, target = row_of(str(Path(file).parent), rows), row_of(str(Path(included).parent), rows)
        if row is None:
            found.append(f"{file}: no row of the table names its folder")
        elif target != row and target not in reach(row, rows):
            found.append(f"{file}: {row} may not include {included}")
    return found


def circles(rows):
    return sorted(row for row in rows if row in reach(row, rows))


class Borders(unittest.TestCase):
    def test_every_include_is_allowed(self):
        rows = table()
        self.assertGreater(len(rows), 20, "docs/architecture.md has another table than this test knows")
        includes = [(str(path.relative_to(ROOT / "src")), included)
                    for path in sorted((ROOT / "src").rglob("*")) if path.suffix in (".h", ".cc")
                    for included in INCLUDE.findall(path.read_text())]
        self.assertGreater(len(includes), 1000)
        self.assertEqual(forbidden(rows, includes), [])

    def test_the_table_has_no_circle(self):
        self.assertEqual(circles(table()), [])

    def test_every_name_of_the_table_is_there(self):
        rows = table()
        names = set(rows).union(*rows.values())
        self.assertEqual(sorted(name for name in names if not (ROOT / "src" / name).is_dir()), [])

    def test_what_is_not_allowed_is_found(self):
        rows = {"base": set(), "http": {"base"}, "jobs/run": {"http"}, "cli": {"jobs"}}
        fine = [("http/a.cc", "base/b.h"), ("jobs/run/a.cc", "base/b.h"), ("cli/x/a.cc", "jobs/run/b.h"),
                ("cli/x/a.cc", "cli/y/b.h"), ("cli/a.cc", "base/b.h")]
        self.assertEqual(forbidden(rows, fine), [])
        for bad in (("base/a.h", "http/b.h"), ("http/a.cc", "jobs/run/b.h"), ("jobs/other/a.cc", "base/b.h")):
            self.assertEqual(len(forbidden(rows, [bad])), 1, bad)
        self.assertEqual(circles({"a": {"b"}, "b": {"a"}}), ["a", "b"])
        self.assertEqual(circles({"a": {"b"}, "b/c": {"a"}}), ["a", "b/c"])
        self.assertEqual(circles({"a": set(), "a/b": {"a"}}), [])
        self.assertEqual(circles(rows), [])


if __name__ == "__main__":
    unittest.main()
