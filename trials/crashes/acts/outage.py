"""``serve`` through an outage of its disk: it stays up, says so, loses nothing, and recovers."""

import errno
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import ClassVar

from running import Exporter, fetch, until

from crashes.act import CannotError, Outcome, Stage
from crashes.acts.serve import PATIENCE, start
from crashes.checks import file_faults, log_faults, lost
from crashes.strike import Phase
from crashes.world import BAD, Files, World

KILLED = 0.3  # of the rounds are killed during the outage
SAID = ("output_errors", "gate_errors")


class Outage:
    """Every write fails while a certain file exists."""

    name: ClassVar[str] = "serve, disk fails"
    share: ClassVar[int] = 2

    def begin(self, stage: Stage) -> None:
        """Make a world."""
        if stage.striker.shim is None:
            raise CannotError("there is no C compiler (cc)")
        self.world = World.make(stage.folder / "world")

    def perform(self, stage: Stage) -> Outcome:
        """Replace and acknowledge a day while nothing can be written."""
        world, chance = self.world, stage.chance
        world.do(*world.run)
        old, log = world.told(), world.log()
        broken = world.folder / "broken"
        todo = {"at": 1, "onward": 1, "do": chance.choice([errno.EIO, errno.ENOSPC]), "while": broken}
        environment = stage.striker.shimmed(world.output, **todo)
        outcome = Outcome(Phase.ENDED)
        day = chance.choice(BAD)
        with start(world, environment=environment) as exporter:
            broken.touch()
            world.change(day)
            new, _ = world.foresee()
            outcome.faults += self._during(exporter, old, log, str(day))
            if chance.random() < KILLED:
                exporter.process.kill()
                exporter.process.wait()
                outcome.phase = Phase.WRITING
            broken.unlink()
            if outcome.phase is Phase.ENDED:
                outcome.faults += self._recovered(exporter, new)
                outcome.told, outcome.lost = self._acknowledge(exporter, str(day))
        world.do(*world.run)
        if not outcome.told:
            outcome.faults += file_faults(world, [new])
        outcome.faults += log_faults(world, log)
        outcome.faults += world.leftovers()
        return outcome

    def _during(self, exporter: Exporter, old: Files, log: bytes, day: str) -> Iterator[str]:
        world = self.world
        if not until(lambda: exporter.value("puffy_exporter_refresh_success") == 0, PATIENCE):
            yield "a disk that fails is not a failure of the pass"
        for name in SAID:
            series = f"puffy_exporter_{name}_total"
            if f"\n{series}" not in exporter.get("/metrics")[1]:
                yield f"no series {series}"
        if exporter.get("/")[0] != 200 or exporter.process.poll() is not None:
            yield "the page does not answer"
        status, said = post(exporter, day, "during the outage")
        if status != 500 or not said.startswith("Not recorded: "):
            yield f"an acknowledgement that cannot be recorded is answered by {status} {said!r}"
        yield from file_faults(world, [old])
        if world.log() != log:
            yield "the log has changed"

    def _recovered(self, exporter: Exporter, new: Files) -> Iterator[str]:
        if not until(lambda: self.world.told() == new, PATIENCE):
            yield f"does not recover: {exporter.said()[-400:]}"
        if not until(lambda: exporter.value("puffy_exporter_refresh_success") == 1, PATIENCE):
            yield "does not say that it has recovered"
        yield from file_faults(self.world, [new])

    def _acknowledge(self, exporter: Exporter, day: str) -> tuple[int, list[str]]:
        reason = f"after {time.time_ns()}"
        status, _ = post(exporter, day, reason)
        exporter.process.kill()
        exporter.process.wait()
        return int(status == 201), lost(self.world, [reason] * (status == 201))


def post(exporter: Exporter, day: str, reason: str) -> tuple[int, str]:
    """Acknowledge a day over HTTP."""
    fields = json.dumps({"partition": day, "by": "ann", "reason": reason}).encode()
    address = f"http://127.0.0.1:{exporter.port}/api/v1/gate/ack"
    request = urllib.request.Request(address, fields, {"Content-Type": "application/json"})
    return fetch(request)


ACT = Outage
