"""Dates are days, whatever follows them."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_profiling_types_timestamp import expected
from typed import ODD, bounds, cut_figures, cuts, figures, flat

from exporter.feed import Column

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
