"""Timestamps as RFC 3339 has them."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.profiling.rfc3339 import parse_ns

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = 1_743_292_800 * 10**9  # 2025-03-30T00:00:00Z


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2025-03-30T00:00:00Z", 0),
        ("2025-03-30t00:00:01z", 1),
        ("2025-03-30 00:00:01Z", 1),
        ("2025-03-30T01:00:00+01:00", 0),
        ("2025-03-29T18:30:00-05:30", 0),
        ("2025-03-30T00:00:00-00:00", 0),
        ("2025-03-30T00:00:59.5Z", 59.5),
        ("2025-03-30T00:00:60Z", 60),
        ("2025-03-30T23:59:60.25Z", 86_400.25),
        ("2025-03-30T00:00:00.1234567899Z", 0.123456789),
        ("2025-03-30T00:00:00.0000000009Z", 0),
    ],
)
def test_rfc_3339_is_read(text: str, seconds: float) -> None:
    """Letters of either case, a space, offsets, leap seconds and fractions of any length are all allowed."""
    assert parse_ns(text) == MIDNIGHT + round(seconds * 10**9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-03-30",
        "2025-03-30T00:00:00.Z",
        "2025-03-30T24:00:00Z",
        "2025-03-30T00:60:00Z",
        "2025-03-30T00:00:61Z",
        "2025-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2025-03-30T00:00:00+24:00",
        "2025-03-30T00:00:00+01:60",
        "2025-03-30  00:00:00Z",
        "20250330T000000Z",
        "2025-03-30T00:00:0\uff11Z",
        "2025-03-30T00:00:00Z\n",
        "1743292800",
        "2025-03-30T00:00:00  Z",
        "2025-03-30T00:00:00 CET",
        "2025-03-30T00:00:00 Utc",
        "2025-03-30T00:00:00 +0100 UTC",
        "2025-03-30T00:00:00+1",
        "2025-03-30T00:00:00+010",
        "2025-03-30T00",
        "2025-03-30T00:00,5",
        "30/03/2025 00:00:00",
        "2025-03-30 12:00:00 AM",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Dates alone, times without seconds, impossible times and other ways of writing are no timestamps."""
    assert parse_ns(text) is None


@pytest.mark.parametrize(
    ("text", "zone", "seconds"),
    [
        ("2025-03-30T00:00:00", UTC, 0),
        ("2025-03-30T01:00:00", BERLIN, 0),
        ("2025-03-30T03:00:00", BERLIN, 3600),
        ("2025-03-30T02:30:00", BERLIN, 5400),
        ("2025-03-30T01:00:00Z", BERLIN, 3600),
    ],
)
def test_a_time_without_an_offset_is_the_zones(text: str, zone: tzinfo, seconds: int) -> None:
    """The zone counts only where none is named; an hour that a clock change skips is read as before it."""
    assert parse_ns(text, zone) == MIDNIGHT + seconds * 10**9


@given(moment=st.datetimes(), minutes=st.one_of(st.none(), st.integers(-1439, 1439)))
def test_what_datetime_writes_is_read_back(moment: datetime, minutes: int | None) -> None:
    """Every instant of datetime, at any offset, is read to the microsecond."""
    offset = timedelta(minutes=minutes or 0)
    sign, ahead = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    hours, rest = divmod(ahead // timedelta(minutes=1), 60)
    text = moment.isoformat() + ("" if minutes is None else f"{sign}{hours:02d}:{rest:02d}")
    microseconds = (moment - datetime(1970, 1, 1) - offset) // timedelta(microseconds=1)  # noqa: DTZ001  wall times
    assert parse_ns(text) == microseconds * 1000


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("2025-03-30 00:10:00.000 UTC", "2025-03-30T00:10:00Z"),
        ("2025-03-30 00:10:00 UTC", "2025-03-30T00:10:00Z"),
        ("2025-03-30 00:10:00 utc", "2025-03-30T00:10:00Z"),
        ("2025-03-30 00:10:00 +0000 UTC", "2025-03-30T00:10:00Z"),
        ("2025-03-30 00:10:00+00", "2025-03-30T00:10:00Z"),
        ("2025-03-30 00:10:00.5-05", "2025-03-30T00:10:00.5-05:00"),
        ("2025-03-30T00:10:00+0000", "2025-03-30T00:10:00Z"),
        ("2025-03-30T00:10:00+0530", "2025-03-30T00:10:00+05:30"),
        ("2025-03-30 00:10:00 -0530", "2025-03-30T00:10:00-05:30"),
        ("2025-03-30 00:10", "2025-03-30T00:10:00"),
        ("2025-03-30T00:10Z", "2025-03-30T00:10:00Z"),
        ("2025-03-30 00:10:00,599", "2025-03-30T00:10:00.599"),
    ],
)
def test_spellings_of_common_exporters_mean_what_they_say(text: str, plain: str) -> None:
    """BigQuery, Postgres, Ruby, Java's logs and spreadsheets: one instant each, named without doubt."""
    assert parse_ns(plain) is not None
    assert parse_ns(text) == parse_ns(plain)


def test_of_an_hour_that_occurs_twice_the_first_is_meant() -> None:
    """A local time on the day that clocks go back says no more."""
    berlin = ZoneInfo("Europe/Berlin")
    assert parse_ns("2025-10-26T02:30:00", berlin) == parse_ns("2025-10-26T02:30:00+02:00")
