"""Timestamps are counted alike, whether Arrow or Python reads them."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from dirt import TIMES
from feeds import RAW
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import day_of

from exporter.model import Day
from exporter.profiling.missing import NO_VALUE, is_missing
from exporter.profiling.rfc3339 import parse_form, parse_ns
from exporter.profiling.strings import Strings, text_array
from exporter.profiling.tally import MINUTE_NS, Tally, minutes_of
from exporter.profiling.times import tally_times

DAY = day_of(date(2025, 3, 30))
NEARLY = st.from_regex(
    r"(2025-03-30|2025-02-30|1500-01-01|2025-3-30)[T t]?"
    r"([0-2][0-9]:?[0-6][0-9](:?[0-6][0-9]([.,][0-9]{0,10})?)?)?"
    r" ?(Z|z|UTC|[+-][0-2][0-9](:?[0-6][0-9])?)?",
    fullmatch=True,
    alphabet="0123456789TtZzUC:+-., ",
)


def read(texts: list[str], day: Day = DAY) -> Tally:
    """Count a column of timestamps."""
    return tally_times(Strings.of(pa.chunked_array([text_array(texts)])), day)


@settings(max_examples=400)
@given(
    texts=st.lists(st.one_of(NEARLY, TIMES), min_size=1, max_size=40),
    zone=st.sampled_from([UTC, ZoneInfo("Europe/Berlin")]),
)
def test_a_column_is_the_sum_of_its_values(texts: list[str], zone: ZoneInfo) -> None:
    """Timestamps that nearly are RFC 3339 are judged by it alone, in company as well as one by one."""
    day = day_of(DAY.partition, zone)
    found = read(texts, day)
    instants = [parse_ns(text.strip(), zone) for text in texts if not is_missing(text)]
    parsed = [instant for instant in instants if instant is not None]
    inside = [instant for instant in parsed if day.start_ns <= instant < day.end_ns]
    assert found.untimed == sum(map(is_missing, texts))
    assert found.unparseable_timestamps == len(instants) - len(parsed)
    assert found.out_of_day_rows == len(parsed) - len(inside)
    assert (found.first_event_ns, found.last_event_ns) == (
        min(parsed, default=None),
        max(parsed, default=None),
    )
    assert found.minutes == sum({1 << (instant - day.start_ns) // MINUTE_NS for instant in inside})


FORMED = st.from_regex(
    r" ?(30|31|3)[/.](03|02|3)[/.](2025|25|1012|1677|9999) ([0-2]?[0-9]):[0-6][0-9] ?",
    fullmatch=True,
    alphabet="0123456789/.: ",
)


@settings(max_examples=300)
@given(
    texts=st.lists(st.one_of(FORMED, TIMES), min_size=1, max_size=40),
    zone=st.sampled_from([UTC, ZoneInfo("Europe/Berlin")]),
)
def test_a_column_in_a_format_is_the_sum_of_its_values(texts: list[str], zone: ZoneInfo) -> None:
    """What Arrow reads in a contract's format is what strptime reads in it, even if it has no nanoseconds."""
    form, day = "%d/%m/%Y %H:%M", day_of(DAY.partition, zone)
    found = tally_times(Strings.of(pa.chunked_array([text_array(texts)])), day, NO_VALUE, form)
    instants = [parse_form(form, text.strip(), zone) for text in texts if not is_missing(text)]
    parsed = [instant for instant in instants if instant is not None]
    inside = [instant for instant in parsed if day.start_ns <= instant < day.end_ns]
    assert found.untimed == sum(map(is_missing, texts))
    assert found.unparseable_timestamps == len(instants) - len(parsed)
    assert found.out_of_day_rows == len(parsed) - len(inside)
    assert (found.first_event_ns, found.last_event_ns) == (
        min(parsed, default=None),
        max(parsed, default=None),
    )


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Europe/Berlin")])
def test_digits_of_other_scripts_are_no_time(zone: ZoneInfo) -> None:
    """Letters of other scripts may be part of the format; strptime would read Arabic digits as well."""
    texts, form = ["2025年03月30日", "\u0662025年03月30日"], "%Y年%m月%d日"
    tally = tally_times(
        Strings.of(pa.chunked_array([text_array(texts)])), day_of(DAY.partition, zone), NO_VALUE, form
    )
    assert (tally.unparseable_timestamps, tally.out_of_day_rows) == (1, 0)


