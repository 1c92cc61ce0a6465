"""Commands whose disk refuses to write: they say so in one line, and leave everything as it was."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from crashes.act import Outcome, Stage
from crashes.checks import difference, exit_faults, file_faults, log_faults, lost
from crashes.strike import Phase, strike
from crashes.world import BAD, World, masked

PAGE, CONTRACT = "out/page.html", "out/feed.yaml"
PLACES = ("--data.dir", "data", "--output.dir", "out", "--config.file", "puffy.yml")
OTHER = "other"  # written without trouble
DOCUMENTS = {
    PAGE: ("report", "html", "--output", PAGE, *PLACES),
    CONTRACT: ("init", "data", "--output", CONTRACT),
}
KILLED = 0.3  # of the rounds are killed as well
NOT_RECORDED = "not recorded"
MAYBE = "cannot be taken back"
NO_STATE = "no state: every file is read"

Trouble = Callable[[random.Random], AbstractContextManager[dict[str, str]]]


class Refusals:
    """Rounds in one world: a command, trouble while it runs, then the same without trouble."""

    def __init__(self, world: World, trouble: Trouble, life: float) -> None:
        self.world, self.trouble, self.life = world, trouble, life

    def perform(self, stage: Stage) -> Outcome:
        """Run one of the commands into trouble."""
        chosen = stage.chance.choice([self.run, self.ack, self.write])
        return chosen(stage.chance)

    def run(self, chance: random.Random) -> Outcome:
        """Make a pass over a replaced day."""
        world = self.world
        old, log = world.told(), world.log()
        world.change(chance.choice(BAD))
        new, gates = world.foresee()
        bare, _ = world.foresee(remembers=False)  # if the state cannot be opened
        outcome, code = self._strike(world.run, chance)
        outcome.faults += file_faults(world, [new, bare] if code == 0 else [old, new, bare])
        if code == 0 and world.gates() != gates:
            outcome.faults.append(f"exit code 0, and the gate says {world.gates()} in place of {gates}")
        outcome.faults += log_faults(world, log)
        world.do(*world.run)
        outcome.faults += file_faults(world, [new])
        outcome.faults += world.leftovers()
        return outcome

    def ack(self, chance: random.Random) -> Outcome:
        """Acknowledge a day."""
        world = self.world
        day = chance.choice(BAD)
        world.change(day)
        world.do(*world.run)
        old, log, by = world.told(), world.log(), f"round{world.marks}"
        with world.twin() as copy:
            copy.do(*copy.ack(str(day), by))
            new = copy.told()
        outcome, code = self._strike(world.ack(str(day), by), chance)
        outcome.told = int(code == 0 or f"acknowledged by {by}" in self.out)
        outcome.lost += lost(world, [by] * outcome.told)
        if NOT_RECORDED in self.err and MAYBE not in self.err and not lost(world, [by]):
            outcome.faults.append(f"on record, though it says: {self.err.strip()}")
        if code == 1 and NOT_RECORDED not in self.err and lost(world, [by]):
            outcome.faults.append(f"not on record, though it says: {self.err.strip()}")
        outcome.faults += file_faults(world, [old, new])
        outcome.faults += log_faults(world, log)
        for step in (world.run, world.ack(str(day), "afterwards"), world.run):
            world.do(*step)
        outcome.faults += world.leftovers()
        return outcome

    def write(self, chance: random.Random) -> Outcome:
        """Write a page or a contract where there may be one already."""
        world, (name, arguments) = self.world, chance.choice(list(DOCUMENTS.items()))
        path = world.folder / name
        if name == PAGE and chance.random() < 0.5:
            path.write_bytes(b"old")
        old = path.read_bytes() if path.exists() else None
        world.do(*arguments, "--output", OTHER)  # the last --output wins
        new = masked((world.folder / OTHER).read_bytes())
        (world.folder / OTHER).unlink()
        with world.twin(remembers=False) as copy:
            copy.do(*arguments)
            bare = masked((copy.folder / name).read_bytes())
        outcome, code = self._strike(arguments, chance)
        found = masked(path.read_bytes()) if path.exists() else None
        if found == bare != new and NO_STATE not in self.err:
            outcome.faults.append(f"{name} is made without the state, and it says only: {self.err.strip()}")
        if found not in ([new, bare] if code == 0 else [old, new, bare]):
            outcome.faults.append(f"{name} is neither the old nor the new one: {difference(found, new)}")
        path.unlink(missing_ok=True)
        world.do(*arguments)
        path.unlink()
        outcome.faults += world.leftovers()
        return outcome

    def _strike(self, arguments: tuple[str, ...], chance: random.Random) -> tuple[Outcome, int]:
        world = self.world
        after = chance.uniform(0, self.life) if chance.random() < KILLED else None
        with self.trouble(chance) as shimmed:
            environment = world.environment(**shimmed)
            struck = strike(world.command(*arguments), world.folder, world.output, environment, after)
        self.out, self.err = struck.out, struck.err
        outcome = Outcome(struck.phase)
        outcome.faults += exit_faults(struck, ["out", "puffy-what-if"])
        if struck.phase is Phase.ENDED and "CRASH_ONWARD" not in shimmed:  # removals fail, too
            outcome.faults += _half(world)
        return outcome, struck.code


def _half(world: World) -> Iterator[str]:
    """Yield what a process that ended on its own should have removed."""
    for path in _hidden(world.output):
        yield f"left behind: {path.name}"


def _hidden(folder: Path) -> Iterator[Path]:
    yield from folder.rglob(".*.tmp")
