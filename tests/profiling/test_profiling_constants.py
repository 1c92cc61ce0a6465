"""Columns with one value are distinguished from those with two, however the data is split."""

import pyarrow as pa
import pytest

from exporter.profiling.constants import Constant, tally_constants
from exporter.profiling.missing import NO_VALUE


def look(*chunks: list[str]) -> Constant:
    """Return the result for one column; without a value, that of no rows."""
    columns = {"column": pa.chunked_array(chunks, pa.string())}
    return tally_constants(columns, NO_VALUE).get("column", Constant(0, None))


@pytest.mark.parametrize(
    ("chunks", "holds"),
    [
        ([["a"] * 9], True),
        ([["a"], [], ["a", "a"]], True),
        ([["a"] * 9, ["b"]], False),
        ([["a", "b", *["a"] * 9]], False),
        ([["a", "a"], ["a", "a", "b", "a"]], False),
        ([["a"]], False),  # one row
        ([["", "", "", "", "", "a"], ["", "a", ""]], True),  # empty rows do not count
        ([["a", "", "", "a"], [""] * 9, ["", "b", ""]], False),
        ([[*[""] * 9, "a", *[""] * 9, "b", *[""] * 9, "a"]], False),
        ([["", ""]], False),  # no value
        ([["n/a"] * 3], False),
    ],
)
def test_one_value_in_every_row(chunks: list[list[str]], holds: object) -> None:
    """The first value, and every other."""
    assert look(*chunks).holds is holds


def test_parts_add_up() -> None:
    """Two constant parts are constant together only if the value is the same; one without values is none."""
    assert "column" not in tally_constants({"column": pa.chunked_array([["", ""]], pa.string())}, NO_VALUE)
    one, same, other = look(["a"]), look(["a", "a"]), look(["b"])
    assert one.merge(same) == same.merge(one) == Constant(3, one.digest)
    assert one.merge(same).holds
    assert not one.merge(other).holds
    assert not other.merge(one, same).holds
