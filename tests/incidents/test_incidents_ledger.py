"""Incidents last from pass to pass and over restarts, and leave the list when they are long over."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from made import CALENDAR
from test_incidents_fold import CRITICAL, FIRST, NOW_NS, at, bad, days, problem

from exporter.incidents.codec import decode_incident, encode_incident
from exporter.incidents.fold import fold
from exporter.incidents.incident import DayState, Standing, Why, incident_id
from exporter.incidents.ledger import LISTED_SECONDS, Ledger, is_listed
from exporter.incidents.texts import (
    Texts,
    held_line,
    is_notifiable,
    is_standing,
    severity_name,
    since_words,
    span,
    texts_of,
)
from exporter.model import NANOSECONDS
from exporter.store.state import State

LISTED_NS = LISTED_SECONDS * NANOSECONDS


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """Give an empty state."""
    opened = State.open(tmp_path / "state.db")
    yield opened
    opened.close()


def test_incidents_last_over_a_restart(state: State) -> None:
    """A ledger without a state starts over."""
    first = Ledger(state)
    known = first.update("events", days(bad(3, until=3, severity=CRITICAL)), NOW_NS)
    assert [one.state for one in known] == [Standing.OPEN]
    assert Ledger(state).incidents == known
    assert (Ledger().incidents, Ledger(state).errors) == ((), 0)
    beyond = [day for day in days(bad(until=20)) if day.partition > at(9)]
    assert [one.id for one in Ledger(state).update("events", beyond, NOW_NS)] == [known[0].id]
    assert Ledger().update("events", beyond, NOW_NS) == ()


def test_what_is_stored_and_is_no_incident_shows_again_by_its_days(state: State) -> None:
    """One that can be read stays."""
    known = Ledger(state).update("events", days({2: problem(2, subject="a"), 3: problem(3)}), NOW_NS)
    bodies = {one.id: encode_incident(one) for one in known}
    state.note_incidents({**bodies, "broken": b"{", known[0].id: b"[]"})
    assert Ledger(state).incidents == known[1:]


def test_the_same_incidents_are_the_same_object() -> None:
    """So nothing has to be rendered again."""
    ledger = Ledger()
    found = days(bad(3, until=3))
    first = ledger.update("events", found, NOW_NS)
    assert ledger.update("events", found, NOW_NS + 1) is first is ledger.again()
    assert ledger.update("events", days(bad(3, 4, until=4)), NOW_NS) is not first


def test_a_restart_stores_only_what_has_changed(state: State) -> None:
    """Thousands of feeds would otherwise write all their incidents at each start."""
    found = days(bad(3, until=3))
    known = Ledger(state).update("events", found, NOW_NS)
    restarted = Ledger(state)
    state.note_incidents({})
    assert restarted.again() == restarted.update("events", found, NOW_NS) == known
    assert Ledger(state).incidents == ()
    more = restarted.update("events", days(bad(3, 4, until=4)), NOW_NS)
    assert Ledger(state).incidents == more != known


def test_an_empty_directory_ends_no_incident() -> None:
    """Not a single day is known any more. What was over stays over, and leaves the list."""
    ledger = Ledger()
    ledger.update("events", days(bad(3, until=3)), NOW_NS)
    (one,) = ledger.update("events", (), NOW_NS + LISTED_NS + 1)
    assert (one.state, one.bad) == (Standing.OPEN, (at(3),))
    ledger, end = Ledger(), CALENDAR.due_ns(at(4))
    ledger.update("events", days(bad(3, until=4)), NOW_NS)
    (one,) = ledger.update("events", (), end + LISTED_NS)
    assert (one.state, one.ended_ns) == (Standing.RESOLVED, end)
    assert ledger.update("events", (), end + LISTED_NS + 1) == ()


def test_what_cannot_be_stored_is_counted_and_stored_by_the_next_pass(
    state: State, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the same days, and without them."""
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    ledger, found = Ledger(state), days(bad(3, until=3))
    other.execute("ALTER TABLE incident RENAME TO elsewhere")
    known = ledger.update("events", found, NOW_NS)
    assert (len(known), ledger.errors) == (1, 1)
    (record,) = caplog.records
    assert record.getMessage() == "incidents not stored"
    assert "no such table" in record.__dict__["reason"]
    assert Ledger(state).errors == 1, "nor can it be read"
    assert ledger.again() is known
    assert ledger.errors == 2
    other.execute("ALTER TABLE elsewhere RENAME TO incident")
    assert ledger.again() is known
    assert ledger.errors == 2
    assert Ledger(state).incidents == known
    other.execute("DELETE FROM incident")
    ledger.again()
    assert Ledger(state).incidents == (), "what is stored is not stored again"
    other.close()


