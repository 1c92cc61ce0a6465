"""``run`` over a day that has just been replaced: the report is the old one or the new one."""

from typing import ClassVar

from crashes.act import Outcome, Stage
from crashes.checks import exit_faults, file_faults, gate_faults, log_faults
from crashes.strike import Phase
from crashes.world import BAD, World


class Run:
    """A day gets other bad content or is repaired, with and without an acknowledgement before that."""

    name: ClassVar[str] = "run"
    share: ClassVar[int] = 22

    def begin(self, stage: Stage) -> None:
        """Make a world, and measure a pass."""
        self.world = world = World.make(stage.folder / "world")
        world.change(BAD[0])
        stage.striker.measure(world.command(*world.run), world.folder, world.output, world.environment())

    def perform(self, stage: Stage) -> Outcome:
        """Kill a pass, then let another one finish."""
        world, chance = self.world, stage.chance
        if chance.random() < 0.5:
            world.do(*world.ack(f"{BAD[0]}..{BAD[1]}", f"before{world.marks}"))
            world.do(*world.run)
        old = world.told()
        world.change(chance.choice(BAD), good=chance.random() < 0.3)
        gates, log = world.gates(), world.log()
        new, gates_then = world.foresee()
        command = world.command(*world.run)
        struck = stage.striker.strike(command, world.folder, world.output, world.environment(), chance)
        outcome = Outcome(struck.phase)
        if outcome.phase is Phase.WRITING and world.told() == new:
            outcome.phase = Phase.WRITTEN
        outcome.faults += exit_faults(struck)
        outcome.faults += file_faults(world, [new] if struck.code == 0 else [old, new])
        outcome.faults += gate_faults(world, {gates, gates_then})
        world.do(*world.run)
        outcome.faults += file_faults(world, [new])
        outcome.faults += gate_faults(world, {gates_then})
        outcome.faults += log_faults(world, log)
        outcome.faults += world.leftovers()
        return outcome


ACT = Run
