"""Sums by group are exact: those of fractions, whatever the numbers and however they are added."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.profiling.exact import SCALE
from exporter.profiling.values import sums
from exporter.profiling.values.sums import exact_sums

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1000, 1000).map(lambda number: round(number, 2)),
    st.floats(0.5, 1e4),
    st.integers(-(2**53), 2**53).map(float),
    st.sampled_from([0.0, 5e-324, -5e-324, 1.7e308, 0.1]),
)


@given(
    pairs=st.lists(st.tuples(NUMBERS, st.integers(0, 3)), max_size=40),
    repeated=st.sampled_from([1, 1, 60]),
    many=st.sampled_from([1 << 26, 5]),
)
def test_every_group_has_its_exact_sum(pairs: list[tuple[float, int]], repeated: int, many: int) -> None:
    """Of all magnitudes at once, of cents, of whole numbers; of more rows than are added up together."""
    pairs = pairs * repeated
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "MANY", many)
        values = np.array([value for value, _ in pairs], np.float64)
        found = exact_sums(values, np.array([group for _, group in pairs], np.intp), 4)
    wanted = [Fraction(0)] * 4
    for value, group in pairs:
        wanted[group] += Fraction(value)
    assert [Fraction(total, 1 << SCALE) for total in found] == wanted
