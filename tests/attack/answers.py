"""Attacks by answers: records each command's true exchanges, and makes attacks of them."""
import collections
import dataclasses

import attacks
import canaries
import verdict
import world as worlds
from commands import COMMANDS
from crew import Outcome

SHORT, LONG = 4.0, 45.0  # how long a command may take that is asked to wait, and any other


@dataclasses.dataclass
class ByAnswer:
    """An attack as the crew takes it."""
    attack: attacks.Attack
    rights: verdict.Rights

    @property
    def name(self):
        return self.attack.name

    @property
    def heavy(self):
        return self.attack.heavy

    @property
    def cell(self):
        return self.attack.service, self.attack.kind

    def perform(self, world, number):
        return perform(world, self, self.attack, number, self.rights)


def perform(world, item, attack, number, rights):
    place = world.place()
    try:
        args = COMMANDS[attack.command](place)
        if number % 2:
            args.append("-vv")
        if number % 3 == 0 and "login" not in attack.command:
            args += ["-o", "json"]
        world.evil.begin(attack, place.secrets())
        scale = 4 if worlds.sanitized() else 1
        patience = SHORT if attack.may_wait else LONG * 4 if attack.heavy else LONG
        ran = place.run(args, canaries.environment(place), patience * scale)
        seen = world.evil.end()
        found = verdict.judge(ran, attack, seen, rights, place)
        if seen.altered and attack.service in ("login", "vault") and not attack.ends_session and not attack.command.startswith("setup"):
            after = place.run_directly([*place.profile, "session", "refresh"])
            if after.code != 0:
                found.append(f"the session is lost: {after.err.decode(errors='replace').strip().splitlines()[:1]}")
        if found:
            world.used += 1000  # what it did may show in the next one: begin anew
        end = "not met" if not seen.altered else "waited" if ran.interrupted else {0: "done", 3: "partly"}.get(ran.code, "refused")
        shown = f"{ran}\n" + "".join(f"{one}\n"[:300] for one in seen.exchanges[:40]) if found else ""
        if attack.ends_session and seen.altered:
            world.used += 1000
        return Outcome(item.name, item.cell, end, found, ran.seconds, shown)
    finally:
        world.evil.end()
        place.clear()


def all_attacks(folder):
    """From each command's true exchanges, which also show who may be sent what."""
    world = worlds.World(folder / "recording", folder / "pristine", 90)
    rights, made, seen = verdict.Rights(), [], collections.Counter()
    try:
        for name in COMMANDS:
            world.begin_anew()
            place = world.place()
            args = COMMANDS[name](place)
            world.evil.begin(None, place.secrets())
            ran = place.run(args, canaries.environment(place), 60)
            saw = world.evil.end()
            if ran.code != 0:
                raise AssertionError(f"without an attack {name} should be done:\n{ran}")
            clean = attacks.Attack(name, *[""] * 4, None)
            rights.learn(saw.exchanges, saw.secrets, saw.issued)
            if found := verdict.judge(ran, clean, saw, rights, place):
                raise AssertionError(f"without an attack nothing should be found in {name}: {found}\n{ran}")
            place.clear()
            here = set()
            for exchange in saw.exchanges:
                shape = exchange.request.shape
                if shape in here or seen[shape] >= 2:  # two commands show what there is to show
                    continue
                here.add(shape)
                seen[shape] += 1
                made += attacks.make(exchange, name, seen[shape] == 1)
    finally:
        world.close()
    return [ByAnswer(attack, rights) for attack in made]
