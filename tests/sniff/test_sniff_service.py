"""When files are due, on which weekdays, and in which time zone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sniff_files import FIRST, arrive, days, orders, write, write_days

from exporter.feed import WEEKDAYS, Service
from exporter.model import NANOSECONDS, Stage
from exporter.sniff.service import Promise, promise
from exporter.sniff.sniff import Proposal, sniff
from exporter.sniff.walk import Found


def promised(
    late: Sequence[float], *, zone: str = "UTC", of: Sequence[date] | None = None, clean: Sequence[float] = ()
) -> Promise:
    """Return the promise for files that arrive this many hours after the end of their days."""
    known = of or days(len(late))
    stages = {Stage.RAW: files(known, late)} | ({Stage.CLEAN: files(known, clean)} if clean else {})
    return promise(stages, zone)


def files(known: Sequence[date], late: Sequence[float]) -> dict[date, Found]:
    """Return files modified this many hours after the end of their days in UTC."""
    found = {}
    for day, hours in zip(known, late, strict=True):
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=hours)
        found[day] = Found(Path("x"), f"{day}", 1, int(end.timestamp()) * NANOSECONDS)
    return found


DUE = [
    ([5.2] * 20, "06:30"),
    ([4.9] * 20, "06:00"),
    ([0] * 20, "01:00"),
    ([-3] * 20, "01:00"),  # a file that grows during its day
    ([2] * 39 + [9], "03:00"),  # one late day in forty
    ([2] * 18 + [9, 9], "10:00"),  # one in ten
    ([2] * 20 + [24 * 30] * 2, "03:00"),  # exported again a month later
    ([30] * 20, "23:30"),  # a day and a quarter: the latest time that can be written
]


@pytest.mark.parametrize(("late", "due"), DUE)
def test_files_are_due_an_hour_after_most_have_come(late: list[float], due: str) -> None:
    """The half hour by which 19 of 20 have arrived, plus one hour."""
    found = promised(late)
    assert (f"{found.service.due_time:%H:%M}", found.guessed) == (due, False)


def test_copied_files_say_nothing_about_arrivals(tmp_path: Path) -> None:
    """If all have the same time, the default is used, with a note."""
    now = [
        (datetime.now(UTC) - datetime(day.year, day.month, day.day, tzinfo=UTC)).total_seconds() / 3600
        for day in days(20)
    ]
    found = promised(now)
    assert (found.service, found.guessed) == (Service(), True)
    assert found.due_note == "guessed: modification times are all alike"
    assert "due time: modification times are all alike" in sniff([write_days(tmp_path, 9)]).looked.guesses


def test_a_few_files_say_nothing_either() -> None:
    """Four days are too few to show a habit."""
    assert promised([3, 3, 3, 3]).due_note == "guessed: too few files"


def test_a_due_time_is_in_the_feeds_time_zone() -> None:
    """Five hours after midnight UTC is 06:00 in Berlin in winter, plus the usual hour of slack."""
    found = promised([5] * 10, zone="Europe/Berlin", of=days(10, date(2025, 1, 6)))
    assert (f"{found.service.due_time:%H:%M}", found.service.zone) == ("07:00", "Europe/Berlin")


def test_later_stages_have_as_long_as_they_usually_take() -> None:
    """At least two hours."""
    assert promised([2] * 10, clean=[2.2] * 10).service.grace_seconds == 7200
    assert promised([2] * 10, clean=[6.2] * 10).service.grace_seconds == 4.5 * 3600


def weekdays(kept: Sequence[date]) -> tuple[str, str | None]:
    """Return the promised weekdays for files of these days."""
    found = promised([3] * len(kept), of=kept)
    return " ".join(day for day in WEEKDAYS if day in found.service.weekdays), found.days_note


def test_weekdays_without_files_for_weeks_are_excluded() -> None:
    """Weekends, Sundays, all but Mondays; two weeks are too short, and random gaps are ignored."""
    everything = " ".join(WEEKDAYS)
    working = [day for day in days(28) if day.weekday() < 5]
    assert weekdays(working) == ("Mon Tue Wed Thu Fri", "guessed: no file of a Sat, Sun in 3 weeks")
    assert weekdays([day for day in days(28) if day.weekday() < 6])[0] == "Mon Tue Wed Thu Fri Sat"
    assert weekdays([day for day in days(60) if day.weekday() == 0])[0] == "Mon"
    assert weekdays(working[:10])[0] == everything
    assert weekdays([day for day in days(90) if day.day % 3 == 0])[0] == everything
    assert weekdays(days(28)) == (everything, None)


def timed(tmp_path: Path, shift: float, *, suffix: str = "Z", hours: Sequence[int] = range(24)) -> Proposal:
    """Return the proposal for days whose times are off by this many hours."""

    def content(day: date) -> str:
        start = datetime(day.year, day.month, day.day) + timedelta(hours=shift)  # noqa: DTZ001  as written in files
        times = [start + timedelta(hours=hour, minutes=minute) for hour in hours for minute in (0, 20, 40)]
        return "n,seen,at\n" + "".join(
            f"{n},2020-01-01T00:00:00Z,{at:%Y-%m-%dT%H:%M:%S}{suffix}\n" for n, at in enumerate(times)
        )

    return sniff([write_days(tmp_path, 8, content=content, first=date(2025, 2, 3))])


ZONES = [
    (0, "UTC"),
    (-1, "Europe/Berlin"),  # in winter
    (5, "America/New_York"),
    (-9, "Asia/Tokyo"),
    (-5.5, "Asia/Kolkata"),
]


@pytest.mark.parametrize(("shift", "zone"), ZONES, ids=[zone for _, zone in ZONES])
def test_the_timezone_is_the_one_in_which_the_days_are_whole(tmp_path: Path, shift: float, zone: str) -> None:
    """In February, before daylight saving time begins."""
    proposal = timed(tmp_path, shift)
    assert (proposal.feed.raw.event_time, proposal.feed.service.zone) == ("at", zone)
    assert any("timezone: in UTC" in guess for guess in proposal.looked.guesses) is (zone != "UTC")
    assert "out_of_day_rows" not in proposal.feed.checks


def test_local_times_need_no_timezone(tmp_path: Path) -> None:
    """They are already in the feed's own."""
    assert timed(tmp_path, 0, suffix="").feed.service.zone == "UTC"


