"""Columns of numbers: texts parsed to doubles, and their figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exporter.model import ColumnFigures
from exporter.profiling.exact import nearest_double
from exporter.profiling.names import Names
from exporter.profiling.shapes import NO_NUMBERS, name_number
from exporter.profiling.strings import Column, Flags, Strings, look, text_array
from exporter.profiling.values import basis
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import Cells, flag_where, has_any, read_cells
from exporter.profiling.values.codes import Counts
from exporter.profiling.values.kind import Figure, Reading
from exporter.profiling.values.limits import outside, outside_range
from exporter.profiling.values.sums import Doubles, exact_sum

NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
FEW, PARTS = (
    1024,
    16,
)  # values not worth another joint try; number of parts for others
SHOWN = 15  # characters of numbers that doubles represent exactly
FRACTION = r"[eE]|\.0*[1-9]"

FIGURES = (
    *basis.FIGURES,
    Figure("minimum", "The smallest number."),
    Figure("maximum", "The largest number."),
    Figure("sum_of_values", "The sum of all numbers, exact and rounded once; 0 if no value is one."),
    Figure("mean", "The mean of all numbers, exact and rounded once."),
    Figure("negative_rows", "Rows with a negative number."),
    Figure("zero_rows", "Rows with a zero."),
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures of all numbers; ``Numbers()`` is that of none."""

    rows: int = 0
    total: int = 0  # in units of 2**-1074, so that sums are exact in any order
    negative: int = 0
    zero: int = 0
    minimum: float | None = None
    maximum: float | None = None

    @classmethod
    def of(cls, values: Doubles, counts: Counts) -> "Numbers":
        """Count finite numbers, each with its count."""
        if values.size == 0:
            return cls()
        least = float(values.min())
        return cls(
            rows=int(counts.sum()),
            total=exact_sum(values, counts),
            negative=int(counts[values < 0].sum()) if least < 0 else 0,
            zero=int(counts[values == 0].sum()),
            minimum=least,
            maximum=float(values.max()),
        )

    @classmethod
    def merge(cls, parts: Sequence["Numbers"]) -> "Numbers":
        """Merge: associative, order-free, with ``Numbers()`` as its identity."""
        return cls(
            rows=sum(part.rows for part in parts),
            total=sum(part.total for part in parts),
            negative=sum(part.negative for part in parts),
            zero=sum(part.zero for part in parts),
            minimum=min((part.minimum for part in parts if part.minimum is not None), default=None),
            maximum=max((part.maximum for part in parts if part.maximum is not None), default=None),
        )

    def numbers(self) -> dict[str, float]:
        """Return the figures by name."""
        numbers: dict[str, float] = {"negative_rows": self.negative, "zero_rows": self.zero}
        if self.minimum is not None and self.maximum is not None:
            numbers["minimum"] = self.minimum
            numbers["maximum"] = self.maximum
            numbers["sum_of_values"] = nearest_double(self.total)
            numbers["mean"] = nearest_double(self.total, self.rows)
        return numbers


@dataclass(frozen=True, slots=True)
class NumberState:
    """A column of numbers, whole or not."""

    type: str
    basis: Basis = field(default_factory=Basis)
    numbers: Numbers = field(default_factory=Numbers)
    shapes: Names = field(default_factory=Names)  # of values that are not numbers

    def merge(self, *others: "NumberState") -> "NumberState":
        """Merge."""
        parts = (self, *others)
        return NumberState(
            self.type,
            Basis.merge([part.basis for part in parts]),
            Numbers.merge([part.numbers for part in parts]),
            Names.merge(part.shapes for part in parts),
        )

    def seal(self) -> ColumnFigures:
        """Return the figures."""
        numbers = self.basis.numbers() | self.numbers.numbers()
        if self.basis.rows > self.basis.missing:
            numbers.setdefault("sum_of_values", 0.0)  # or a column that cannot be read would not be judged
        return ColumnFigures(self.type, numbers, shapes=dict(sorted(self.shapes.counts.items())))


