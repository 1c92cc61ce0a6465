"""``report html``: the page is the old one or the new one, and temporary files are gone."""

import os
from typing import ClassVar

from crashes.act import Outcome, Stage
from crashes.checks import difference, exit_faults, file_faults
from crashes.strike import Phase
from crashes.world import BAD, World, masked

PAGE = "page.html"


class Report:
    """It is about another time, so the command works on copies in a temporary folder."""

    name: ClassVar[str] = "report html"
    share: ClassVar[int] = 8

    def begin(self, stage: Stage) -> None:
        """Make a world, and measure the writing of a page."""
        self.world = world = World.make(stage.folder / "world")
        places = ("--data.dir", "data", "--output.dir", "out", "--config.file", "puffy.yml")
        self.arguments = ("report", "html", "--output", PAGE, *places)
        command = world.command(*self.arguments)
        stage.striker.measure(command, world.folder, world.folder, world.environment())

    def perform(self, stage: Stage) -> Outcome:
        """Kill it, then let another one finish."""
        world, chance = self.world, stage.chance
        page = world.folder / PAGE
        old, files = masked(page.read_bytes()), world.told()
        world.change(chance.choice(BAD))
        with world.twin() as copy:
            copy.do(*self.arguments)
            new = masked((copy.folder / PAGE).read_bytes())
        command = world.command(*self.arguments)
        struck = stage.striker.strike(command, world.folder, world.folder, world.environment(), chance)
        found = masked(page.read_bytes())
        outcome = Outcome(struck.phase)
        if outcome.phase is Phase.WRITING and found == new:
            outcome.phase = Phase.WRITTEN
        if found not in [old, new]:
            outcome.faults.append(f"the page is neither the old nor the new one: {difference(found, new)}")
        outcome.faults += exit_faults(struck)
        outcome.faults += file_faults(world, [files])
        for left in world.temporary.iterdir():  # a recent one might belong to a process that has just started
            os.utime(left, (0, 0))
        world.do(*self.arguments)
        if masked(page.read_bytes()) != new:
            words = difference(masked(page.read_bytes()), new)
            outcome.faults.append(f"a second report does not write the new page: {words}")
        outcome.faults += world.leftovers()
        outcome.faults += [f"left over: {path.name}" for path in world.folder.glob(".*")]
        return outcome


ACT = Report
