"""Packs: what looks at the rows of one kind of business, beyond what any column's type can say.

A pack is one module of ``exporter.profiling.packs`` with a ``PACK`` in it, which the contract of a feed
switches on by its name.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, Self

from exporter.metric import Metric
from exporter.profiling import packs
from exporter.profiling.ids import Ids
from exporter.profiling.missing import MissingValues
from exporter.profiling.splits import SplitBy, SplitKey, SplitState
from exporter.profiling.strings import Column


class PackState(Protocol):
    """What a pack counted in a part of a file. Merging is associative and order-free."""

    def merge(self, *others: Self) -> Self:
        """Return the state of all parts together."""

    def seal(self) -> Any:
        """Return the figures of the whole: a frozen dataclass of numbers, and of mappings to numbers."""

    def detach(self) -> tuple[Self, Ids | None]:
        """Return the state without the ids that it counts exactly, and those; ``None``: it has none."""

    def counted(self, distinct: int) -> Self:
        """Return the state of the whole, whose ids were detached and counted elsewhere."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a pack found in a block, and the missing values of those columns that it counted anyhow."""

    state: PackState
    missing: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[SplitKey, SplitState] = field(default_factory=dict)


class Pack(Protocol):
    """A pack. ``columns`` are those that it reads, where a table has them; ``metrics`` what it exposes."""

    @property
    def name(self) -> str:
        """What contracts call it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""

    @property
    def needle(self) -> bytes | None:
        """Malformed records that hold these bytes are counted for it."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it exposes of a partition."""

    @property
    def split_by(self) -> tuple[SplitBy, ...]:
        """Columns that totals are split by though no contract gives them a type."""

    def look(
        self, columns: Mapping[str, Column], rows: int, missing: MissingValues, splits: Sequence[SplitBy]
    ) -> Looked:
        """Count the good records of a block; a column that the file lacks is not among ``columns``.

        ``splits`` are the columns by which what the pack adds up is split.
        """

    def malformed(self, count: int) -> PackState:
        """Return the state of so many malformed records that hold the needle."""

    def decode(self, fields: dict[str, Any]) -> Any:
        """Return sealed figures from their fields, as ``dataclasses.asdict`` and JSON give them.

        Raises KeyError, TypeError, ValueError or AttributeError for fields of another version.
        """


@cache
def known_packs() -> Mapping[str, Pack]:
    """Return all packs by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(packs.__path__))
    found: list[Pack] = [importlib.import_module(f"{packs.__name__}.{name}").PACK for name in names]
    return {pack.name: pack for pack in found}
