"""``serve``, from its start through its first pass to a day that is replaced while it runs."""

import threading
import time
from pathlib import Path
from typing import ClassVar

from running import Exporter, until

from crashes.act import Outcome, Stage
from crashes.checks import file_faults, gate_faults, log_faults
from crashes.strike import Phase, strike
from crashes.world import AS_OF, BAD, Files, World

PATIENCE = 120.0  # seconds, on a busy machine
AFTERWARDS = 0.7  # seconds that it may run after its first pass


class Serve:
    """Killed at a random time or at a write, it must come back with the present figures."""

    name: ClassVar[str] = "serve"
    share: ClassVar[int] = 5

    def begin(self, stage: Stage) -> None:
        """Make a world, and measure a start."""
        self.world = World.make(stage.folder / "world")
        begun = time.monotonic()
        with start(self.world):
            stage.striker.life = time.monotonic() - begun + AFTERWARDS
        stage.striker.calls = 60  # of a first pass and another one, roughly

    def perform(self, stage: Stage) -> Outcome:
        """Replace a day, start, perhaps replace it again, kill; start again and compare."""
        world, chance, life = self.world, stage.chance, stage.striker.life
        world.do(*world.run)
        old, log = world.told(), world.log()
        day = chance.choice(BAD)
        world.change(day)
        new, gates = world.foresee()
        by_write = stage.striker.shim is not None and chance.random() < 0.4
        again = chance.uniform(0, life) if chance.random() < 0.5 else None
        timer = threading.Timer(again or 0, world.change, [day])
        if again is not None:
            timer.start()
        moment = life if by_write else chance.uniform(0, life)
        todo = {"at": chance.randint(1, stage.striker.calls), "do": chance.choice(["kill", "torn"])}
        shimmed = stage.striker.shimmed(world.output, **todo) if by_write else {}
        struck = strike(_command(world), world.folder, world.output, world.environment(**shimmed), moment)
        if again is not None:
            timer.join()
        outcome = Outcome(struck.phase)
        latest = new if again is None else world.foresee()[0]  # depends on what was seen before
        if outcome.phase is Phase.WRITING and world.told() in [new, latest]:
            outcome.phase = Phase.WRITTEN
        if struck.phase is Phase.ENDED:
            outcome.faults.append(f"ended by itself: {struck.err[-400:]}")
        outcome.faults += file_faults(world, [old, new, latest])
        outcome.faults += log_faults(world, log)
        outcome.faults += self._come_back(latest, gates)
        return outcome

    def _come_back(self, latest: Files, gates: tuple[int, ...]) -> list[str]:
        """Start another one, and check that its report is current and that its page works."""
        world = self.world
        with start(world) as exporter:
            faults: list[str] = []
            if not until(lambda: world.told() == latest, PATIENCE):
                faults += file_faults(world, [latest])
            page = exporter.get("/")[0]
            if page != 200 or exporter.rows(BAD[0]) is None:
                faults.append(f"the page answers {page}: {exporter.said()[-400:]}")
            exporter.stop(PATIENCE)
        faults += gate_faults(world, {gates})
        return [*faults, *world.leftovers()]


def start(world: World, *options: str, environment: dict[str, str] | None = None) -> Exporter:
    """Start an exporter and wait until it is ready."""
    asking = ("--as-of", AS_OF, *options)
    return Exporter(world.folder, *asking, environment=environment, patience=PATIENCE)


def _command(world: World) -> list[str]:
    folders = ("--data.dir", str(world.data), "--output.dir", str(world.output))
    config = ("--config.file", str(Path("puffy.yml")))
    return world.command("serve", *folders, *config, "--web.listen-address", "127.0.0.1:0")


ACT = Serve
