"""The state derived from the log: monotone, and independent of order."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from exporter.gate.entry import Acknowledged, Entry, Held, Released
from exporter.gate.gate import Gate

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
DAYS = [date(2025, 3, number) for number in range(6, 9)]
CHECKS = ["schema_mismatch", "zero_revenue"]
CONTENTS = ["a", "b", "none"]
MOMENTS = st.integers(-50, 50).map(lambda hours: NOW + timedelta(hours=hours))

holds = st.builds(
    Held,
    at=MOMENTS,
    partition=st.sampled_from(DAYS),
    check=st.sampled_from(CHECKS),
    content=st.sampled_from(CONTENTS),
    severity=st.just("critical"),
    value=st.just(1.0),
    limit=st.just(0.0),
)
acknowledgements = st.builds(
    Acknowledged,
    at=MOMENTS,
    partition=st.sampled_from(DAYS),
    contents=st.lists(st.sampled_from(CONTENTS), unique=True, max_size=2).map(tuple),
    by=st.just("ann"),
    reason=st.just("looked"),
    checks=st.lists(st.sampled_from(CHECKS), unique=True, max_size=1).map(tuple),
    until=st.none() | MOMENTS,
    baseline=st.sampled_from([None, "include", "exclude"]),
)
releases = st.builds(
    Released,
    at=MOMENTS,
    partition=st.sampled_from(DAYS),
    contents=st.lists(st.sampled_from(CONTENTS), unique=True, max_size=2).map(tuple),
    restored=st.sampled_from(CONTENTS),
)
logs = st.lists(holds | acknowledgements | releases, max_size=12)


def gate(entries: list[Entry]) -> Gate:
    """Return the gate of a log."""
    return Gate(tuple(entries), NOW)


@given(logs, holds)
def test_a_finding_never_opens_the_gate(log: list[Entry], found: Held) -> None:
    """What was held stays held."""
    before, after = gate(log), gate([*log, found])
    assert {held.key for held in before.holds} <= {held.key for held in after.holds}
    assert after.closed or not before.closed


@given(logs, acknowledgements | releases)
def test_an_acknowledgement_or_a_release_never_closes_it(
    log: list[Entry], answer: Acknowledged | Released
) -> None:
    """What was open stays open."""
    before, after = gate(log), gate([*log, answer])
    assert {held.key for held in after.holds} <= {held.key for held in before.holds}
    assert before.closed or not after.closed


@given(st.data(), logs)
def test_the_order_of_the_log_does_not_matter(data: st.DataObject, log: list[Entry]) -> None:
    """So two writers that append at the same time lose nothing."""
    other = data.draw(st.permutations(log))
    assert {held.key for held in gate(log).holds} == {held.key for held in gate(other).holds}


@given(logs, holds)
def test_a_hold_stands_until_its_content_is_answered_for(log: list[Entry], found: Held) -> None:
    """By an unexpired acknowledgement of that content and check, or by a later release."""
    same = [entry for entry in [*log, found] if isinstance(entry, Held) and entry.key == found.key]
    answered = any(isinstance(entry, Acknowledged) and entry.covers(found.key, NOW) for entry in log)
    ends = [
        entry.at
        for entry in log
        if isinstance(entry, Released)
        and entry.partition == found.partition
        and found.content in entry.contents
    ]
    released = bool(ends) and max(entry.at for entry in same) <= max(ends)
    stands = found.key in {held.key for held in gate([*log, found]).holds}
    assert stands is not (answered or released)


@given(logs, st.lists(holds, max_size=4))
def test_what_is_on_record_is_not_recorded_again(log: list[Entry], found: list[Held]) -> None:
    """A second look at the same finding adds nothing; a new content adds a hold."""
    added = gate(log).missing(found)
    assert gate([*log, *added]).missing(found) == ()
    assert {held.key for held in gate([*log, *added]).holds} == {
        held.key for held in gate([*log, *found]).holds
    }


def test_a_content_that_comes_back_after_a_release_is_held_again() -> None:
    """The release ended the hold, and did not answer for the content."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    release = Released(NOW + timedelta(hours=1), DAYS[0], ("a",), "b")
    again = Held(NOW + timedelta(hours=2), DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    assert not gate([held, release]).closed
    assert gate([held, release]).missing([again]) == (again,)
    assert gate([release, again, held]).closed


def test_an_answer_counts_until_it_expires() -> None:
    """Then the hold is in force again."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    answer = Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked", until=NOW + timedelta(hours=1))
    assert not Gate((held, answer), NOW).closed
    assert Gate((held, answer), NOW + timedelta(hours=1)).closed


def test_the_newest_word_on_the_baseline_counts() -> None:
    """For the content that it is about."""
    first = Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked", baseline="exclude")
    later = Acknowledged(NOW + timedelta(hours=1), DAYS[0], ("a",), "bob", "fixed", baseline="include")
    assert gate([first]).serves(DAYS[0], "a") is False
    assert gate([later, first]).serves(DAYS[0], "a") is True
    assert gate([first]).serves(DAYS[0], "b") is None


def test_a_word_on_the_baseline_counts_until_it_expires() -> None:
    """Then the rules decide again."""
    said = Acknowledged(
        NOW, DAYS[0], ("a",), "ann", "looked", until=NOW + timedelta(hours=1), baseline="include"
    )
    assert gate([said]).serves(DAYS[0], "a") is True
    assert Gate((said,), NOW + timedelta(hours=1)).serves(DAYS[0], "a") is None
    assert gate([said]).serves(DAYS[1], "a") is None


def test_a_content_is_held_as_long_as_a_hold_on_it_stands() -> None:
    """On exactly that content of that day."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    asked = [(DAYS[0], "a"), (DAYS[0], "b"), (DAYS[1], "a")]
    assert [gate([held]).is_held(*one) for one in asked] == [True, False, False]
    answer = Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked")
    assert not gate([held, answer]).is_held(DAYS[0], "a")


def test_contents_are_those_that_any_entry_is_about() -> None:
    """Held, released or acknowledged, by day."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    release = Released(NOW, DAYS[0], ("b",), "c")
    answer = Acknowledged(NOW, DAYS[1], ("d", "e"), "ann", "looked")
    assert gate([held, release, answer]).contents == {DAYS[0]: {"a", "b"}, DAYS[1]: {"d", "e"}}


def test_of_equal_holds_the_earliest_stands_and_the_oldest_day_comes_first() -> None:
    """Somebody who waits wants to know since when."""
    first = Held(NOW, DAYS[1], "zero_revenue", "a", "critical", 0.0, 0.0)
    again = Held(NOW + timedelta(hours=1), DAYS[1], "zero_revenue", "a", "critical", 9.0, 0.0)
    older = Held(NOW + timedelta(hours=2), DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    assert gate([again, first, older]).holds == (older, first)
    assert gate([]).missing([first, again]) == (first,)


def test_a_release_ends_what_was_held_until_then() -> None:
    """On each of its contents, at its own instant as well; of two releases the later one counts."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    for hours, closed in ((-1, True), (0, False), (1, False)):
        release = Released(NOW + timedelta(hours=hours), DAYS[0], ("b", "a"), "c")
        earlier = Released(NOW - timedelta(hours=9), DAYS[0], ("a",), "c")
        assert gate([held, release, earlier]).closed is closed
        assert gate([earlier, release, held]).closed is closed


def test_new_levels_of_a_day_are_joined() -> None:
    """A word that names no check speaks of all; one that has expired of none."""
    one, two = (
        Acknowledged(NOW, DAYS[1], ("a",), "ann", "so", (check,), new_level=DAYS[0]) for check in CHECKS
    )
    every = Acknowledged(NOW, DAYS[1], ("a",), "ann", "so", new_level=DAYS[0])
    lapsed = Acknowledged(NOW, DAYS[2], ("a",), "ann", "so", until=NOW, new_level=DAYS[0])
    assert gate([one, two]).new_levels == {DAYS[0]: set(CHECKS)}
    assert gate([one, every]).new_levels == gate([every, one]).new_levels == {DAYS[0]: None}
    assert gate([one, lapsed]).new_levels == {DAYS[0]: {CHECKS[0]}}


def test_gates_that_were_told_the_same_answer_the_same() -> None:
    """Time alone changes the state only when an acknowledgement expires."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    log = (held, Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked", until=NOW + timedelta(hours=1)))
    first, later, lapsed = (Gate(log, NOW + timedelta(hours=hours)) for hours in (0, 0.5, 1))
    assert first.basis == later.basis
    assert lapsed.basis != later.basis
    assert Gate(log[:1], NOW).basis != first.basis