@pytest.mark.parametrize("offset", ["", "Z", "+00:00", "+0100", "-01", "+01:00", " UTC", "UTC", " +00"])
@pytest.mark.parametrize(
    "clock", ["", "T12", " 12:34", "T12:34", "T12:34:56", " 12:34:56.789", " 12:34:56,789"]
)
def test_a_spelling_is_judged_alike_in_any_company(clock: str, offset: str) -> None:
    """Dates and hours alone, which Arrow would read, are refused; what has minutes is read."""
    text = f"2025-03-30{clock}{offset}"
    readable = parse_ns(text) is not None
    assert readable == (len(clock) >= len("T12:34"))
    for company in ([], ["2025-03-30T00:00:00Z"], ["2025-03-30T00:00:00"], ["2025-03-30T00:00:00+00:00"]):
        found = read([text, *company])
        assert found.unparseable_timestamps == int(not readable)
        assert not readable or max(parse_ns(one) or 0 for one in [text, *company]) == found.last_event_ns


def test_what_cannot_be_read_is_named_by_its_shape() -> None:
    """A person sees which format it is, and no value."""
    found = read(["1740960000612"] * 3 + ["1740960000", "03/30/2025", "2025-02-30T00:00:00Z", "k9 \u00e9!"])
    assert found.unparseable_timestamps == 7
    assert found.timestamp_shapes.counts == {
        "epoch milliseconds": 3,
        "epoch seconds": 1,
        "a date with slashes": 1,
        "no possible date or time": 1,
        "a9 a!": 1,
    }


@pytest.mark.parametrize(
    ("form", "text", "shape"),
    [
        (None, "03.06.2025 02:14:00 PM", "a date with dots and a 12-hour clock"),
        (None, "06/03/2025 2:14 pm", "a date with slashes and a 12-hour clock"),
        (None, "03-06-2025 02:14 PM", "a 12-hour clock"),
        (None, "03.06.2025 14:14:00", "a date with dots"),
        ("%d.%m.%Y %H:%M:%S", "2025-06-03T14:14:00", "ISO 8601"),
        ("%d.%m.%Y %H:%M:%S", "2025-06-31 14:14:00", "9999-99-99 99:99:99"),
        ("%d.%m.%Y %H:%M:%S", "03.06.2025 02:14:00 PM", "99.99.9999 99:99:99 aa (a 12-hour clock)"),
        ("%d.%m.%Y %I:%M:%S %p", "03.06.2025 02:14 PM", "99.99.9999 99:99 aa"),
        ("%d.%m.%Y %H:%M:%S", "03.06.2025 14:14", "99.99.9999 99:99"),
        ("%d.%m.%Y %H:%M:%S", "31.6.2025 14:14:00", "no possible date or time"),
        ("%d.%m.%Y %H:%M:%S", "03.06.25 14:14:00", "99.99.99 99:99:99"),
        ("%Y-%m-%d %H:%M:%S", "2025-06-03T14:14:00", "9999-99-99a99:99:99"),
        ("%d.%m.%Y %H:%M:%S", "1748960000", "epoch seconds"),
    ],
)
def test_a_shape_differs_from_the_one_expected(form: str | None, text: str, shape: str) -> None:
    """What RFC 3339 allows says nothing of a column with a format of its own."""
    strings = Strings.of_array(text_array([text]))
    found = tally_times(strings, DAY, form=form)
    assert found.timestamp_shapes.counts == {shape: 1}


@pytest.mark.parametrize("bad", ["2025-02-30T00:00:00Z", "2025-03-30T00:00:60Z", "1500-01-01T00:00:00Z"])
def test_one_timestamp_that_arrow_refuses_spoils_none_of_its_neighbours(bad: str) -> None:
    """The few that need another look are found among the many that need none."""
    texts = [f"2025-03-30T{minute // 60:02d}:{minute % 60:02d}:00Z" for minute in range(1440)]
    assert read([*texts[:700], bad, *texts[700:]]) == read([bad]).merge(read(texts))


@pytest.mark.parametrize(
    ("partition", "minutes"), [("2025-03-29", 1440), ("2025-03-30", 1380), ("2025-10-26", 1500)]
)
def test_a_day_has_as_many_minutes_as_its_clock_shows(partition: str, minutes: int) -> None:
    """Days of a clock change have 23 or 25 hours of minutes, and a silent one is silent for all of them."""
    day = day_of(date.fromisoformat(partition), ZoneInfo("Europe/Berlin"))
    assert minutes_of(day) == minutes
    assert Tally(rows=1).seal((), RAW, day).longest_silence_seconds == minutes * 60