def test_an_incident_stays_listed_for_two_weeks_after_its_end() -> None:
    """An open one for as long as it lasts; of the window's days each one is kept."""
    ledger = Ledger()
    (ended,) = ledger.update("events", days(bad(3, until=4)), NOW_NS)
    end = CALENDAR.due_ns(at(4))
    assert ended.ended_ns == end
    assert is_listed(ended, end + LISTED_NS)
    assert not is_listed(ended, end + LISTED_NS + 1)
    (still,) = ledger.update("events", days(bad(until=3, severity=CRITICAL) | {3: problem(3, CRITICAL)}), end)
    assert still.state is Standing.OPEN
    assert is_listed(still, end + 9 * LISTED_NS)


def test_what_has_left_the_window_and_the_list_is_forgotten() -> None:
    """What has left only one of them is not."""
    for first, later, kept in ((4, LISTED_NS, 1), (4, LISTED_NS + 1, 0), (3, LISTED_NS + 1, 1)):
        ledger = Ledger()
        found = days(bad(3, until=5))
        ledger.update("events", found, NOW_NS)
        window = [day for day in found if day.partition >= at(first)]
        assert len(ledger.update("events", window, CALENDAR.due_ns(at(4)) + later)) == kept


def test_a_look_at_the_past_knows_nothing_of_what_came_later() -> None:
    """Neither of later days nor of a later end; what had been over by then it knows."""

    def later(until: int, now_ns: int, *, past: bool) -> int:
        ledger = Ledger()
        ledger.update("events", days(bad(3, until=until)), NOW_NS)
        ledger.past = past
        return len(ledger.update("events", days({1: None}), now_ns))

    noon = CALENDAR.day(at(3)).start_ns + 12 * 3600 * NANOSECONDS
    assert later(3, noon, past=True) == 1
    assert later(3, noon - 86_400 * NANOSECONDS, past=True) == 0
    assert later(3, noon - 86_400 * NANOSECONDS, past=False) == 1
    end = CALENDAR.due_ns(at(4))
    assert later(4, end, past=True) == 1
    assert later(4, end - 1, past=True) == 0


def test_a_clock_that_is_set_back_forgets_nothing() -> None:
    """Unless it is told to look at the past, a ledger looks at now."""
    ledger = Ledger()
    known = ledger.update("events", days(bad(3, until=3, severity=CRITICAL)), NOW_NS)
    earlier = CALENDAR.day(at(1)).start_ns
    (one,) = ledger.update("events", days({1: None}), earlier)
    assert (one.id, one.state) == (known[0].id, Standing.OPEN)


@pytest.mark.parametrize("past", [False, True])
def test_a_repair_is_seen_at_the_instant_of_the_pass(*, past: bool) -> None:
    """Now, or the instant that somebody asks about."""
    ledger = Ledger(past=past)
    ledger.update("events", days(bad(3, until=3, severity=CRITICAL)), NOW_NS)
    (one,) = ledger.update("events", days(bad(until=3)), NOW_NS + 7)
    assert (one.why, one.ended_ns) == (Why.REPAIRED, NOW_NS + 7)


def test_an_answer_for_a_day_that_left_the_window_ends_it() -> None:
    """Only that incident and that day."""
    known = fold("events", days(bad(3, 4, until=4, severity=CRITICAL)), (), NOW_NS)
    window = [day for day in days(bad(until=20)) if day.partition > at(9)]
    for answered, bad_days, state in (
        ({(known[0].id, at(3))}, (at(4),), Standing.OPEN),
        ({(known[0].id, at(3)), (known[0].id, at(4))}, (), Standing.ACKNOWLEDGED),
        ({("other", at(3)), ("other", at(4))}, (at(3), at(4)), Standing.OPEN),
    ):
        (one,) = fold("events", window, known, NOW_NS, frozenset(answered))
        assert (one.bad, one.state) == (bad_days, state)
    inside = days(bad(3, 4, until=4, severity=CRITICAL))
    (same,) = fold("events", inside, known, NOW_NS, frozenset({(known[0].id, at(3))}))
    assert same.bad == (at(3), at(4)), "of the window's days their problems say it"


def test_what_a_later_cause_explains_is_part_of_another_incident() -> None:
    """If people have heard of it; otherwise it never was."""
    told = fold("events", days(bad(3, until=3)), (), NOW_NS)
    (one,) = fold("events", days({3: None}, covered=[3]), told, NOW_NS)
    assert (one.state, one.why, one.ended_ns) == (Standing.RESOLVED, Why.COVERED, NOW_NS)
    assert one.held == ()
    (two,) = fold("events", days({4: problem(4)}), told, NOW_NS)
    assert two.bad == (at(3), at(4))


def test_an_id_follows_from_feed_name_subject_and_first_day() -> None:
    """From each of them, and it stays the same in every version: messages and acknowledgements name it."""
    names = {
        incident_id("events", "column_missing", "referrer", at(3)),
        incident_id("orders", "column_missing", "referrer", at(3)),
        incident_id("events", "column_new", "referrer", at(3)),
        incident_id("events", "column_missing", "client_id", at(3)),
        incident_id("events", "column_missing", "referrer", at(4)),
    }
    assert len(names) == 5
    assert incident_id("events", "column_missing", "referrer", at(3)) == "8d9fca3357"


