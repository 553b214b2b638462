"""Attacks by the journal: each column of each row of an interrupted job is altered by SQL, and the job resumed."""
import dataclasses
import sqlite3

import edited_files
import harness
import hostile
import world as worlds
from commands import interrupted
from crew import Outcome

ROWS = {"jobs.db, rows": "each column of each row of an interrupted import and replacement; rows copied, crossed, taken out"}
UNBOUND = {"job": {"id", "updated"}, "token": set()}  # columns; what is altered in any other is refused, and nothing is sent


def with_replacement(place):
    """A job that takes a token away when the other is active."""
    place.put("portal", True, place.rows[:1])
    place.rows[1]["upn"] = place.rows[0]["upn"]
    harness.write_seeds(place.file, place.rows)
    place.job = interrupted("portal", place, ["tokens", "replace", place.file, "--user", place.rows[0]["upn"], "--old", place.serials[0],
                                              "--new", place.serials[1], "--yes"])


@dataclasses.dataclass
class ByRow:
    scene: str
    table: str
    row: int
    column: str
    label: str
    heavy = False
    value: object  # (row as dict, other rows) -> value

    @property
    def name(self):
        return f"{self.scene} | {self.table} {self.row} {self.column} | {self.label}"

    @property
    def cell(self):
        return "files", "jobs.db, rows"

    def perform(self, world, number):
        place = world.place()
        try:
            ROW_SCENES[self.scene](place)
            file = place.state / "jobs" / "jobs.db"
            edited_files.checkpoint(file)
            db = sqlite3.connect(file, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA foreign_keys=OFF")
            key = ", ".join(column["name"] for column in db.execute(f"PRAGMA table_info({self.table})") if column["pk"])
            rows = [dict(row) for row in db.execute(f"SELECT * FROM {self.table} ORDER BY {key}")]
            if self.row >= len(rows):
                return Outcome(self.name, self.cell, "not met", [])
            row = rows[self.row]
            try:
                if self.column == "(row)":
                    self.value(db, rows, self.row)
                else:
                    value = self.value(row[self.column], rows, self.row, self.column)
                    if value == row[self.column]:
                        return Outcome(self.name, self.cell, "not met", [])
                    where = " AND ".join(f"{name} = ?" for name in key.split(", "))
                    db.execute(f"UPDATE {self.table} SET {self.column} = ? WHERE {where}", [value, *(row[name] for name in key.split(", "))])
            except sqlite3.Error:  # the table itself refuses it
                return Outcome(self.name, self.cell, "refused", [])
            finally:
                db.close()
            ran, found = edited_files.run_and_judge(place, edited_files.RESUME, nothing_sent=self.column not in UNBOUND.get(self.table, {self.column}))
            _, more = edited_files.run_and_judge(place, ["jobs", "show", "JOB"])
            _, most = edited_files.run_and_judge(place, ["jobs", "list"])
            return edited_files.outcome_of(self, world, ran, found + more + most)
        finally:
            place.clear()


ROW_SCENES = {"import": edited_files.with_job, "replace": with_replacement}
VALUES = {
    "null": None, "empty": "", "0": 0, "1": 1, "2": 2, "3": 3, "-1": -1, "60": 60, "8": 8, "10^18": 10 ** 18, "least": -2 ** 63,
    "the victim's name": worlds.VICTIM, "the victim's serial number": "VICTIM0", "a bystander's": "B0001", "a path": "../../x", "graph": "graph",
    "another tenant": "22222222-2222-2222-2222-222222222222", "escapes": "\x1b[31m\x1b]0;x\x07", "lines": f"a\n{hostile.FORGED}\r\nb",
    "right to left": "\u202eabc", "NUL": "a\0b", "a megabyte": "A" * (1 << 20), "not UTF-8": b"\xff\xfe", "a blob": b"\0\xff" * 40,
}
DERIVED = {
    "the other row's": lambda old, rows, at, column: rows[(at + 1) % len(rows)][column],
    "in capitals": lambda old, rows, at, column: old.upper() if isinstance(old, str) else old,
    "with a blank": lambda old, rows, at, column: old + " " if isinstance(old, str) else old,
    "one more": lambda old, rows, at, column: old + 1 if isinstance(old, int) else old,
    "first byte": lambda old, rows, at, column: bytes([old[0] ^ 1]) + old[1:] if isinstance(old, bytes) else old,
    "last byte": lambda old, rows, at, column: old[:-1] + bytes([old[-1] ^ 1]) if isinstance(old, bytes) else old,
    "cut": lambda old, rows, at, column: old[:len(old) // 2] if isinstance(old, (bytes, str)) else old,
}


def copied(db, rows, at):
    row = dict(rows[at], number=max(one["number"] for one in rows) + 1, upn=worlds.VICTIM, serial="VICTIM0")
    db.execute(f"INSERT INTO token ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def crossed(db, rows, at):
    """Two rows exchange all but their place."""
    a, b = rows[0], rows[1]
    for here, there in ((a, b), (b, a)):
        names = [name for name in here if name not in ("job", "number")]
        db.execute(f"UPDATE token SET {', '.join(name + ' = ?' for name in names)} WHERE number = ?",
                   [*(there[name] for name in names), here["number"]])


def all_attacks(folder):
    world = worlds.World(folder / "columns", folder / "pristine", 92)
    out = []
    try:
        for scene, ready in ROW_SCENES.items():
            place = world.place()
            ready(place)
            file = place.state / "jobs" / "jobs.db"
            edited_files.checkpoint(file)
            with sqlite3.connect(file) as db:
                db.row_factory = sqlite3.Row
                for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
                    rows = [dict(row) for row in db.execute(f"SELECT * FROM {table}")][:2]
                    for at, row in enumerate(rows):
                        for column, old in row.items():
                            plain = {label: lambda old, rows, at, column, value=value: value for label, value in VALUES.items()}
                            out += [ByRow(scene, table, at, column, label, make) for label, make in (plain | DERIVED).items()
                                    if make(old, rows, at, column) != old]
                    if table == "token":
                        out += [ByRow(scene, table, 0, "(row)", "a copy for the victim", copied), ByRow(scene, table, 0, "(row)", "crossed", crossed),
                                ByRow(scene, table, 0, "(row)", "taken out", lambda db, rows, at: db.execute("DELETE FROM token WHERE number = 0"))]
            db.close()
            place.clear()
    finally:
        world.close()
    return out
