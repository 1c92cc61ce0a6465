"""Integers are numbers without a fraction."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_profiling_types_number import LIMITS, WRITTEN, expected
from test_profiling_types_number import read as read_number
from typed import bounds, cut_figures, cuts, figures, flat

from exporter.feed import Column, Limits


def read(text: str) -> float | None:
    """Read one trimmed text; an exponent beyond any double is no fraction's."""
    number = read_number(text)
    if number is None:
        return None
    return number if Fraction(text).denominator == 1 else None


@settings(max_examples=150)
@given(parts=cuts(WRITTEN), row_by_row=st.booleans(), limits=LIMITS)
def test_integers_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], limits: Limits, *, row_by_row: bool
) -> None:
    """Any cut gives what reading one integer at a time gives, odd ones included."""
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("count", "integer", limits=limits))
    assert dict(found.numbers) == expected(flat(parts), limits, read)
    assert found.type == "integer"


@pytest.mark.parametrize(
    "text", ["3", "3.0", " 3. ", "3e2", "+3", "-3.000", "0e5", "0.0", "9007199254740993.0", "1.5e1"]
)
def test_what_has_no_fraction_is_an_integer(text: str) -> None:
    """Pandas writes ``3.0`` where other values are missing."""
    assert figures([text], Column("count", "integer")).numbers["invalid_rows"] == 0


@pytest.mark.parametrize(
    "text", ["3.5", "3e-1", "9007199254740993.5", "1e-400", "0.0e1x", "1.0000000000000000000001"]
)
def test_what_has_a_fraction_is_none(text: str) -> None:
    """Also one that no double would show."""
    found = figures([text, "1"], Column("count", "integer")).numbers
    assert (found["invalid_rows"], found["sum_of_values"]) == (1, 1)
