"""Columns of text in Arrow's layout: offsets into one buffer, without a Python object per value.

Arrow's own conversions from Python values (``pa.array``, ``pa.scalar``, ``to_numpy``) import pandas, which
costs more than reading a day's file; buffers do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Column = Any
"""A ``pyarrow.ChunkedArray`` of strings: generic in its type stubs, but not at run time."""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Octets = np.ndarray[tuple[int], np.dtype[np.uint8]]
Places = np.ndarray[tuple[int], np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class Strings:
    """The values of one column of a table."""

    array: Any  # pyarrow.StringArray
    octets: Octets
    starts: Places
    ends: Places

    @classmethod
    def of(cls, column: Column) -> "Strings":
        """View a column with rows and without nulls."""
        return cls.of_array(column.combine_chunks())

    @classmethod
    def of_array(cls, array: Any) -> "Strings":
        """View an array with rows and without nulls."""
        _, offsets, data = array.buffers()
        places = np.frombuffer(offsets, np.int32, len(array) + 1, array.offset * 4)
        octets = np.frombuffer(data or b"\0", np.uint8)  # one byte to read if all values are empty
        return cls(array, octets, places[:-1], places[1:])

    @property
    def lengths(self) -> Places:
        """The length of each value in bytes."""
        return self.ends - self.starts

    def first(self) -> Octets:
        """Return each value's first byte; arbitrary for empty values."""
        return self.octets.take(self.starts, mode="clip")

    def last(self, back: int = 1) -> Octets:
        """Return the byte ``back`` from each value's end; arbitrary for shorter values."""
        return self.octets.take(self.ends - np.int32(back), mode="clip")

    def where(self, flags: Flags) -> Any:
        """Return the flagged values."""
        bits = as_buffer(np.packbits(flags, bitorder="little"))
        return self.array.filter(pa.BooleanArray.from_buffers(pa.bool_(), flags.size, [None, bits]))


def as_buffer(data: Any) -> pa.Buffer:
    """Wrap anything with a buffer, without a copy."""
    return pa.py_buffer(data)


def look(array: Any) -> Strings:
    """View an array without nulls, which may be empty."""
    if len(array):
        return Strings.of_array(array)
    places: Places = np.zeros(0, np.int32)
    octets: Octets = np.zeros(1, np.uint8)
    return Strings(array, octets, places, places)


def text_array(values: Sequence[str]) -> Any:
    """Build an Arrow array of a few texts."""
    encoded = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), as_buffer(offsets), as_buffer(b"".join(encoded)))


def nothing(rows: int) -> Any:
    """Build an Arrow array of empty texts."""
    return pa.StringArray.from_buffers(rows, as_buffer(np.zeros(rows + 1, np.int32)), as_buffer(b""))


def count_values(column: Column) -> dict[str, int]:
    """Count the distinct values of a column."""
    counted: Any = pc.value_counts(column)
    return dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))
