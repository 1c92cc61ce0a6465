"""A full disk: a small tmpfs with a random amount of free space."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

from crashes.act import CannotError, Outcome, Stage
from crashes.refused import Refusals
from crashes.world import World

SIZE = 4 * 2**20
FREE = 300_000  # bytes at most: a little more than one pass needs
PIECE = bytes(4096)
LIFE = 1.2  # seconds


class Full:
    """``run``, ``gate ack``, ``report html`` and ``init`` with space for everything, something or nothing."""

    name: ClassVar[str] = "disk full (tmpfs)"
    share: ClassVar[int] = 7

    def begin(self, stage: Stage) -> None:
        """Make a world whose output is on a disk of its own."""
        world = World(stage.folder / "world")
        world.output.mkdir(parents=True)
        if os.geteuid() != 0 or not _mount(world.output):
            raise CannotError("mounting needs root")
        stage.closing.callback(subprocess.run, ["umount", world.output], check=True)
        self.refusals = Refusals(World.make(world.folder), lambda chance: _filled(world.output, chance), LIFE)

    def perform(self, stage: Stage) -> Outcome:
        """Make a command run out of space."""
        return self.refusals.perform(stage)


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def _filled(folder: Path, chance: random.Random) -> Iterator[dict[str, str]]:
    free = 0 if chance.random() < 0.3 else chance.randrange(FREE)
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(PIECE)
        os.truncate(filler, max(0, filler.stat().st_size - free))
        yield {}
    finally:
        filler.unlink()


ACT = Full
