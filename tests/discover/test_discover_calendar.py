"""The calendar: what is due, expected, exposed and alertable."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exporter.cli.bygone import bygone_words
from exporter.discover.calendar import LEAD_IN_DAYS, Calendar, choose_window, parse_as_of
from exporter.errors import UserError
from exporter.history.names import LOOKS_BACK_DAYS
from exporter.history.trend import WINDOW_DAYS

NANOSECONDS = 1_000_000_000


def instant(text: str) -> int:
    """Return an RFC 3339 instant in nanoseconds."""
    return int(datetime.fromisoformat(text).timestamp()) * NANOSECONDS


def days(first: date, count: int) -> list[date]:
    """Return consecutive days."""
    return [first + timedelta(days=number) for number in range(count)]


def test_a_partition_is_due_the_next_morning() -> None:
    """A partition of 5 March is due on 6 March at six."""
    assert Calendar().due_ns(date(2025, 3, 5)) == instant("2025-03-06T06:00:00Z")


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2025-03-06T05:59:59Z", date(2025, 3, 4)),
        ("2025-03-06T06:00:00Z", date(2025, 3, 5)),
        ("2025-03-06T23:59:59Z", date(2025, 3, 5)),
        ("2025-03-07T00:00:01Z", date(2025, 3, 5)),
    ],
)
def test_the_newest_due_partition_changes_at_the_due_time(now: str, newest: date) -> None:
    """Before six it is the day before yesterday, from six on yesterday."""
    assert Calendar().newest_due(instant(now)) == newest


def test_days_of_a_clock_change_have_23_and_25_hours() -> None:
    """Bounds follow the timezone's clock."""
    berlin = Calendar(zone=ZoneInfo("Europe/Berlin"))
    hours = [
        (berlin.day(day).end_ns - berlin.day(day).start_ns) / NANOSECONDS / 3600
        for day in (date(2025, 3, 30), date(2025, 10, 26), date(2025, 6, 1))
    ]
    assert hours == [23, 25, 24]


def test_a_day_without_a_file_is_expected_between_the_first_and_the_newest_due() -> None:
    """A gap in the calendar stays in the window."""
    present = [date(2025, 3, 1), date(2025, 3, 4)]
    window = choose_window(Calendar(), present, instant("2025-03-06T07:00:00Z"), first_seen=None)
    assert window.exposed == tuple(days(date(2025, 3, 1), 5))


def test_nothing_is_expected_of_an_empty_directory() -> None:
    """Without a first partition there is no calendar to miss."""
    window = choose_window(Calendar(), [], instant("2025-03-06T07:00:00Z"), first_seen=None)
    assert (window.exposed, window.lead_in, window.alertable) == ((), (), frozenset())


def test_the_first_partition_ever_seen_stays_expected_after_its_file_is_deleted() -> None:
    """Deleting the oldest files does not shorten the calendar."""
    window = choose_window(
        Calendar(), [date(2025, 3, 4)], instant("2025-03-06T07:00:00Z"), first_seen=date(2025, 3, 2)
    )
    assert window.exposed[0] == date(2025, 3, 2)


def test_a_start_date_wins_over_the_first_partition_seen() -> None:
    """A configured start expects nothing earlier, and everything later."""
    calendar = Calendar(start_date=date(2025, 3, 3))
    window = choose_window(calendar, [], instant("2025-03-06T07:00:00Z"), first_seen=None)
    assert window.exposed == tuple(days(date(2025, 3, 3), 3))


def test_the_window_is_bounded_and_led_in() -> None:
    """Exposed are the newest; the days before them are the reference of the oldest ones."""
    present = days(date(2025, 1, 1), 60)
    window = choose_window(
        Calendar(window_days=10), present, instant("2025-03-01T23:00:00Z"), first_seen=None
    )
    assert (len(window.exposed), window.exposed[-1]) == (10, date(2025, 3, 1))
    assert window.lead_in == tuple(days(date(2025, 1, 17), 34))
    assert max(WINDOW_DAYS, LOOKS_BACK_DAYS) <= LEAD_IN_DAYS  # what is read of earlier days


def test_the_window_of_a_weekly_feed_is_led_in_by_weeks() -> None:
    """With one weekday as many files come before it; with two it is a daily feed with gaps."""
    present = [date(2024, 1, 6) + timedelta(days=7 * number) for number in range(60)]
    now = instant("2025-03-01T23:00:00Z")
    weekly = Calendar(window_days=10, weekdays=frozenset({5}))
    window = choose_window(weekly, present, now, first_seen=None)
    assert len(window.lead_in) == 34
    assert window.lead_in[-1] == window.exposed[0] - timedelta(days=7)
    twice = Calendar(window_days=10, weekdays=frozenset({5, 6}))
    assert len(choose_window(twice, present, now, first_seen=None).lead_in) < 10


