"""``init``: there is a complete contract or none, and an existing one is not changed."""

import os
from typing import ClassVar

from many import write_rows

from crashes.act import Outcome, Stage
from crashes.checks import exit_faults
from crashes.strike import Phase
from crashes.world import DAYS, World

CONTRACT = "feed.yaml"
EDITED = b"# edited by hand\n"


class Init:
    """With and without an existing contract."""

    name: ClassVar[str] = "init"
    share: ClassVar[int] = 14

    def begin(self, stage: Stage) -> None:
        """Write a folder of daily files, and record what is proposed for it."""
        self.world = world = World(stage.folder / "world")
        self.arguments = ("init", "data", "--output", CONTRACT)
        world.temporary.mkdir(parents=True)
        for number, day in enumerate(DAYS[:3]):
            write_rows(world.data, day, 30 + number)
        command = world.command(*self.arguments)
        stage.striker.measure(command, world.folder, world.folder, world.environment())
        self.contract = world.folder / CONTRACT
        self.proposed = self.contract.read_bytes()

    def perform(self, stage: Stage) -> Outcome:
        """Kill it, then let another one finish."""
        world, chance = self.world, stage.chance
        edited = EDITED + self.proposed + b"# %d\n" % os.getpid()
        exists = chance.random() < 0.3
        self.contract.unlink(missing_ok=True)
        if exists:
            self.contract.write_bytes(edited)
        command = world.command(*self.arguments)
        struck = stage.striker.strike(command, world.folder, world.folder, world.environment(), chance)
        found = self.contract.read_bytes() if self.contract.exists() else None
        outcome = Outcome(struck.phase)
        if outcome.phase is Phase.WRITING and found == self.proposed:
            outcome.phase = Phase.WRITTEN
        if found not in ([edited] if exists else [None, self.proposed]):
            outcome.faults.append(f"half a contract, or another one: {found!r:.200}")
        if not exists:
            outcome.faults += exit_faults(struck)
            world.call(*self.arguments)  # 1 if a different contract exists by now
            if self.contract.read_bytes() != self.proposed:
                outcome.faults.append("a second init does not write the contract")
        self.contract.unlink()
        world.do(*self.arguments)
        left = sorted(path.name for path in world.folder.glob(".*"))
        outcome.faults += [f"left over: {name}" for name in left]
        return outcome


ACT = Init
