"""Packs: figures for one kind of business, beyond those of column types.

A pack is one module of ``exporter.profiling.packs`` with a ``PACK``, which a feed's contract
enables by name.
"""

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
from exporter.registry import constants_of


class PackState(Protocol):
    """A pack's counts for a part of a file. Merging is associative and order-free."""

    def merge(self, *others: Self) -> Self:
        """Return the state of all parts together."""

    def seal(self) -> Any:
        """Return the figures of the total: a frozen dataclass of numbers and mappings to numbers."""

    def detach(self) -> tuple[Self, Ids | None]:
        """Return the state without its exactly counted ids, and the ids; ``None``: it has none."""

    def counted(self, distinct: int) -> Self:
        """Return the state of the total, whose ids were detached and counted elsewhere."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A pack's counts for a block, and the missing values of columns that it counted anyway."""

    state: PackState
    missing: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[SplitKey, SplitState] = field(default_factory=dict)


class Pack(Protocol):
    """A pack. ``columns`` are those that it reads, if a table has them; ``metrics`` what it exposes."""

    @property
    def name(self) -> str:
        """Its name in contracts."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""

    @property
    def needle(self) -> bytes | None:
        """Malformed records that contain these bytes are counted for it."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it exposes of a partition."""

    @property
    def split_by(self) -> tuple[SplitBy, ...]:
        """Columns by which totals are split although no contract gives them a type."""

    def look(
        self, columns: Mapping[str, Column], rows: int, missing: MissingValues, splits: Sequence[SplitBy]
    ) -> Looked:
        """Count the good records of a block; columns absent from the file are not in ``columns``.

        ``splits`` are the columns by which the pack's totals are split.
        """

    def malformed(self, count: int) -> PackState:
        """Return the state for some malformed records that contain the needle."""

    def decode(self, fields: dict[str, Any]) -> Any:
        """Return sealed figures from their fields, as given by ``dataclasses.asdict`` and JSON.

        Raises KeyError, TypeError, ValueError or AttributeError for fields of another version.
        """


@cache
def known_packs() -> Mapping[str, Pack]:
    """Return all packs by name."""
    return {pack.name: pack for pack in constants_of(packs, "PACK")}
