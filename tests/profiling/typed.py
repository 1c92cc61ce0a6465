"""Columns for tests of the column types: made of texts, cut anywhere, and judged by a plain second way."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, tzinfo

import pyarrow as pa
import pytest
from hypothesis import strategies as st
from reference import day_of

from exporter.feed import Column, Limits
from exporter.model import ColumnFigures
from exporter.profiling import names
from exporter.profiling.kinds import TYPES, Reading, State
from exporter.profiling.missing import NO_VALUE, is_missing
from exporter.profiling.strings import text_array
from exporter.profiling.values import codes, distinct
from exporter.profiling.values.codes import absent

DAY = date(2025, 3, 30)
ODD = (
    "",
    " ",
    "NA",
    " null ",
    "nan",
    "NAN",
    "\\N",
    "a",
    " a",
    "a\u00a0",
    "A",
    "\u00e9t\u00e9",
    "\u0663",
    "0x10",
    "1_000",
)
ODD = (
    *ODD,
    "1,5",
    "1e999",
    "-1e999",
    "inf",
    "-Infinity",
    "x" * 300,
    "x" * 257,
    "\u00e9" * 200,
    "\0",
    "a\0",
    "\0a",
)


@st.composite
def cuts(draw: st.DrawFn, texts: st.SearchStrategy[str], most: int = 16) -> list[list[list[str]]]:
    """Draw a column as the chunks of its parts."""
    return draw(st.lists(st.lists(st.lists(texts, max_size=most // 2), max_size=3), min_size=1, max_size=4))


def flat(parts: Sequence[Sequence[Sequence[str]]]) -> list[str]:
    """Return all texts of all parts."""
    return [text for part in parts for chunk in part for text in chunk]


def chunked(chunks: Sequence[Sequence[str]]) -> pa.ChunkedArray:
    """Build a column as a CSV reader gives it."""
    return pa.chunked_array([text_array(chunk) for chunk in chunks], pa.string())


def reading(column: Column, zone: tzinfo = UTC) -> Reading:
    """Read by the day of all tests and the built-in words for no value."""
    return Reading(column, day_of(DAY, zone), NO_VALUE)


def tally(texts: Sequence[str], column: Column, zone: tzinfo = UTC) -> State:
    """Tally a column in one piece."""
    return TYPES[column.type].tally(chunked([texts]), reading(column, zone))


def tally_absent(rows: int, column: Column, zone: tzinfo = UTC) -> State:
    """Tally rows of a file that lacks a column."""
    return TYPES[column.type].tally(absent(rows), reading(column, zone))


def figures(texts: Sequence[str], column: Column, zone: tzinfo = UTC) -> ColumnFigures:
    """Return the figures of a column in one piece."""
    return tally(texts, column, zone).seal()


def cut_figures(
    parts: Sequence[Sequence[Sequence[str]]], column: Column, zone: tzinfo = UTC
) -> ColumnFigures:
    """Return the figures of a column that comes in parts, merged in any order and grouping."""
    kind = TYPES[column.type]
    states = [kind.tally(chunked(part), reading(column, zone)) for part in parts]
    chance = random.Random(len(states))
    chance.shuffle(states)
    middle = chance.randrange(len(states))
    nothing = tally_absent(0, column, zone)
    left = nothing.merge(*states[:middle])
    return states[middle].merge(*states[middle + 1 :]).merge(left, nothing).seal()


@contextmanager
def bounds(*, row_by_row: bool = False, told_apart: int = 100_000, named: int = 1000) -> Iterator[None]:
    """Let few values be many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "SAMPLE", 1 if row_by_row else 4096)
        patch.setattr(distinct, "BOUND", told_apart)
        patch.setattr(names, "BOUND", named)
        yield


def common(texts: Sequence[str], is_valid: Callable[[str], bool]) -> Mapping[str, float]:
    """Return the figures of every column, value by value."""
    present = [text.strip() for text in texts if not is_missing(text)]
    invalid = sum(not is_valid(text) for text in present)
    numbers: dict[str, float] = {
        "missing_rows": len(texts) - len(present),
        "invalid_rows": invalid,
        "distinct_values": len(set(present)),
        "distinct_is_exact": 1,
        "duplicate_rows": len(present) - len(set(present)),
    }
    if texts:
        numbers["missing_ratio"] = (len(texts) - len(present)) / len(texts)
        numbers["invalid_ratio"] = invalid / len(texts)
    return numbers


def is_inside(text: str, limits: Limits) -> bool:
    """Judge a trimmed text by the limits on texts."""
    return (
        (limits.values is None or text in limits.values)
        and (limits.pattern is None or re.fullmatch(limits.pattern, text) is not None)
        and (limits.shortest is None or len(text) >= limits.shortest)
        and (limits.longest is None or len(text) <= limits.longest)
    )


def present(texts: Sequence[str]) -> list[str]:
    """Return what is there, trimmed."""
    return [text.strip() for text in texts if not is_missing(text)]