def test_every_missing_week_of_the_window_is_expected() -> None:
    """However many days ago: of a weekly feed the window counts weeks."""
    mondays = [date(2024, 1, 1) + timedelta(days=7 * number) for number in range(60)]
    missing = {mondays[-2], mondays[-15], mondays[-34]}
    weekly = Calendar(weekdays=frozenset({0}))
    there = set(mondays) - missing
    window = choose_window(weekly, there, instant("2025-02-18T12:00:00Z"), first_seen=None)
    assert window.exposed == tuple(mondays[-35:])
    assert window.alertable == set(mondays[-3:])


@pytest.mark.parametrize(
    ("weekdays", "newest"),
    [({0}, date(2025, 3, 3)), ({0, 1, 2, 3, 4}, date(2025, 3, 6)), (range(7), date(2025, 3, 7))],
)
def test_a_day_that_may_raise_alerts_is_not_too_old(weekdays: Collection[int], newest: date) -> None:
    """On a Monday morning, Thursday's file of a feed without weekends is newer than three partitions ago."""
    calendar, now = Calendar(weekdays=frozenset(weekdays)), instant("2025-03-10T12:00:00Z")
    assert calendar.newest_due(now) == date(2025, 3, 9)
    assert min(calendar.alertable(date(2025, 3, 9))) <= newest
    assert bygone_words(newest, calendar, now) is None
    words = bygone_words(min(calendar.alertable(date(2025, 3, 9))) - timedelta(days=1), calendar, now)
    assert words is not None
    assert "days ago; --as-of" in words


def test_alertable_are_the_newest_due_ones_and_those_replaced_lately() -> None:
    """A backfilled old day may raise alerts again; one outside the window may not."""
    present = days(date(2025, 1, 1), 60)
    window = choose_window(
        Calendar(),
        present,
        instant("2025-03-01T23:00:00Z"),
        first_seen=None,
        changed=[date(2025, 2, 10), date(2025, 1, 2)],
    )
    newest = {date(2025, 2, 28), date(2025, 2, 27), date(2025, 2, 26)}
    assert window.alertable == newest | {date(2025, 2, 10)}


def test_a_file_before_its_due_time_is_exposed_but_not_alertable() -> None:
    """Today's file may come early; it is judged when it is due."""
    window = choose_window(Calendar(), [date(2025, 3, 5)], instant("2025-03-05T23:00:00Z"), first_seen=None)
    assert window.exposed == (date(2025, 3, 5),)
    assert not window.alertable


def test_the_timer_wakes_at_the_due_time_and_at_the_end_of_each_grace() -> None:
    """No file event tells that a file is missing."""
    calendar = Calendar()
    assert calendar.seconds_to_due(instant("2025-03-06T05:00:00Z")) == 3600
    assert calendar.seconds_to_due(instant("2025-03-06T06:30:00Z"), [7200.0]) == 5400
    assert calendar.seconds_to_due(instant("2025-03-06T06:00:00Z")) == 86_400
    assert calendar.seconds_to_due(instant("2025-03-06T05:00:00Z"), [3 * 86_400.0 + 60]) == 3600
    assert calendar.seconds_to_due(instant("2025-03-06T06:00:30Z"), [3 * 86_400.0 + 60]) == 30


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-09", "2025-03-10T00:00:00+00:00"),
        ("2025-03-09T08:00:00Z", "2025-03-09T08:00:00+00:00"),
        ("2025-03-09T08:00:00+02:00", "2025-03-09T06:00:00+00:00"),
        ("2025-03-09 08:00:00", "2025-03-09T08:00:00+00:00"),
    ],
)
def test_as_of_takes_an_instant_or_the_end_of_a_date(text: str, moment: str) -> None:
    """A date means its last instant, so that the whole day is over."""
    assert parse_as_of(text, UTC) == instant(moment)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-02-30", "9999-12-31", "2025-03-09T99:00:00Z"])
def test_as_of_refuses_what_is_no_instant(text: str) -> None:
    """One line names what was given."""
    with pytest.raises(UserError, match="--as-of"):
        parse_as_of(text, UTC)


def test_the_due_time_is_configurable() -> None:
    """A pipeline that delivers at noon is not late at six."""
    assert Calendar(due_time=time(12)).due_ns(date(2025, 3, 5)) == instant("2025-03-06T12:00:00Z")
