"""The values of one column of a block, trimmed, each with the number of rows that have it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow.compute as pc

from exporter.profiling.missing import MissingValues
from exporter.profiling.strings import Column, Flags, Octets, Strings, look, text_array
from exporter.profiling.values.codes import Coded, Counts, count
from exporter.profiling.window import FIRST_BEYOND_ASCII


@dataclass(frozen=True, slots=True)
class Cells:
    """Existing values. The same value may occur more than once."""

    strings: Strings
    counts: Counts  # rows by value

    @property
    def rows(self) -> int:
        """The number of rows with a value."""
        return int(self.counts.sum())

    def where(self, flags: Flags) -> "Cells":
        """Return the flagged values."""
        return Cells(look(self.strings.where(flags)), self.counts[flags])

    def count(self, flags: Flags) -> int:
        """Count the rows of the flagged values."""
        return int(self.counts[flags].sum())


def read_cells(column: Column | Coded, missing: MissingValues) -> tuple[Cells, int]:
    """Return a column's trimmed values, and the rows without one."""
    strings, counts = (column.strings, column.counts) if isinstance(column, Coded) else count(column)
    cells = Cells(trimmed(strings), counts)
    absent = missing_flags(cells.strings, missing)
    return (cells.where(~absent), cells.count(absent)) if absent.any() else (cells, 0)


def trimmed(strings: Strings) -> Strings:
    """Trim values, as ``str.strip`` does."""
    return look(pc.utf8_trim_whitespace(strings.array)) if _has_odd_edges(strings) else strings


def missing_flags(strings: Strings, missing: MissingValues) -> Flags:
    """Flag trimmed values that mean "missing"; if all are longer than any such word, nothing is compared."""
    if int(strings.lengths.min(initial=missing.longest + 1)) > missing.longest:
        return np.zeros(strings.starts.size, np.bool_)
    return flags_of(pc.is_in(strings.array, value_set=_words(frozenset(missing.words))))


def count_again(cells: Cells) -> Cells:
    """Make sure that every value occurs once."""
    distinct: Any = pc.dictionary_encode(cells.strings.array)
    if len(distinct.dictionary) == len(distinct):
        return cells
    indices = np.frombuffer(distinct.indices.buffers()[1], np.int32, len(distinct))
    counts = np.zeros(len(distinct.dictionary), np.int64)
    np.add.at(counts, indices, cells.counts)
    return Cells(look(distinct.dictionary), counts)


def flags_of(array: Any) -> Flags:
    """Return an Arrow array of booleans without nulls as flags."""
    bits = np.frombuffer(array.buffers()[1] or b"", np.uint8)
    flags: Flags = np.unpackbits(bits, count=array.offset + len(array), bitorder="little").view(np.bool_)
    return flags[array.offset :]


def has_any(strings: Strings, wanted: bytes) -> bool:
    """Return whether any of these bytes is in any value."""
    octets = octets_of(strings)
    return any((octets == octet).any() for octet in wanted)


def is_ascii(strings: Strings) -> bool:
    """Return whether all values are ASCII."""
    return bool(octets_of(strings).max(initial=0) < FIRST_BEYOND_ASCII)


def octets_of(strings: Strings) -> Octets:
    """Return the bytes of all values."""
    return strings.octets[strings.starts[0] : strings.ends[-1]] if strings.starts.size else strings.octets[:0]


def flag_where(array: Any, pattern: str) -> Flags:
    """Flag the values in which RE2 finds the pattern."""
    return flags_of(pc.match_substring_regex(array, pattern))


def _has_odd_edges(strings: Strings) -> bool:
    """Return whether any value may begin or end with white space: with a byte that is not graphic ASCII."""
    for octets in (strings.first(), strings.last()):
        odd = (octets - np.uint8(0x21)) >= np.uint8(0x5E)
        if odd.any() and (odd & (strings.lengths > 0)).any():
            return True
    return False


@lru_cache(maxsize=64)
def _words(words: frozenset[str]) -> Any:
    return text_array(sorted(words))
