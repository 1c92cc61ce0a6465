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


def test_gates_that_were_told_the_same_answer_the_same() -> None:
    """Time alone changes the state only when an acknowledgement expires."""
    held = Held(NOW, DAYS[0], "zero_revenue", "a", "critical", 0.0, 0.0)
    log = (held, Acknowledged(NOW, DAYS[0], ("a",), "ann", "looked", until=NOW + timedelta(hours=1)))
    first, later, lapsed = (Gate(log, NOW + timedelta(hours=hours)) for hours in (0, 0.5, 1))
    assert first.told == later.told
    assert lapsed.told != later.told
    assert Gate(log[:1], NOW).told != first.told
