"""Which rows of a column have the same value: the distinct values, and each row's index.

If values repeat, each is processed once; if they hardly do, finding duplicates would cost more than it
saves, and every row is processed. The results are the same.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exporter.profiling.strings import Column, Places, Strings, as_buffer, look, text_array

Counts = np.ndarray[tuple[int], np.dtype[np.int64]]
Codes = np.ndarray[tuple[int], np.dtype[Any]]
Known = np.ndarray[tuple[int], np.dtype[Any]]
Words = np.ndarray[tuple[int], np.dtype[Any]]
"""Short values as numbers, their bytes padded with zeros."""

SAMPLE = 4096  # rows used to decide whether values repeat
HARDLY = 0.9  # share of distinct values among them, above which they hardly do
KINDS = {4: pa.uint32(), 8: pa.uint64()}  # of words, by their bytes
MASKS = {  # by width and length
    width: np.tril(np.full((width + 1, width), 0xFF, np.uint8), -1).view(f"u{width}").ravel()
    for width in KINDS
}


@dataclass(frozen=True, slots=True)
class Coded:
    """The values of a column, and their rows."""

    strings: Strings
    counts: Counts  # rows by value
    codes: Codes | None = None  # by row, the index of its value; None: the rows are the values

    def spread(self, known: Known) -> Known:
        """Expand results by value to rows."""
        return known if self.codes is None else known.take(self.codes, mode="clip")


def absent(rows: int) -> Coded:
    """Return a column that a file lacks: no row has a value."""
    return Coded(look(text_array([""])), np.array([rows], np.int64))


def code(column: Column) -> Coded:
    """Return the distinct values of a column, and each row's index."""
    strings = look(column.combine_chunks())
    words = _words(strings)
    array = strings.array if words is None else _as_array(words)
    if _hardly_repeat(array):
        return Coded(strings, _once(strings))
    found: Any = pc.dictionary_encode(array)
    codes = np.frombuffer(found.indices.buffers()[1] or b"", np.int32, len(found))
    values = _as_strings(found.dictionary)
    return Coded(values, np.bincount(codes, minlength=values.starts.size), codes)


def count(column: Column) -> tuple[Strings, Counts]:
    """Return the distinct values of a column, and the rows of each."""
    strings = look(column.combine_chunks())
    words = _words(strings)
    array = strings.array if words is None else _as_array(words)
    if _hardly_repeat(array):
        return strings, _once(strings)
    found: Any = pc.value_counts(array)
    counts = found.field(1)
    return (
        _as_strings(found.field(0)),
        np.frombuffer(counts.buffers()[1] or b"", np.int64, len(counts), counts.offset * 8),
    )


def _once(strings: Strings) -> Counts:
    return np.ones(strings.starts.size, np.int64)


def _hardly_repeat(array: Any) -> bool:
    rows = len(array)
    if rows <= SAMPLE:
        return False
    distinct: Any = pc.unique(array.slice((rows - SAMPLE) // 2, SAMPLE))
    return len(distinct) > HARDLY * SAMPLE


def _words(strings: Strings) -> Words | None:
    """Return values of a few bytes as numbers, which are faster to compare; ``None`` if any is longer."""
    lengths = strings.lengths
    longest = int(lengths.max(initial=0))
    width = next((width for width in KINDS if longest <= width), None)
    if width is None or lengths.size == 0:
        return None
    octets = strings.octets[strings.starts[0] : strings.ends[-1]]
    if not octets.min(initial=1):  # a zero byte would count as the end
        return None
    octets = np.append(octets, np.zeros(width, np.uint8))
    words = np.ndarray((octets.size - width + 1,), f"u{width}", octets, strides=(1,))
    found: Words = words.take(strings.starts - strings.starts[0], mode="clip")
    if int(lengths.min()) < width:
        found &= MASKS[width].take(lengths, mode="clip")
    return found


def _as_array(words: Words) -> Any:
    return pa.Array.from_buffers(KINDS[words.itemsize], words.size, [None, as_buffer(words)])


def _as_strings(array: Any) -> Strings:
    """View values as strings, even if they were turned into words."""
    if array.type not in KINDS.values():
        return look(array)
    width = array.type.bit_width // 8
    words = np.frombuffer(array.buffers()[1] or b"", f"u{width}", len(array), array.offset * width)
    letters = words.view(np.uint8)
    offsets: Places = np.zeros(words.size + 1, np.int32)
    np.cumsum(np.searchsorted(MASKS[width], words), out=offsets[1:])
    octets = as_buffer(letters[letters != 0])
    return look(pa.StringArray.from_buffers(words.size, as_buffer(offsets), octets))
