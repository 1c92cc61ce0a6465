"""Columns that no figure is computed from: whether they have values, and more than one.

Reading them would cost more than all figures of a file. A few records show two values of nearly every
column; only those that show fewer are read in full.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exporter.feed import Table
from exporter.profiling.columns import columns_read
from exporter.profiling.constants import NOTHING, SEVERAL, Values, tally_constants
from exporter.profiling.missing import MissingValues
from exporter.profiling.strings import text_array

SAMPLE = 16 << 10  # bytes of a block

Read = Callable[[tuple[int, ...], int | None], pa.Table | None]
"""Reads other columns of a block, by position, or of its first bytes; ``None`` if they cannot be read."""


def columns_unread(table: Table) -> tuple[str, ...]:
    """Return the contract's columns that no figure needs."""
    read = set(columns_read(table))
    return tuple(name for name in table.names if name not in read)


def look(columns: Mapping[str, Any], missing: MissingValues) -> dict[str, Values]:
    """Look at all values of some columns, without repetitions of the header."""
    others = {
        name: column.filter(pc.not_equal(column, text_array([name])[0])) for name, column in columns.items()
    }
    known = tally_constants(others, missing)
    return {
        name: NOTHING
        if (found := known.get(name)) is None
        else SEVERAL
        if found.digest is None
        else Values(found.rows, found.digest)
        for name in columns
    }


@dataclass(slots=True)
class Unread:
    """Looks at the unread columns of one range, each until it has shown two values."""

    columns: dict[str, int]  # positions
    missing: MissingValues

    def look(self, read: Read) -> dict[str, Values]:
        """Return what a block says about the columns that have not shown two values yet."""
        if not self.columns:
            return {}
        sample = read(tuple(self.columns.values()), SAMPLE)
        found = {} if sample is None else _varied(sample, self.columns)
        left = {name: place for name, place in self.columns.items() if name not in found}
        whole = read(tuple(left.values()), None) if left else None
        if whole is None:
            found |= dict.fromkeys(left, SEVERAL)
        else:
            found |= look({name: whole.column(str(place)) for name, place in left.items()}, self.missing)
        self.columns = {name: place for name, place in left.items() if found.get(name) != SEVERAL}
        return found


def _varied(sample: pa.Table, columns: Mapping[str, int]) -> dict[str, Values]:
    """Return the columns with two values."""
    return {
        name: SEVERAL
        for name, place in columns.items()
        if len(set(pc.unique(sample.column(str(place))).to_pylist()) - {"", name}) > 1
    }
