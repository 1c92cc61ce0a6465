"""Columns with the same value in every row: cheap to rule out for all others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
import xxhash

from exporter.profiling.missing import MissingValues
from exporter.profiling.strings import Column, text_array

LEAST_ROWS = 2  # a single row is always constant


@dataclass(frozen=True, slots=True)
class Constant:
    """Whether some rows have the same value, as a digest; ``None`` if they do not."""

    rows: int
    digest: bytes | None

    @property
    def holds(self) -> bool:
        """Whether it is about any rows."""
        return self.digest is not None and self.rows >= LEAST_ROWS

    def merge(self, *others: "Constant") -> "Constant":
        """Merge: associative and order-free."""
        parts = (self, *others)
        same = all(part.digest == self.digest for part in others)
        return Constant(sum(part.rows for part in parts), self.digest if same else None)


def tally_constants(columns: Mapping[str, Column], missing: MissingValues) -> dict[str, Constant]:
    """Return which columns of a block have one value. Words for a missing value do not count."""
    return {name: _look(column, missing) for name, column in columns.items() if len(column)}


def _look(column: Column, missing: MissingValues) -> Constant:
    """Compare with the first value, and stop at the first part of the block with another."""
    first, rows = column[0].as_py(), len(column)
    if any(column[place].as_py() != first for place in (rows // 3, rows // 2, rows - 1)):
        return Constant(rows, None)
    value = text_array([first])[0]
    same = first not in missing and all(_holds_only(part, value) for part in column.chunks)
    return Constant(rows, xxhash.xxh3_128_digest(first.encode("utf-8", "surrogatepass")) if same else None)


def _holds_only(part: Any, value: Any) -> bool:
    return len(part) == 0 or bool(pc.all(pc.equal(part, value)).as_py())
