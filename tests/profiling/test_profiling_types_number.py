"""Numbers are read as doubles and told of exactly."""

import math
import random
import re
import sys
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, common, cut_figures, cuts, figures, flat, is_inside, present, tally_absent

from exporter.feed import Column, Limits
from exporter.profiling.exact import SCALE
from exporter.profiling.values.sums import exact_sum

PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WRITTEN = st.one_of(
    st.floats().map(repr),
    st.floats(-1e6, 1e6).map(lambda number: f"{number:.2f}"),
    st.integers(-(10**30), 10**30).map(str),
    st.integers(-99, 99).map(lambda number: f" {number:+} "),
    st.from_regex(
        r"[+-]{0,2}[0-9]{0,3}\.?[0-9]{0,3}([eE][+-]?[0-9]{0,4})?", fullmatch=True, alphabet="0123456789.eE+-"
    ),
    st.sampled_from(ODD),
)
LIMITS = st.builds(
    Limits,
    minimum=st.one_of(st.none(), st.integers(-100, 0)),
    maximum=st.one_of(st.none(), st.floats(0, 1e6)),
    longest=st.one_of(st.none(), st.integers(1, 6)),
)


def read(text: str) -> float | None:
    """Read one trimmed text."""
    number = float(text) if PLAIN.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def expected(texts: Sequence[str], limits: Limits, read: object = read) -> dict[str, float]:
    """Tell of numbers one by one."""
    numbers = [number for text in present(texts) if (number := read(text)) is not None]
    told = {
        "negative_rows": sum(number < 0 for number in numbers),
        "zero_rows": sum(number == 0 for number in numbers),
    }
    if present(texts):
        told["sum_of_values"] = 0
    if numbers:
        total = sum(map(Fraction, numbers))
        told |= {
            "minimum": min(numbers),
            "maximum": max(numbers),
            "sum_of_values": nearest(total),
            "mean": nearest(total / len(numbers)),
        }

    def is_valid(text: str) -> bool:
        number = read(text)
        return (
            number is not None
            and (limits.minimum is None or number >= limits.minimum)
            and (limits.maximum is None or number <= limits.maximum)
            and is_inside(text, limits)
        )

    return {**common(texts, is_valid), **told}


def nearest(value: Fraction) -> float:
    """Round once; beyond the largest double there is nothing."""
    try:
        return float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -sys.float_info.max


@settings(max_examples=150)
@given(parts=cuts(WRITTEN), row_by_row=st.booleans(), limits=LIMITS)
def test_numbers_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], limits: Limits, *, row_by_row: bool
) -> None:
    """Any cut gives what reading one number at a time gives, odd ones included."""
    column = Column("amount", "number", limits=limits)
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, column)
    assert dict(found.numbers) == expected(flat(parts), limits)
    assert (found.type, found.values, found.values_overflow) == ("number", {}, 0)


@pytest.mark.parametrize("row_by_row", [True, False])
@pytest.mark.parametrize(
    "odd",
    [
        "1e999",
        "inf",
        "NAN",
        "0x10",
        "1_000",
        "1,5",
        "1 000",
        "\u0663",
        "-",
        "+-1",
        "1e",
        ".",
        "1.5.2",
        "\u22121",
    ],
)
def test_what_is_no_plain_number_is_invalid_and_spoils_no_neighbour(odd: str, *, row_by_row: bool) -> None:
    """Infinity, hexadecimals, separators and digits of other scripts are not numbers here."""
    with bounds(row_by_row=row_by_row):
        found = figures(["1", odd, " +2.5 ", "", "-.5", "3.", "1e1"], Column("amount", "number")).numbers
    assert (found["invalid_rows"], found["missing_rows"], found["sum_of_values"]) == (1, 1, 16)
    assert (found["minimum"], found["maximum"], found["mean"]) == (-0.5, 10, 3.2)


def test_no_zero_is_negative() -> None:
    """Which of two zeros is the least would depend on their order."""
    assert str(figures(["-0", "0.0", "-0.0"], Column("amount", "number")).numbers["minimum"]) == "0.0"


def test_a_file_without_the_column_lacks_every_value() -> None:
    """Then nothing is known of numbers."""
    numbers = tally_absent(3, Column("amount", "number")).seal().numbers
    assert (numbers["missing_rows"], numbers["missing_ratio"], numbers["distinct_values"]) == (3, 1, 0)
    assert not numbers.keys() & {"minimum", "maximum", "sum_of_values", "mean"}
    assert not tally_absent(0, Column("amount", "number")).seal().numbers.keys() & {
        "missing_ratio",
        "invalid_ratio",
    }


@given(
    values=st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 2**40)), max_size=30
    )
)
def test_sums_are_exact_however_often_a_value_counts(values: list[tuple[float, int]]) -> None:
    """Also where the rows are too many for the halves of significands to be added as doubles."""
    numbers = np.array([value for value, _ in values], np.float64)
    counts = np.array([count for _, count in values], np.int64)
    total = sum((Fraction(value) * count for value, count in values), Fraction(0))
    assert Fraction(exact_sum(numbers, counts), 1 << SCALE) == total


def test_a_sum_is_fsum_whatever_cancels() -> None:
    """Great numbers that cancel leave the small ones whole."""
    chance = random.Random(1)
    numbers = [chance.uniform(-1, 1) * 10.0 ** chance.randint(-20, 300) for _ in range(5000)]
    numbers += [-number for number in numbers[:4000]]
    found = figures([*map(repr, numbers)], Column("amount", "number")).numbers
    assert found["sum_of_values"] == math.fsum(numbers)
