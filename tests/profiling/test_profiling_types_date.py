"""Dates are days, whatever follows them."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_profiling_types_timestamp import expected
from typed import ODD, bounds, cut_figures, cuts, figures, flat, present

from exporter.feed import Column
from exporter.profiling.values.odd_dates import PLACEHOLDERS

WRITTEN = st.one_of(
    st.dates().map(date.isoformat),
    st.dates(date(2025, 2, 20), date(2025, 3, 30)).map(lambda day: f" {day} "),
    st.from_regex(r"(2025|1900|2000|0000)-?[01][0-9]-?[0-3][0-9]?", fullmatch=True, alphabet="0123456789-"),
    st.sampled_from(
        [*ODD, "2025-W01-1", "2025-03-30T00:00:00Z", "20250330", "\u0662\u0660\u0662\u0665-03-30"]
    ),
)


def read(text: str) -> int | None:
    """Read one date as its beginning in UTC."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return (date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()) * 86_400 * 10**9
    except ValueError:
        return None


@settings(max_examples=150)
@given(parts=cuts(WRITTEN), row_by_row=st.booleans())
def test_dates_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], *, row_by_row: bool
) -> None:
    """Any cut gives what reading one date at a time gives."""
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("day", "date"))
    assert dict(found.numbers) == expected(flat(parts), read)
    assert found.type == "date"


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("%d.%m.%Y", "30.03.2025"),
        ("%d.%m.%Y", "30.3.2025"),
        ("%d %B %Y", "30 March 2025"),
        ("%Y%m%d", "20250330"),
        ("%Y-%m-%d %H:%M %z", "2025-03-30 00:15 +0200"),
        ("%Y-%m-%d %H:%M", "2025-03-30 23:59"),
    ],
)
def test_a_date_has_the_format_of_its_column(layout: str, text: str) -> None:
    """A time behind it, and where that was, do not matter."""
    found = figures([text, "2025"], Column("day", "date", format=layout)).numbers
    assert found["invalid_rows"] == 1
    assert found["latest_timestamp_seconds"] == datetime(2025, 3, 30, tzinfo=UTC).timestamp()


@settings(max_examples=150)
@given(
    parts=cuts(
        st.one_of(
            WRITTEN,
            st.sampled_from(
                ["0025-06-03", "0001-01-01", "1970-01-01", "9999-12-31", "0000-00-00", "1234567890", "3/4/25"]
            ),
        )
    ),
    row_by_row=st.booleans(),
)
def test_dates_that_are_none_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], *, row_by_row: bool
) -> None:
    """Every value is a date, a placeholder, of an impossible year, or has a shape."""
    texts = present(flat(parts))
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("day", "date"))
    known = {"1970-01-01", "0001-01-01", "9999-12-31", "1900-01-01"}
    placeholders = Counter(text for text in texts if text in known or re.fullmatch("[0:. /-]{6,}", text))
    early = Counter(f"the year {text[:4]}" for text in texts if text[0] == "0" and read(text) is not None)
    early.pop("the year 0001", None)
    assert found.placeholders == placeholders
    assert {shape: rows for shape, rows in found.shapes.items() if "year" in shape} == +early
    unread = sum(read(text) is None and text not in placeholders for text in texts)
    assert sum(found.shapes.values()) == unread + early.total()


@pytest.mark.parametrize(
    ("layout", "text", "shape"),
    [
        (None, "06/04/2025", "99/99/9999"),
        (None, "2025-02-30", "no possible date"),
        (None, "1748908800", "epoch seconds"),
        (None, "45811", "a spreadsheet's day number"),
        (None, "2025-06-03 10:00", "9999-99-99 99:99"),
        (None, "999-06-03", "999-99-99"),
        ("%d.%m.%Y", "2025-06-03", "9999-99-99"),
        ("%d.%m.%Y", "31.02.2025", "no possible date"),
        ("%d.%m.%Y", "03.06.0025", "the year 0025"),
        ("%d %b %Y", "03 Jum 2025", "no possible date"),
    ],
)
def test_what_is_no_date_has_a_shape(layout: str | None, text: str, shape: str) -> None:
    """Unless the column is personal, of which nothing is shown."""
    column = Column("day", "date", format=layout)
    assert figures([text, text], column).shapes == {shape: 2}
    assert figures([text, text], replace(column, personal=True)).shapes == {}
    assert figures(["2025-06-03"], Column("day", "date")).shapes == {}


@pytest.mark.parametrize("day", [*map(date.isoformat, PLACEHOLDERS), "0000-00-00"])
@pytest.mark.parametrize("layout", [None, "%d.%m.%Y", "%Y%m%d"])
def test_placeholders_are_counted_in_the_columns_format(layout: str | None, day: str) -> None:
    """As they are written; other days are none."""
    year, month, number = day.split("-")
    text = (layout or "%Y-%m-%d").replace("%Y", year).replace("%m", month).replace("%d", number)
    column = Column("day", "date", format=layout)
    found = figures([text, text, " "], column)
    assert (found.placeholders, found.shapes) == ({text: 2}, {})
    assert figures([text], replace(column, personal=True)).placeholders == {}
    near = figures(["1970-01-02", "1899-12-29", "2100-01-01"], Column("day", "date"))
    assert (near.placeholders, near.shapes) == ({}, {})