def test_rows_of_other_days_widen_the_limit(tmp_path: Path) -> None:
    """Local times that run over by an hour are normal for this feed, so they raise no alert."""
    proposal = timed(tmp_path, 1, suffix="")
    assert proposal.feed.raw.event_time == "at"
    assert proposal.feed.checks["out_of_day_rows"] == {"limits": {"warning": 0.09, "critical": 0.5}}


def test_times_on_unrelated_days_are_not_the_event_time(tmp_path: Path) -> None:
    """Dates of birth and planned dates."""
    assert timed(tmp_path, 24 * 5).feed.raw.event_time is None


def test_a_usual_silence_raises_no_alert(tmp_path: Path) -> None:
    """A shop is closed at night, a counter at noon is silent even longer."""
    assert "silence" not in timed(tmp_path / "always", 0).feed.checks
    assert timed(tmp_path / "shop", 0, hours=range(8, 22)).feed.checks["silence"] == {
        "limits": {"warning": 43200}
    }
    assert timed(tmp_path / "noon", 0, hours=range(14, 16)).feed.checks["silence"] == {"enabled": False}


def test_arrivals_are_read_from_the_files(tmp_path: Path) -> None:
    """The files are not modified."""
    write(tmp_path, {f"orders_{day}.csv": orders(day) for day in days(10)})
    for day in days(10):
        arrive(tmp_path / f"orders_{day}.csv", day, 3.3)
    proposal = sniff([tmp_path])
    assert f"{proposal.feed.service.due_time:%H:%M}" == "04:30"
    assert (
        proposal.notes["slaProperties", 1, "value"]
        == "19 of 20 files had arrived 3 h 18 min after the day's end"
    )
    assert FIRST in days(10)
