"""What a column type is: how it counts a column's values, and the resulting figures.

A type is a module of ``exporter.profiling.types`` with one ``TYPE``, and a test; nothing else refers to it by
name.
"""

from dataclasses import dataclass
from typing import Protocol, Self

from exporter.feed import Column
from exporter.model import ColumnFigures, Day
from exporter.profiling import strings
from exporter.profiling.missing import MissingValues


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a type provides, by its name in ``ColumnFigures.numbers``."""

    name: str  # with its unit: puffy_column_<name>
    help: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings for reading a column."""

    column: Column
    day: Day
    missing: MissingValues


class State(Protocol):
    """The counts of a column in a part of a file."""

    def merge(self, *others: Self) -> Self:
        """Return the counts of all parts together: associative and order-free."""

    def seal(self) -> ColumnFigures:
        """Return the figures, without unknown ones."""


class ColumnType(Protocol):
    """One column type."""

    @property
    def name(self) -> str:
        """Its name in contracts."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every number that it may provide."""

    def tally(self, values: strings.Column, reading: Reading) -> State:
        """Count the values of some rows: strings without nulls, as in the file."""
