"""Columns with the same value in every row that has one: cheap to rule out for all others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
import xxhash

from exporter.profiling.missing import MissingValues
from exporter.profiling.strings import Column, Strings, text_array

LEAST_ROWS = 2  # a single row is always constant


@dataclass(frozen=True, slots=True)
class Constant:
    """Whether the rows with a value have the same one, as a digest; ``None`` if they do not."""

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


@dataclass(frozen=True, slots=True)
class Values:
    """The rows with a value, and a digest of it; ``None`` if there are several values."""

    rows: int
    digest: bytes | None

    def merge(self, *others: "Values") -> "Values":
        """Merge: associative and order-free. Rows without a value say nothing."""
        parts = [part for part in (self, *others) if part != NOTHING]
        if not parts:
            return NOTHING
        digests = {part.digest for part in parts}
        return Values(sum(part.rows for part in parts), digests.pop() if len(digests) == 1 else None)


NOTHING, SEVERAL = Values(0, b""), Values(1, None)


def tally_constants(columns: Mapping[str, Column], missing: MissingValues) -> dict[str, Constant]:
    """Return which columns of a block have one value.

    Empty rows do not count, and a block of them has no state; a column of another word for a missing value is
    not constant.
    """
    looked = ((name, _look(column, missing)) for name, column in columns.items() if len(column))
    return {name: found for name, found in looked if found is not None}


def _look(column: Column, missing: MissingValues) -> Constant | None:
    """Compare a few values, and all of them only if those are the same."""
    rows = len(column)
    if len({column[place].as_py() for place in (0, rows // 3, rows // 2, rows - 1)} - {""}) > 1:
        return Constant(rows, None)
    filled = np.flatnonzero(Strings.of(column).lengths)
    if filled.size == 0:
        return None
    first, *others = (column[int(filled[filled.size * part // 4])].as_py() for part in range(4))
    others.append(column[int(filled[-1])].as_py())
    if first in missing or any(other != first for other in others):
        return Constant(filled.size, None)
    value = text_array([first])[0]
    same = sum(_count(part, value) for part in column.chunks) == filled.size
    digest = xxhash.xxh3_128_digest(first.encode("utf-8", "surrogatepass"))
    return Constant(filled.size, digest if same else None)


def _count(part: Any, value: Any) -> int:
    return int(pc.sum(pc.equal(part, value)).as_py() or 0)
