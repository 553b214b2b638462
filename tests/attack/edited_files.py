"""Attacks by files: what a run left in its folders is altered, and the next run must notice, or not be moved by it. Every byte and length of
the vault file, the escrow, keys and the journal."""
import dataclasses
import json
import sqlite3

import verdict
import world as worlds
from commands import interrupted
from crew import Outcome

PASSPHRASE = "correct horse battery staple 16"
LARGE = 10_000  # bytes
READ_ONLY = {"GET", "HEAD", "OPTIONS"}


# What is there to alter

def with_vault_file(place):
    """A vault file, and an escrow that a killed run left."""
    secret = place.given / "passphrase"
    secret.write_text(PASSPHRASE)
    secret.chmod(0o600)
    config = place.folder / "config.toml"
    config.write_text(config.read_text() + f'[profile.test.vault]\ntype = "file"\npath = "{place.home}/vault/the.vault"\n'
                      f'passphrase_file = "{secret}"\n')
    given = place.given / "refresh-token"
    given.write_text(place.sandbox.refresh_token_of())
    given.chmod(0o600)
    must(place.run_directly([*place.profile, "login", "--refresh-token-file", given]))
    with_escrow(place)


def with_escrow(place):
    for point in range(1, 30):
        place.run_directly([*place.profile, "session", "refresh"], env={"PORTALKEY_TEST_CRASH_AT": point})
        if (place.state / "escrow.sealed").exists():
            return
    raise AssertionError("no crash point leaves an escrow")


def with_job(place):
    place.job = interrupted("portal", place)


def must(ran):
    assert ran.code == 0, f"this is no attack yet, and fails: {ran}"
    return ran


ROWS = {
    "vault file": "each byte, each length, other contents",
    "escrow by passphrase": "the same, of the escrow beside a vault file",
    "escrow by key": "the same, of the escrow where the vault is Key Vault",
    "escrow's key": "the same",
    "jobs.key": "the same, of the key of an interrupted job",
    "jobs.db": "each 16th byte, each 16th length, other contents",
}
STATUS, REFRESH, RESUME = ["session", "status", "-o", "json"], ["session", "refresh"], ["jobs", "resume", "JOB"]
SCENES = {
    "vault file": (with_vault_file, "home/vault/the.vault", STATUS),
    "vault file, refresh": (with_vault_file, "home/vault/the.vault", REFRESH),
    "escrow by passphrase": (with_vault_file, "home/state/escrow.sealed", REFRESH),
    "escrow by key": (with_escrow, "home/state/escrow.sealed", REFRESH),
    "escrow's key": (with_escrow, "home/state/escrow.sealed.key", REFRESH),
    "jobs.key": (with_job, "home/state/jobs/jobs.key", RESUME),
    "jobs.db": (with_job, "home/state/jobs/jobs.db", RESUME),
}


@dataclasses.dataclass
class ByFile:
    scene: str
    label: str
    heavy = False
    edit: object  # bytes -> bytes

    @property
    def name(self):
        return f"{self.scene} | {self.label}"

    @property
    def cell(self):
        return "files", self.scene.partition(",")[0]

    def perform(self, world, number):
        place = world.place()
        try:
            ready, where, command = SCENES[self.scene]
            ready(place)
            file = place.folder / where
            checkpoint(file)
            before = file.read_bytes()
            true = place.run_directly([*place.profile, *STATUS]) if command is STATUS else None
            after = self.edit(before)
            if after == before:
                return Outcome(self.name, self.cell, "not met", [])
            file.write_bytes(after)
            ran, found = run_and_judge(place, command)
            if command is STATUS and ran.code == 0 and json.loads(ran.out) != json.loads(true.out):
                found.append("an altered vault file was taken for good")
            if command is STATUS and file.read_bytes() != after:
                found.append("a command that only reads wrote the file")
            return outcome_of(self, world, ran, found)
        finally:
            place.clear()


def checkpoint(file):
    """Everything of a journal in the one file."""
    if file.suffix == ".db":
        with sqlite3.connect(file) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()


def foreign(place):
    """The tokens of everybody else."""
    return [token for token in place.sandbox.tokens() if token["serialNumber"] not in place.serials]


def run_and_judge(place, command, nothing_sent=False):
    others, program = foreign(place), [place.job if word == "JOB" else word for word in command]
    place.sandbox.forget_requests()
    ran = place.run_directly([*place.profile, *program])
    found = list(verdict.ending(ran)) + list(verdict.printed(ran)) + list(verdict.kept(ran, place.secrets(), place))
    if foreign(place) != others:
        found.append("a token of somebody else was changed")
    found += verdict.active_now(place.world, place)
    if nothing_sent:
        sent = [f"{r['method']} {r['path']}" for r in place.sandbox.requests()
                if r["service"] in ("portal", "graph") and r["method"] not in READ_ONLY]
        if sent or ran.code == 0:
            found.append(f"the altered row was not refused: exit {ran.code}, sent {sent}")
    return ran, found


def outcome_of(item, world, ran, found):
    """The end of an attack; what it did must not show in the next one."""
    if found:
        world.used += 1000
    end = "waited" if ran.interrupted else {0: "done", 3: "partly"}.get(ran.code, "refused")
    return Outcome(item.name, item.cell, end, sorted(set(found)), ran.seconds, str(ran) if found else "")


def edits_of_bytes(size):
    """Each byte, each length, and whole files of something else; of a large file each 16th."""
    stride = 1 if size <= LARGE else 16
    for at in range(0, size, stride):
        for bits in (0x01, 0x80, 0xFF) if at < 128 else ((0x01, 0x80, 0xFF)[at // stride % 3],):
            yield f"byte {at} ^ {bits:02x}", lambda old, at=at, bits=bits: old[:at] + bytes([old[at] ^ bits]) + old[at + 1:] if at < len(old) else old
    for length in range(0, size, stride):
        yield f"cut to {length}", lambda old, length=length: old[:length]
    for label, edit in {"one byte more": lambda old: old + b"\0", "twice": lambda old: old + old, "zeros": lambda old: bytes(len(old)),
                        "no length of it true": lambda old: old[:8] + b"\xff" * (len(old) - 8), "20 MB": lambda old: old + bytes(20 << 20),
                        "text": lambda old: b"{}\n", "the beginning only": lambda old: old[:8] * 100}.items():
        yield label, edit


def all_attacks(folder):
    world = worlds.World(folder / "sizing", folder / "pristine", 91)
    out = []
    try:
        for scene, (ready, where, _) in SCENES.items():
            place = world.place()
            ready(place)
            checkpoint(place.folder / where)
            size = (place.folder / where).stat().st_size
            out += [ByFile(scene, label, edit) for label, edit in edits_of_bytes(size)]
            place.clear()
    finally:
        world.close()
    return out