def test_a_stored_incident_has_every_field_in_plain_json() -> None:
    """One that lacks a field, or has a value of another type, is no incident."""
    (one,) = fold("events", days(bad(3, until=4)), (), NOW_NS)
    fields = json.loads(encode_incident(one))
    assert (fields["days"], fields["why"]) == ({"2025-03-03": "bad"}, "next_day_good")
    for name in fields.keys() - {"good_days", "unbroken", "ended_ns"}:
        assert (
            decode_incident(json.dumps({key: fields[key] for key in fields if key != name}).encode()) is None
        ), name
    for wrong in ({"severity": "fatal"}, {"days": 7}, {"since": "soon"}, {"more": 1}, {"words": {}}):
        assert decode_incident(json.dumps(fields | wrong).encode()) is None, wrong
    quiet = json.dumps(fields | {"severity": None, "why": None}).encode()
    read = decode_incident(quiet)
    assert read is not None
    assert (read.severity, read.why) == (None, None)


def test_the_text_of_an_incident_of_one_day() -> None:
    """What was seen, what follows, and nothing of days."""
    (one,) = fold("events", days(bad(3, until=3)), (), NOW_NS)
    said = texts_of("events", one)
    assert said == Texts(
        headline=f"events 2025-03-03: {one.words.title}",
        text=one.words.impact,
        next_step=one.words.next_step,
        since="2025-03-03",
    )
    assert (span(one), since_words(one), held_line(one)) == ("2025-03-03", "", "")


def test_the_text_says_what_was_seen_last_and_how_it_ended() -> None:
    """Of several days the newest; a sentence begins with a capital letter."""
    (two,) = fold("events", days(bad(3, 4, until=4)), (), NOW_NS)
    two = replace(two, words=replace(two.words, seen="column referrer is missing."))
    assert texts_of("events", two).text.splitlines() == [
        "On 2025-03-04: column referrer is missing.",
        two.words.impact,
        "Since 2025-03-03, on 2 days.",
    ]
    (one,) = fold("events", days(bad(3, until=4)), (), NOW_NS)
    one = replace(one, words=replace(one.words, seen="column referrer is missing"))
    assert texts_of("events", one).text.splitlines() == [
        "Column referrer is missing.",
        one.words.impact,
        "It is over: a later day is good, but the bad days were not repaired.",
    ]
    for why, words in (
        (Why.REPAIRED, "It is repaired."),
        (Why.ACKNOWLEDGED, "It is acknowledged."),
        (Why.COVERED, "It is part of another incident."),
    ):
        assert texts_of("events", replace(one, why=why)).text.endswith(words)
    named = replace(one, words=replace(one.words, seen="no rows from PHX."))
    assert texts_of("events", named).text.startswith("No rows from PHX.\n")
    long = replace(one, words=replace(one.words, next_step="a" * 500))
    assert len(texts_of("events", long).next_step) == 400


def test_three_held_days_are_listed_and_more_are_counted() -> None:
    """With the command that releases them all."""
    for count, words in (
        (1, "Load of 2025-03-01 is held. "),
        (3, "Load of 2025-03-01, 2025-03-02, 2025-03-03 is held. "),
        (5, "Load of 2025-03-01, 2025-03-02, 2025-03-03 and 2 more days is held. "),
    ):
        (one,) = fold(
            "events", days({day: problem(day, CRITICAL) for day in range(1, count + 1)}), (), NOW_NS
        )
        assert held_line(one) == (
            f"{words}To release it: puffy-exporter gate ack {one.id} --by NAME --reason TEXT"
        )


def test_an_incident_is_standing_after_seven_days_in_a_row() -> None:
    """Then it is called what it is."""
    for count, standing in ((6, False), (7, True)):
        (one,) = fold("events", days({day: problem(day) for day in range(1, count + 1)}), (), NOW_NS)
        assert is_standing(one) is standing
        words = "; it occurs every day" if standing else ""
        assert since_words(one) == f"Since {FIRST}, on {count} days{words}."


def test_what_is_only_worth_knowing_is_told_to_nobody() -> None:
    """It is listed all the same."""
    (one,) = fold("events", days({3: problem(3, None)}), (), NOW_NS)  # type: ignore[arg-type]  # information
    assert (one.state, one.notified, is_notifiable(one)) == (Standing.OPEN, False, False)
    assert severity_name(one.severity) == "info"
    assert severity_name(CRITICAL) == "critical"


def test_a_repaired_day_is_no_longer_among_the_touched_ones() -> None:
    """The last day is the newest that is still bad, or the newest at all."""
    known = fold("events", days(bad(3, 4, until=4)), (), NOW_NS)
    (one,) = fold("events", days(bad(3, until=4)), known, NOW_NS)
    assert (one.touched, one.last, one.bad) == ((at(3),), at(3), (at(3),))
    (none,) = fold("events", days(bad(until=4)), known, NOW_NS)
    assert (none.touched, none.last) == ((), at(4))
    assert set(none.days.values()) == {DayState.REPAIRED}
    assert at(4) - at(3) == timedelta(days=1)
