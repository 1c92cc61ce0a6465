"""What is kept of days that have left the window, and how baselines use it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from feeds import EVENTS, RULES
from made import CALENDAR, facts, profile

from exporter.gate.entry import Acknowledged, Entry
from exporter.gate.gate import Gate
from exporter.history.detection import Event, Expect, Readiness
from exporter.history.window import Day
from exporter.model import Partition, PartitionFacts
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.daybook import Daybook
from exporter.pipeline.snapshot import Snapshot
from exporter.store.state import State

FIRST = date(2025, 1, 6)
WINDOW, LEAD_IN = 10, 4
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def gate(*entries: Entry) -> Gate:
    """Return people's answers."""
    return Gate(entries, NOW)


def day(number: int, factor: float = 1.0) -> PartitionFacts:
    """Return a day with a weekly rhythm."""
    rows = round(2000 * (1.3 if number % 7 > 4 else 1) * factor * (1 + 0.01 * math.sin(5 * number)))
    known = facts(FIRST + timedelta(days=number), raw=profile(rows=rows, fingerprint=f"{number}-{factor}"))
    return replace(known, content=f"c{number}")


def shot(
    first: int, last: int, past: Mapping[Partition, Day], changes: Mapping[int, float] | None = None
) -> Snapshot:
    """Make a snapshot of the days from ``first`` to ``last``."""
    known = [day(number, (changes or {}).get(number, 1.0)) for number in range(first, last + 1)]
    now = CALENDAR.due_ns(known[-1].partition) + 1
    return Assembler(RULES).assemble(
        known[:LEAD_IN], known[LEAD_IN:], as_of_ns=now, generated_ns=now, past=past
    )


def walk(book: Daybook, last: int) -> None:
    """Make a snapshot of the window each day, as a running exporter does."""
    for end in range(WINDOW + LEAD_IN, last + 1):
        first = FIRST + timedelta(days=end - WINDOW - LEAD_IN)
        snapshot = shot(end - WINDOW - LEAD_IN, end, book.before(first, gate(), RULES))
        book.note(snapshot, EVENTS)


def test_a_weekly_feed_recalls_as_many_weeks() -> None:
    """What left its window of ten weeks is still in the baseline."""
    feed = replace(EVENTS, service=replace(EVENTS.service, weekdays=frozenset({"Mon"})))
    rules = replace(RULES, figures=replace(RULES.figures, feed=feed))
    known = [
        replace(day(number), day=CALENDAR.day(FIRST + timedelta(days=7 * number))) for number in range(40)
    ]
    now, assembler, book = CALENDAR.due_ns(known[-1].partition) + 1, Assembler(rules), Daybook()
    for start in (0, 20):
        part = known[start : start + 20]
        past = book.before(part[0].partition, gate(), rules)
        found = assembler.assemble([], part, as_of_ns=now, generated_ns=now, past=past)
        book.note(found, feed)
    detection = (found.views[-1].window.detections or {})["events"]
    assert (detection.readiness, detection.members) == (Readiness.ARMED, 35)
    assert len(book.days) == 40


def test_a_window_of_ten_days_is_judged_by_eight_weeks(tmp_path: Path) -> None:
    """Expected values equal those of a window with all those days, also after a restart."""
    state = State.open(tmp_path / "state.db")
    walk(Daybook(state), 60)
    state.close()
    book = Daybook(State.open(tmp_path / "state.db"))
    first = FIRST + timedelta(days=61 - WINDOW - LEAD_IN)
    short = shot(61 - WINDOW - LEAD_IN, 61, book.before(first, gate(), RULES))
    found = (short.views[-1].window.detections or {})["events"]
    whole = (shot(0, 61, {}).views[-1].window.detections or {})["events"]
    assert found.members == whole.members == 8 * 7
    assert found.expected == pytest.approx(whole.expected, rel=1e-12)
    assert found.spread == pytest.approx(whole.spread, rel=1e-12)


def test_a_repaired_day_replaces_its_value_and_one_that_is_gone_goes() -> None:
    """For a day in the window only its current content counts."""
    book = Daybook()
    book.note(shot(0, 20, {}, {10: 0.2}), EVENTS)
    bad = book.days[FIRST + timedelta(days=10)]
    book.note(shot(0, 20, {}), EVENTS)
    assert book.days[FIRST + timedelta(days=10)] != bad
    gone = shot(0, 20, {})
    empty = replace(gone.views[10], facts=replace(gone.views[10].facts, stages={}))
    book.note(replace(gone, views=(*gone.views[:10], empty, *gone.views[11:])), EVENTS)
    assert FIRST + timedelta(days=10) not in book.days


def test_what_people_and_the_calendar_say_counts_for_days_long_gone() -> None:
    """An acknowledged day is in the baseline if its answer says so; a calendar event excludes its day."""
    book = Daybook()
    book.note(shot(0, 20, {}), EVENTS)
    answer = Acknowledged(
        at=NOW, partition=FIRST, contents=("c0",), by="ann", reason="half a day", baseline="exclude"
    )
    holiday = Event("holiday", frozenset({FIRST + timedelta(days=1)}), Expect.ANY)
    days = book.before(FIRST + timedelta(days=5), gate(answer), replace(RULES, events=(holiday,)))
    reasons = {known.excluded for known in days.values()}
    assert days[FIRST].excluded == "acknowledged as bad"
    assert days[FIRST + timedelta(days=1)].excluded == "event: holiday"
    assert reasons == {"acknowledged as bad", "event: holiday", None}
    assert book.before(FIRST, gate(), RULES) == {}


def test_a_day_that_serves_nobody_says_so_when_its_file_is_gone(tmp_path: Path) -> None:
    """A day without rows is in no baseline, even years later."""
    state = State.open(tmp_path / "state.db")
    empty = facts(FIRST, raw=profile(rows=0))
    now = CALENDAR.due_ns(FIRST) + 1
    Daybook(state).note(Assembler(RULES).assemble([], [empty], as_of_ns=now, generated_ns=now), EVENTS)
    assert Daybook(state).days[FIRST].excluded == "no rows"


def test_half_a_year_of_values_is_small(tmp_path: Path) -> None:
    """Less than a megabyte per feed and year; what no baseline reaches is dropped."""
    path = tmp_path / "state.db"
    state = State.open(path)
    book = Daybook(state)
    book.note(shot(0, 365, {}), EVENTS)
    state.close()
    assert len(book.days) == 366
    assert path.stat().st_size < 1_000_000
    book.note(shot(700, 710, {}), EVENTS)
    assert min(book.days) == FIRST + timedelta(days=700)
