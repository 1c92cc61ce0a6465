"""Timestamps are read alike, all at once and one by one."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from dirt import TIMES
from hypothesis import given, settings
from hypothesis import strategies as st
from typed import ODD, bounds, common, cut_figures, cuts, figures, flat, is_inside, present

from exporter.feed import Column, Limits
from exporter.profiling.rfc3339 import parse_ns

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("America/St_Johns")])
MOMENTS = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001  hypothesis wants wall times
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
NEAR = st.datetimes(datetime(2025, 3, 29), datetime(2025, 10, 27))  # noqa: DTZ001
NEARLY = st.from_regex(
    r"(2025-03-30|2024-02-29|2025-02-29|1500-01-01|0000-01-01|2025-3-30)[T t]"
    r"[0-2][0-9]:?[0-6][0-9](:?[0-6][0-9]([.,][0-9]{0,10})?)?"
    r" ?(Z|z|UTC|[+-][0-2][0-9](:?[0-6][0-9])?)?",
    fullmatch=True,
    alphabet="0123456789TtZzUC:+-., ",
)
WRITTEN = st.one_of(
    MOMENTS.map(datetime.isoformat),
    NEAR.map(datetime.isoformat),
    NEAR.map(lambda moment: f" {moment:%Y-%m-%d %H:%M:%S}Z"),
    NEAR.map(lambda moment: f"{moment:%Y-%m-%dt%H:%M:%S}.{moment.microsecond // 1000:03d}+0130"),
    NEARLY,
    TIMES,
    st.sampled_from(ODD),
)
NO_LIMITS = Limits()
FORMATS = (
    "%d/%b/%Y:%H:%M:%S %z",
    "[%d/%b/%Y:%H:%M:%S %z]",
    "%d.%m.%Y %H:%M",
    "%Y%m%d%H%M%S",
    "%Y%m%dT%H%M%S.%fZ",
    "%m/%d/%y %I:%M:%S %p",
    "%Y-%m-%d %H:%M:%S.%f%z",
    "%a %b %d %H:%M:%S %Y",
    "%Y-%j",
    "100%% %Y %m %d",
)


def expected(
    texts: Sequence[str], read: Callable[[str], int | None], limits: Limits = NO_LIMITS
) -> dict[str, float]:
    """Tell of instants one by one."""
    instants = [instant for text in present(texts) if (instant := read(text)) is not None]
    told = dict(common(texts, lambda text: read(text) is not None and is_inside(text, limits)))
    if instants:
        told["earliest_timestamp_seconds"] = min(instants) / 10**9
        told["latest_timestamp_seconds"] = max(instants) / 10**9
    return told


def by_format(text: str, layout: str, zone: tzinfo) -> int | None:
    """Read one text with ``strptime``."""
    if any(letter.isdecimal() and not letter.isascii() for letter in text):
        return None
    try:
        moment = datetime.strptime(text, layout)  # noqa: DTZ007
    except ValueError:
        return None
    if moment.tzinfo is None:
        return parse_ns(moment.isoformat(), zone)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


@settings(max_examples=150)
@given(
    parts=cuts(WRITTEN),
    row_by_row=st.booleans(),
    zone=ZONES,
    longest=st.one_of(st.none(), st.integers(18, 26)),
)
def test_timestamps_are_told_of_alike_however_they_are_cut(
    parts: list[list[list[str]]], zone: ZoneInfo, longest: int | None, *, row_by_row: bool
) -> None:
    """Any cut gives what ``rfc3339`` says of one timestamp at a time."""
    limits = Limits(longest=longest)
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("at", "timestamp", limits=limits), zone)
    assert dict(found.numbers) == expected(flat(parts), lambda text: parse_ns(text, zone), limits)
    assert found.type == "timestamp"


@settings(max_examples=150)
@given(data=st.data(), layout=st.sampled_from(FORMATS), zone=ZONES, row_by_row=st.booleans())
def test_a_format_is_read_as_strptime_reads_it(
    data: st.DataObject, layout: str, zone: ZoneInfo, *, row_by_row: bool
) -> None:
    """All at once where texts are of fixed layout, one by one where they are not."""
    moments = st.one_of(MOMENTS, NEAR).map(lambda moment: moment.strftime(layout))
    close = st.builds(
        lambda text, place, letter: text[: place % len(text)] + letter + text[place % len(text) + 1 :],
        moments,
        st.integers(0, 40),
        st.sampled_from([*"0123456789 :/.+-ZzaAm", "", "\u0663"]),
    )
    parts = data.draw(cuts(st.one_of(moments, close, st.sampled_from(ODD)), most=8))
    with bounds(row_by_row=row_by_row):
        found = cut_figures(parts, Column("at", "timestamp", format=layout), zone)
    assert dict(found.numbers) == expected(flat(parts), lambda text: by_format(text, layout, zone))


@pytest.mark.parametrize("digits", range(1, 11))
@pytest.mark.parametrize("offset", ["Z", "z", "", "+01:30", "-0130", "+02"])
def test_fractions_of_any_length_are_read(digits: int, offset: str) -> None:
    """Digits beyond the nanosecond are cut off."""
    text = f"2025-03-30T12:00:00.{'123456789123'[:digits]}{offset}"
    numbers = figures([text] * 3, Column("at", "timestamp")).numbers
    assert numbers["invalid_rows"] == 0
    assert numbers["earliest_timestamp_seconds"] == (parse_ns(text) or 0) / 10**9


def test_wall_times_of_a_clock_change_are_the_first_of_their_hour() -> None:
    """As ``rfc3339`` reads them."""
    texts = ["2025-10-26T01:59:59", "2025-10-26T02:30:00", "2025-10-26T03:00:00"]
    numbers = figures(texts, Column("at", "timestamp"), BERLIN).numbers
    assert numbers["earliest_timestamp_seconds"] == datetime(2025, 10, 25, 23, 59, 59, tzinfo=UTC).timestamp()
    assert numbers["latest_timestamp_seconds"] == datetime(2025, 10, 26, 2, tzinfo=UTC).timestamp()
    assert figures(texts[1:2], Column("at", "timestamp"), BERLIN).numbers["latest_timestamp_seconds"] == (
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC).timestamp()
    )


@pytest.mark.parametrize("zone", [UTC, BERLIN])
@pytest.mark.parametrize(
    ("layout", "text", "shapes", "placeholders"),
    [
        (None, "1748908800000", {"epoch milliseconds": 2}, {}),
        (None, "2025-06-03", {"a date without a time": 2}, {}),
        (None, "0025-06-03T10:00:00Z", {"the year 0025": 2}, {}),
        (None, "1970-01-01T00:00:00Z", {}, {"1970-01-01": 2}),
        (None, "1970-01-01 23:59:59-11:00", {}, {"1970-01-01": 2}),
        (None, "0001-01-01T00:00:00+14:00", {}, {"0001-01-01": 2}),
        (None, "9999-12-31T23:59:59.999999", {}, {"9999-12-31": 2}),
        (None, "0000-00-00 00:00:00", {}, {"0000-00-00 00:00:00": 2}),
        (None, "2025-06-03T10:00:00Z", {}, {}),
        ("%d.%m.%Y %H:%M", "01.01.1970 01:00", {}, {"01.01.1970 01:00": 2}),
        ("%d.%m.%Y %H:%M", "31.12.9999 23:59", {}, {"31.12.9999 23:59": 2}),
        ("%d.%m.%Y %H:%M", "2025-06-03T10:00:00Z", {"9999-99-99a99:99:99a": 2}, {}),
        ("%d.%m.%Y %H:%M", "31.02.2025 10:00", {"no possible date": 2}, {}),
        ("%d.%m.%Y %H:%M", "03.06.0025 10:00", {"the year 0025": 2}, {}),
    ],
)
def test_what_is_no_time_has_a_shape_or_is_a_placeholder(
    zone: ZoneInfo, layout: str | None, text: str, shapes: dict[str, int], placeholders: dict[str, int]
) -> None:
    """In any time zone, beside a good one."""
    good = "2025-06-03T10:00:00Z" if layout is None else "03.06.2025 10:00"
    found = figures([text, good, text], Column("at", "timestamp", format=layout), zone)
    assert (found.shapes, found.placeholders) == (shapes, placeholders)
