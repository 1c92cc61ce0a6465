"""What a round is, and what came of it."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import ClassVar, Protocol

from crashes import acts
from crashes.strike import Phase, Striker


class CannotError(Exception):
    """This machine cannot perform an act: the reason."""


@dataclass(slots=True)
class Outcome:
    """What came of a round: acknowledgements that were confirmed, those that are gone, and what is broken."""

    phase: Phase
    told: int = 0
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Stage:
    """What an act works with: a folder of its own, chance, and what ends processes."""

    folder: Path
    chance: random.Random
    striker: Striker
    closing: ExitStack  # is closed when the act is over


class Act(Protocol):
    """A command and its rounds; the world stays from round to round, so that what grows is seen to grow."""

    name: ClassVar[str]
    share: ClassVar[int]  # of a hundred rounds

    def begin(self, stage: Stage) -> None:
        """Prepare the world. Raises CannotError."""

    def perform(self, stage: Stage) -> Outcome:
        """Do a round."""


def known_acts() -> Iterator[type[Act]]:
    """Yield every act, by the name of its module."""
    for module in iter_modules(acts.__path__, f"{acts.__name__}."):
        act: type[Act] = import_module(module.name).ACT
        yield act