def tally_numbers(column: Column, reading: Reading, type_name: str, *, whole: bool = False) -> NumberState:
    """Count a column of numbers; ``whole``: fractions are invalid.

    Numbers outside the column's limits are invalid but included in the figures, so that errors show.
    """
    cells, missing = read_cells(column, reading.missing)
    values, readable = read_numbers(cells.strings)
    if whole:
        readable = readable & is_whole(cells.strings, values)
    limits = reading.column.limits
    invalid = ~readable | outside(cells.strings, limits) | outside_range(values, limits)
    whole_column = bool(readable.all())
    known = cells.counts if whole_column else cells.counts[readable]
    return NumberState(
        type_name,
        Basis.of(cells, missing, invalid),
        Numbers.of(values if whole_column else values[readable], known),
        Names() if whole_column or reading.column.personal else _shapes(cells, ~readable),
    )


def _shapes(cells: Cells, flags: Flags) -> Names:
    """Count the shapes of flagged values. Arrow masks ASCII, which leaves few distinct texts for Python."""
    texts: Any = cells.strings.where(flags)
    masked = texts
    for letters, one in (("[0-9]", "9"), ("[A-Za-z]", "a")):
        masked = pc.replace_substring_regex(masked, letters, one)
    bare = pc.utf8_ltrim(pc.ascii_lower(texts), characters="+-")
    masked = pc.if_else(pc.is_in(bare, value_set=text_array(sorted(NO_NUMBERS))), texts, masked)
    shapes: Counter[str] = Counter()
    for text, rows in zip(masked.to_pylist(), cells.counts[flags].tolist(), strict=True):
        shapes[name_number(text)] += rows
    return Names.bounded(shapes)


def read_numbers(strings: Strings) -> tuple[Doubles, Flags]:
    """Return trimmed texts as doubles, and which are finite numbers in plain decimal notation.

    Arrow rounds those correctly. What else it reads (``inf``, ``nan``) is not finite.
    """
    values = _read_numbers(strings.array)
    return values, np.isfinite(values)


def _read_numbers(array: Any) -> Doubles:
    """Let Arrow read numbers; if it fails, find the few values that it cannot read."""
    try:
        return _cast(array)
    except pa.ArrowInvalid:
        if len(array) > FEW:
            step = -(-len(array) // PARTS)
            parts = [_read_numbers(array[start : start + step]) for start in range(0, len(array), step)]
            return np.concatenate(parts)
    plain = flag_where(array, NUMBER)
    values = np.full(plain.size, np.nan)
    if plain.any():
        values[plain] = _cast(pc.utf8_ltrim(look(array).where(plain), characters="+"))
    return values


def _cast(array: Any) -> Doubles:
    cast: Any = pc.cast(array, pa.float64())
    values = np.frombuffer(cast.buffers()[1] or b"", np.float64, len(cast), cast.offset * 8)
    return values + 0.0  # so that no zero is negative


def is_whole(strings: Strings, values: Doubles) -> Flags:
    """Flag numbers without a fraction: ``3``, ``3.0``, ``3e2``.

    If a double may hide a fraction, the text decides.
    """
    with np.errstate(invalid="ignore"):
        whole: Flags = values == np.rint(values)
        coarse = whole & ((strings.lengths > SHOWN) | (values == 0))
    if coarse.any() and has_any(strings, b".eE"):
        coarse &= flag_where(strings.array, FRACTION)
        texts = strings.where(coarse).to_pylist()
        known = {text: _has_no_fraction(text) for text in set(texts)}
        whole[coarse] = [known[text] for text in texts]
    return whole


def _has_no_fraction(text: str) -> bool:
    """Decide by the digits of a finite number: an exponent may be of any size."""
    digits, _, exponent = text.lower().partition("e")
    before, _, after = digits.lstrip("+-").partition(".")
    significant = (before + after).rstrip("0")
    return not significant.strip("0") or len(significant) <= len(before) + int(exponent or 0)
