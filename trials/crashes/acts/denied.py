"""A failing disk: one of a command's writes, syncs or renames, or all from there on, return an error."""

import errno
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from crashes.act import CannotError, Outcome, Stage
from crashes.refused import Refusals
from crashes.world import BAD, World

ERRORS = (errno.EIO, errno.ENOSPC, errno.EROFS)
LIFE = 1.2  # seconds


class Denied:
    """``run``, ``gate ack``, ``report html`` and ``init`` with a failing disk."""

    name: ClassVar[str] = "EIO, ENOSPC, EROFS"
    share: ClassVar[int] = 6

    def begin(self, stage: Stage) -> None:
        """Make a world, and count the writes of a pass."""
        striker = stage.striker
        if striker.shim is None:
            raise CannotError("there is no C compiler (cc)")
        world = World.make(stage.folder / "world")
        world.change(BAD[0])
        striker.measure(world.command(*world.run), world.folder, world.output, world.environment())

        @contextmanager
        def trouble(chance: random.Random) -> Iterator[dict[str, str]]:
            onward = 1 if chance.random() < 0.5 else None
            most = striker.calls if chance.random() < 0.5 else 8  # an acknowledgement makes only a few
            at, error = chance.randint(1, most), chance.choice(ERRORS)
            yield striker.shimmed(world.output, at=at, do=error, onward=onward)

        self.refusals = Refusals(world, trouble, LIFE)

    def perform(self, stage: Stage) -> Outcome:
        """Make a command fail to write."""
        return self.refusals.perform(stage)


ACT = Denied
