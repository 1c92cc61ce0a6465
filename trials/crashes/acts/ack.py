"""``gate ack``: what it confirms is on record, and what is not on record opens nothing."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from crashes.act import Outcome, Stage
from crashes.checks import exit_faults, file_faults, log_faults, lost
from crashes.strike import Phase, Struck
from crashes.world import BAD, World

OPEN, CLOSED = 0, 3


class Ack:
    """One held day, or two at once."""

    name: ClassVar[str] = "gate ack"
    share: ClassVar[int] = 26

    def begin(self, stage: Stage) -> None:
        """Make a world with a held day, and measure an acknowledgement."""
        self.world = world = World.make(stage.folder / "world")
        world.change(BAD[0])
        world.do(*world.run)
        command = world.command(*world.ack(str(BAD[0]), "first"))
        stage.striker.measure(command, world.folder, world.output, world.environment())

    def perform(self, stage: Stage) -> Outcome:
        """Hold days, kill their acknowledgement, compare what it confirmed with what is on record."""
        world, chance = self.world, stage.chance
        days = BAD if chance.random() < 0.3 else [chance.choice(BAD)]
        for day in days:
            world.change(day)
        world.do(*world.run)
        old, log, by = world.told(), world.log(), f"round{world.marks}"
        with world.twin() as copy:
            copy.do(*copy.ack(_named(days), by))
            acknowledged = copy.told()
        command = world.command(*world.ack(_named(days), by))
        struck = stage.striker.strike(command, world.folder, world.output, world.environment(), chance)
        told = _confirmed(struck, by)
        outcome = Outcome(struck.phase, told, lost(world, [by] * bool(told)))
        recorded = sum(entry.by == by for entry in world.book().entries if hasattr(entry, "by"))
        if recorded < told:
            outcome.lost.append(f"{by}: {told} confirmed, {recorded} on record")
        if outcome.phase is Phase.WRITING and recorded == len(days):
            outcome.phase = Phase.WRITTEN
        outcome.faults += exit_faults(struck)
        outcome.faults += file_faults(world, [old, acknowledged])
        expected = OPEN if recorded == len(days) else CLOSED
        if (found := world.gates()[0]) != expected:
            outcome.faults.append(f"{recorded} of {len(days)} days on record, and the gate says {found}")
        outcome.faults += log_faults(world, log)
        self._finish(days, outcome)
        return outcome

    def _finish(self, days: Sequence[date], outcome: Outcome) -> None:
        world = self.world
        world.do(*world.run)
        world.do(*world.ack(_named(days), "afterwards"))
        world.do(*world.run)
        if world.gates()[0] != OPEN:
            outcome.faults.append("the gate cannot be opened any more")
        outcome.faults += world.leftovers()


def _named(days: Sequence[date]) -> str:
    return f"{days[0]}..{days[-1]}" if len(days) > 1 else str(days[0])


def _confirmed(struck: Struck, by: str) -> int:
    return struck.out.count(f"acknowledged by {by}")


ACT = Ack
