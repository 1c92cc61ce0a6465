"""What counts as missing."""

import pytest
from pandas._libs.parsers import STR_NA_VALUES

from exporter.profiling.missing import NO_VALUE, PANDAS_NA_STRINGS, MissingValues, is_missing, placeholder_of


def test_the_na_strings_are_those_of_pandas() -> None:
    """Who reads the same file with pandas sees the same values missing."""
    assert PANDAS_NA_STRINGS == STR_NA_VALUES
    assert NO_VALUE.longest == len("#N/A N/A")


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


def test_what_databases_export_for_null_is_missing() -> None:
    r"""``\N`` is no value of MySQL, Postgres and Hive."""
    assert is_missing(r"\N")
    assert is_missing(r" \N ")
    assert not is_missing(r"\\N")


def test_more_words_can_mean_no_value() -> None:
    """They add to those that are built in, and count with white space around them."""
    words = MissingValues([" (not set) "])
    assert "(not set)" in words
    assert " (not set)" in words
    assert "null" in words
    assert not is_missing("(not set)")
    assert words.longest == len("(not set)")


@pytest.mark.parametrize(
    "value",
    [
        "undefined",
        " (Direct)",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "0000",
        "***",
        '""',
        "{{client_id}}",
        "${clientId}",
        "%CLIENT_ID%",
        "[object Object]",
    ],
)
def test_what_stands_for_a_value_is_a_placeholder(value: str) -> None:
    """A word, an id of one character, an unfilled template."""
    assert placeholder_of(value) == value.strip().lower()


@pytest.mark.parametrize(
    "value",
    [
        "7",
        "x",
        "0f",
        "00000000-0000-0000-0000-000000000001",
        "jane",
        "(Jane Doe)",
        '{"a": 1}',
        "{{" + "a" * 99 + "}}",
        "1740959397-I9koxjexP0-3",
    ],
)
def test_other_values_are_none(value: str) -> None:
    """Names in brackets, JSON, and identifiers."""
    assert placeholder_of(value) is None
