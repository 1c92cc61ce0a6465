"""What counts as missing."""

import pytest
from pandas._libs.parsers import STR_NA_VALUES

from exporter.profile.missing import LONGEST_NA, NA_STRINGS, is_missing


def test_the_na_strings_are_those_of_pandas() -> None:
    """Who reads the same file with pandas sees the same values missing."""
    assert NA_STRINGS == STR_NA_VALUES
    assert len("#N/A N/A") == LONGEST_NA


@pytest.mark.parametrize(
    "value", ["", " ", "\t\r\n", "\u00a0\u2003", "NULL", " null ", "\tNaN", "<NA>\n", "None"]
)
def test_nothing_said_is_missing(value: str) -> None:
    """Empty cells, white space of any script and NA strings with space around are missing."""
    assert is_missing(value)


@pytest.mark.parametrize(
    "value", ["0", "none", "Null", "nULL", "N A", ".", "-", "\x00", "\u200b", "undefined"]
)
def test_anything_else_is_there(value: str) -> None:
    """What only looks like nothing is a value."""
    assert not is_missing(value)
