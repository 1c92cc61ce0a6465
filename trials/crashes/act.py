"""Acts, their rounds, and the outcomes."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from crashes import acts
from crashes.strike import Phase, Striker
from exporter.registry import constants_of


class CannotError(Exception):
    """This machine cannot perform an act; the message says why."""


@dataclass(slots=True)
class Outcome:
    """The outcome of a round: confirmed acknowledgements, lost ones, and whatever is broken."""

    phase: Phase
    told: int = 0
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Stage:
    """What an act works with: its own folder, a source of randomness, and a means of killing processes."""

    folder: Path
    chance: random.Random
    striker: Striker
    closing: ExitStack  # closed when the act is over


class Act(Protocol):
    """A command and its rounds; the world is kept between rounds, so that leaks add up."""

    name: ClassVar[str]
    share: ClassVar[int]  # of a hundred rounds

    def begin(self, stage: Stage) -> None:
        """Prepare the world. Raises CannotError."""

    def perform(self, stage: Stage) -> Outcome:
        """Perform one round."""


def known_acts() -> Iterator[type[Act]]:
    """Yield every act in order of its module's name."""
    yield from constants_of(acts, "ACT")
