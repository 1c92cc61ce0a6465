"""What a column type is: how it counts a column's values, and what figures that gives.

A type is a module of ``exporter.profiling.types`` with one ``TYPE``, and a test; nothing else knows its name.
"""

from dataclasses import dataclass
from typing import Protocol, Self

from exporter.feed import Column
from exporter.model import ColumnFigures, Day
from exporter.profiling import strings
from exporter.profiling.missing import MissingValues


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a type gives, by the name it has in ``ColumnFigures.numbers``."""

    name: str  # with its unit: puffy_column_<name>
    help: str


@dataclass(frozen=True, slots=True)
class Reading:
    """By what a column is read."""

    column: Column
    day: Day
    missing: MissingValues


class State(Protocol):
    """What is known of a column of a part of a file."""

    def merge(self, *others: Self) -> Self:
        """Return what is known of all parts together: associative and order-free."""

    def seal(self) -> ColumnFigures:
        """Return the figures. What cannot be known is not among them."""


class ColumnType(Protocol):
    """One column type."""

    @property
    def name(self) -> str:
        """What a feed's contract calls it."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every number that it may give."""

    def tally(self, values: strings.Column, reading: Reading) -> State:
        """Count the values of some rows: strings without nulls, as the file has them."""

    def absent(self, rows: int) -> State:
        """Count rows of a file that lacks the column; none of them for what merging starts with."""
