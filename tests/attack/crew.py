"""Performs attacks: all of them or a sample, by several workers with a sandbox each."""
import collections
import dataclasses
import multiprocessing
import os
import random
import time
import traceback

import world as worlds


@dataclasses.dataclass
class Outcome:
    name: str
    cell: tuple  # the row of the table
    end: str  # refused, partly, done, waited; not met: nothing was altered, so nothing is shown
    faults: list
    seconds: float = 0.0
    shown: str = ""


def sample(attacks, count, seed):
    """`count` of them, spread evenly over the rows of the table, and in each over everything."""
    dice = random.Random(f"attacks {seed}")
    cells = collections.defaultdict(list)
    for one in attacks:
        cells[one.cell].append(one)
    for cell in cells.values():
        dice.shuffle(cell)
    chosen = []
    while len(chosen) < min(count, len(attacks)):
        for cell in cells.values():
            if cell and len(chosen) < count:
                chosen.append(cell.pop())
    dice.shuffle(chosen)
    return chosen


_attacks = []  # of the crew at work; forked, for they cannot be sent


def work(folder, number, next_one, results, stop_at):
    world = worlds.World(folder / f"worker{number}", folder / "pristine", number + 1)
    try:
        while time.monotonic() < stop_at:
            with next_one.get_lock():
                at = next_one.value
                next_one.value += 1
            if at >= len(_attacks):
                break
            try:
                try:
                    outcome = _attacks[at].perform(world, at)
                except Exception:  # what an attack before this one left behind; once more in a new world
                    world.begin_anew()
                    outcome = _attacks[at].perform(world, at)
            except Exception as problem:  # the suite's own
                outcome = Outcome(_attacks[at].name, _attacks[at].cell, "not met", [f"the suite failed: {problem!r}"], 0, traceback.format_exc())
                world.begin_anew()
            results.put(outcome)
    finally:
        world.close()
        results.put(None)


def perform(attacks, folder, workers=None, minutes=None, tell=None):
    """Returns the outcomes. `folder` holds the pristine sandbox. `minutes`: no more are begun then."""
    _attacks[:] = attacks
    context = multiprocessing.get_context("fork")
    next_one, results = context.Value("i", 0), context.Queue()
    stop_at = time.monotonic() + minutes * 60 if minutes else float("inf")
    crew = [context.Process(target=work, args=(folder, n, next_one, results, stop_at)) for n in range(workers or (os.cpu_count() or 2) + 3)]
    for one in crew:
        one.start()
    outcomes, left = [], len(crew)
    while left:
        got = results.get()
        if got is None:
            left -= 1
            continue
        outcomes.append(got)
        if tell:
            tell(got, len(outcomes))
    for one in crew:
        one.join()
    return outcomes
