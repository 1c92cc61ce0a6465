"""A contract is replaced and reloaded while the exporter is killed: the old or the new one is in force."""

import contextlib
import threading
import time
from typing import ClassVar

from many import contract, write_rows
from running import until

from crashes.act import Outcome, Stage
from crashes.acts.serve import PATIENCE, start
from crashes.checks import file_faults, log_faults
from crashes.strike import Phase
from crashes.world import CONFIG, DAYS, Files, World

CONTRACT = "feed.yaml"
LEAST = (0, 1000)  # rows that a day must exceed: all days do, or none
LONGEST = 0.4  # seconds from the request to the kill


class Reload:
    """Two contracts alternate: under one of them every day is bad."""

    name: ClassVar[str] = "contract reload"
    share: ClassVar[int] = 4

    def begin(self, stage: Stage) -> None:
        """Write days and the first contract."""
        self.world = world = World(stage.folder / "world")
        for path in (world.data, world.output, world.temporary):
            path.mkdir(parents=True)
        (world.folder / "puffy.yml").write_text(CONFIG)
        for day in DAYS:
            write_rows(world.data, day, 30)
        self.turn = 0
        self._write()
        world.do(*self._run())

    def perform(self, stage: Stage) -> Outcome:
        """Replace the contract under a running exporter, ask it to reload, kill it, start another one."""
        world, chance = self.world, stage.chance
        options = ("--feed.file", str(world.folder / CONTRACT))
        old, log = world.told(), world.log()
        with start(world, *options) as exporter:
            self.turn += 1
            self._write()
            new = self._foresee()
            answers: list[int] = []

            def ask() -> None:
                with contextlib.suppress(OSError):
                    answers.append(exporter.get("/-/reload", "POST")[0])

            asking = threading.Thread(target=ask, daemon=True)
            asking.start()
            time.sleep(chance.uniform(0, LONGEST))
            exporter.process.kill()
            exporter.process.wait()
            asking.join(20)
        told = world.told()
        phase = Phase.BEFORE if told == old else Phase.WRITTEN if told == new else Phase.WRITING
        outcome = Outcome(phase)
        outcome.faults += [f"the reload was answered by {status}" for status in answers if status != 200]
        outcome.faults += file_faults(world, [old, new])
        with start(world, *options) as exporter:
            if not until(lambda: world.told() == new, PATIENCE):
                outcome.faults += file_faults(world, [new])
            if (status := exporter.get("/")[0]) != 200:
                outcome.faults.append(f"the page answers {status}")
            exporter.stop(PATIENCE)
        outcome.faults += log_faults(world, log)
        outcome.faults += world.leftovers()
        return outcome

    def _write(self) -> None:
        path = self.world.folder / CONTRACT
        text = contract("feed", "data", LEAST[self.turn % 2])
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").replace(path)

    def _run(self) -> tuple[str, ...]:
        return (*self.world.run, "--feed.file", CONTRACT)

    def _foresee(self) -> Files:
        with self.world.twin() as copy:
            copy.do(*self._run())
            return copy.told()


ACT = Reload
