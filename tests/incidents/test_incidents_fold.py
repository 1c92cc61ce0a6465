"""Days fold into incidents: when one begins, what bridges a gap, and the only things that end it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import CHECKS
from made import CALENDAR

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Severity, State
from exporter.incidents.codec import decode_incident, encode_incident
from exporter.incidents.fold import Day, fold
from exporter.incidents.incident import DayState, Incident, Standing, Why
from exporter.incidents.texts import is_notifiable, is_standing, texts_of
from exporter.incidents.words import words_of

FIRST = date(2025, 3, 1)
CHECK = next(check for check in CHECKS if check.name == "schema_mismatch")
NOW_NS = CALENDAR.due_ns(date(2025, 3, 31))
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL


def at(day: int) -> date:
    """Return a day of March."""
    return FIRST + timedelta(days=day - 1)


def problem(
    day: int, severity: Severity = WARNING, state: State = State.FIRING, subject: str = ""
) -> Problem:
    """Return a breach of one check on a day."""
    alert = Alert(CHECK, at(day), severity, 1.0, 1.0, state, {})
    return Problem(CHECK.name, subject, severity, state, CHECK.owner, (alert,))


def days(
    found: Mapping[int, Problem | None], covered: Iterable[int] = (), unseen: Iterable[int] = ()
) -> list[Day]:
    """Return days: with a problem, good ones (``None``), ones that something explains, or that nobody saw."""
    return [
        Day(
            partition=at(day),
            due_ns=CALENDAR.due_ns(at(day)),
            problems=() if wrong is None else (wrong,),
            words={} if wrong is None else {wrong.key: words_of(wrong, {}, {})},
            seen=day not in unseen,
            covered=frozenset([CHECK.name] if day in covered else []),
        )
        for day, wrong in sorted(found.items())
    ]


def bad(*which: int, until: int, **how: object) -> dict[int, Problem | None]:
    """Return the days from the first on, bad ones among good ones."""
    return {day: problem(day, **how) if day in which else None for day in range(1, until + 1)}  # type: ignore[arg-type]


def folded(found: Sequence[Day], known: Iterable[Incident] = ()) -> tuple[Incident, ...]:
    """Fold days."""
    return fold("events", found, known, NOW_NS)


def test_good_days_are_no_incident() -> None:
    """Nothing is wrong, so nothing is told."""
    assert folded(days(bad(until=5))) == ()


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ((3,), [(3,)]),
        ((3, 4, 5), [(3, 4, 5)]),
        ((3, 6), [(3, 6)]),  # two good days between
        ((3, 7), [(3,), (7,)]),  # three
        ((1, 4, 7, 11), [(1, 4, 7), (11,)]),
    ],
)
def test_gaps_of_up_to_two_good_days_are_bridged(
    which: tuple[int, ...], expected: list[tuple[int, ...]]
) -> None:
    """Days further apart are incidents of their own."""
    found = folded(days(bad(*which, until=11)))
    assert sorted(one.touched for one in found) == [tuple(map(at, run)) for run in expected]


def test_an_id_is_the_same_however_the_days_come() -> None:
    """Day by day with what was known, or all at once without."""
    all_at_once = folded(days(bad(3, 4, 6, until=6)))
    known: tuple[Incident, ...] = ()
    for until in range(1, 7):
        known = folded(days(bad(*(day for day in (3, 4, 6) if day <= until), until=until)), known)
    assert [one.id for one in known] == [one.id for one in all_at_once]
    assert known[0].since == at(3)


def test_subjects_are_incidents_of_their_own() -> None:
    """Two columns are two things to fix."""
    found = {2: problem(2, subject="referrer"), 3: problem(3, subject="client_id")}
    assert {one.subject for one in folded(days(found))} == {"referrer", "client_id"}


def test_a_warning_ends_with_the_next_good_day() -> None:
    """It is over, and says when the good day was due; nobody repaired anything."""
    (one,) = folded(days(bad(3, until=4)))
    assert (one.state, one.why) == (Standing.RESOLVED, Why.NEXT_DAY_GOOD)
    assert one.ended_ns == CALENDAR.due_ns(at(4))
    assert one.bad == (at(3),)


def test_a_pause_is_not_told_anew() -> None:
    """It may return within two good days; after that it is over."""
    assert [is_notifiable(folded(days(bad(3, until=until)))[0]) for until in (3, 4, 5, 6)] == [
        True,
        True,
        True,
        False,
    ]


def test_whoever_was_paged_answers() -> None:
    """A reported critical incident stays open when the next day is good."""
    (one,) = folded(days(bad(3, until=9, severity=CRITICAL)))
    assert (one.state, one.why) == (Standing.OPEN, None)


def test_a_critical_one_that_nobody_was_told_of_passes() -> None:
    """Days that were old when the exporter first saw them notify nobody."""
    (one,) = folded(days(bad(3, until=9, severity=CRITICAL, state=State.PAST)))
    assert (one.state, one.why, is_notifiable(one)) == (Standing.RESOLVED, Why.NEXT_DAY_GOOD, False)
    assert one.held == (), "what is over asks nobody to release a load"


def test_growing_old_ends_nothing() -> None:
    """The day leaves the alertable days, then the window."""
    known = folded(days(bad(3, until=3, severity=CRITICAL)))
    aged = folded(days(bad(3, until=9, severity=CRITICAL, state=State.PAST)), known)
    assert [(one.state, one.notified) for one in aged] == [(Standing.OPEN, True)]
    beyond = folded([day for day in days(bad(until=20)) if day.partition > at(9)], aged)
    assert [(one.id, one.state, one.bad) for one in beyond] == [(known[0].id, Standing.OPEN, (at(3),))]


def test_a_day_that_left_the_window_is_held_and_judged_no_more() -> None:
    """Prometheus does not know it, but its load stays held."""
    known = folded(days(bad(3, until=3, severity=CRITICAL)))
    assert (known[0].held, list(known[0].checks)) == ((at(3),), [at(3)])
    (one,) = folded([day for day in days(bad(until=20)) if day.partition > at(9)], known)
    assert (one.held, one.checks) == ((at(3),), {})
    assert one.held_by == {at(3): ("schema_mismatch",)}


def test_what_holds_a_day_is_known_until_it_is_acknowledged() -> None:
    """Also once it is too old to be reported, and when its incident's other days are over."""
    known = folded(days(bad(3, until=3, severity=CRITICAL)))
    aged = folded(days(bad(3, until=9, severity=CRITICAL, state=State.PAST)), known)
    assert (aged[0].checks, aged[0].held_by) == ({}, {at(3): ("schema_mismatch",)})
    beyond = [day for day in days(bad(until=20)) if day.partition > at(9)]
    (one,) = folded(beyond, aged)
    assert one.held_by == {at(3): ("schema_mismatch",)}
    (done,) = fold("events", beyond, aged, NOW_NS, frozenset({(one.id, at(3))}))
    assert (done.state, done.held_by) == (Standing.ACKNOWLEDGED, {})
    assert folded(days(bad(3, until=3)))[0].held_by == {}, "a warning holds nothing"


def test_a_day_that_comes_late_joins_the_incident_behind_it() -> None:
    """Its id, which people know, stays; only its first day moves."""
    known = folded(days({5: problem(5, CRITICAL)}))
    (one,) = folded(days({4: problem(4, CRITICAL), 5: problem(5, CRITICAL)}), known)
    assert (one.id, one.since, one.bad) == (known[0].id, at(4), (at(4), at(5)))
    far = folded(days({1: problem(1, CRITICAL), 2: None, 3: None, 4: None, 5: problem(5, CRITICAL)}), known)
    assert len(far) == 2


@pytest.mark.parametrize(
    ("late", "good", "farther"), [(8, (5, 6, 7), 9), (2, (3, 4, 5), 1)], ids=["after it", "before it"]
)
def test_a_day_joins_an_incident_whose_only_day_is_repaired_in_the_same_pass(
    late: int, good: tuple[int, ...], farther: int
) -> None:
    """Two good days between the two are bridged; the repaired day is not a third."""
    known = folded(days({5: problem(5, CRITICAL)}))
    (one,) = folded(days({**dict.fromkeys(good), late: problem(late, CRITICAL)}), known)
    assert (one.id, one.touched, one.days[at(5)]) == (known[0].id, (at(late),), DayState.REPAIRED)
    alone = folded(days({**dict.fromkeys([*good, late]), farther: problem(farther, CRITICAL)}), known)
    assert [other.touched for other in alone] == [(at(farther),), ()]


def test_good_days_are_counted_from_the_last_bad_one_on() -> None:
    """Also while an incident waits for an acknowledgement; when it recurs, the count starts again."""
    known: tuple[Incident, ...] = ()
    counted = []
    for until in range(3, 9):
        known = folded(
            days(bad(*(day for day in (3, 6) if day <= until), until=until, severity=CRITICAL)), known
        )
        counted += [(one.state, one.good_days) for one in known]
    assert counted == [(Standing.OPEN, number) for number in (0, 1, 2, 0, 1, 2)]
    over = folded(days(bad(3, until=7)))
    (one,) = folded(days(bad(3, 5, until=7)), over)
    assert [(known.good_days, is_notifiable(known)) for known in (*over, one)] == [(4, False), (2, True)]


def test_an_incident_that_recurs_is_open_again_under_its_id() -> None:
    """With neither an end nor a reason for one until the next good day."""
    known = folded(days(bad(3, until=5)))
    assert (known[0].state, known[0].good_days) == (Standing.RESOLVED, 2)
    (again,) = folded(days(bad(3, 6, until=6)), known)
    assert (again.id, again.state, again.why) == (known[0].id, Standing.OPEN, None)
    assert (again.ended_ns, again.good_days) == (None, 0)
    (over,) = folded(days(bad(3, 6, until=7)), (again,))
    assert (over.ended_ns, over.good_days, is_notifiable(over)) == (CALENDAR.due_ns(at(7)), 1, True)


def test_nobody_is_told_of_a_day_whose_files_are_being_written() -> None:
    """It may be good in a second; if not, people are notified then."""
    writing = [replace(day, settled=False) for day in days({3: problem(3, CRITICAL)})]
    (one,) = folded(writing)
    assert (one.state, one.notified) == (Standing.OPEN, False)
    assert [incident.notified for incident in folded(days({3: problem(3, CRITICAL)}), (one,))] == [True]


def test_an_end_stays_where_it_was() -> None:
    """Also when the good day itself has left the window; otherwise nothing would ever leave the list."""
    known = folded(days(bad(3, until=5)))
    (one,) = folded([day for day in days(bad(until=12)) if day.partition > at(6)], known)
    assert one.ended_ns == known[0].ended_ns == CALENDAR.due_ns(at(4))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(days({3: problem(3)}), id="nothing of the good days"),
        pytest.param(days(bad(3, until=9), unseen=range(4, 10)), id="unreadable good days"),
        pytest.param(days(bad(until=9), unseen=range(1, 10)), id="nothing at all"),
        pytest.param((), id="an empty directory"),
    ],
)
def test_what_is_over_stays_over_while_its_good_days_cannot_be_seen(later: Sequence[Day]) -> None:
    """Nobody is notified of it again, unless its day turns out to be worse, or another one is bad."""
    known = folded(days(bad(3, until=9)))
    assert [(one.state, one.good_days, is_notifiable(one)) for one in known] == [
        (Standing.RESOLVED, 6, False)
    ]
    (one,) = folded(later, known)
    assert (one.state, one.why, one.ended_ns) == (Standing.RESOLVED, Why.NEXT_DAY_GOOD, known[0].ended_ns)
    assert not is_notifiable(one)
    (worse,) = folded(days({3: problem(3, CRITICAL)}), (one,))
    assert (worse.state, is_notifiable(worse)) == (Standing.OPEN, True)
    (more,) = folded(days({3: problem(3), 4: problem(4)}), (one,))
    assert (more.id, more.state, more.bad) == (one.id, Standing.OPEN, (at(3), at(4)))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([day for day in days(bad(until=20)) if day.partition > at(9)], id="left the window"),
        pytest.param(days({3: None}, unseen=[3]), id="unreadable"),
    ],
)
def test_what_is_part_of_another_incident_stays_so_while_its_day_cannot_be_seen(later: Sequence[Day]) -> None:
    """Nobody is paged for it months later; if the day is bad for itself again, they are."""
    told = folded(days(bad(3, until=3, severity=CRITICAL)))
    known = folded(days({3: None}, covered=[3]), told)
    (one,) = folded(later, known)
    assert (one.state, one.why, one.ended_ns) == (Standing.RESOLVED, Why.COVERED, NOW_NS)
    (again,) = folded(days(bad(3, until=3, severity=CRITICAL)), (one,))
    assert (again.id, again.state, is_notifiable(again)) == (one.id, Standing.OPEN, True)


def test_its_span_is_that_of_the_days_it_has() -> None:
    """A cause that was found later has taken the first day."""
    known = folded(days({3: problem(3, state=State.PAST), 4: problem(4, state=State.PAST)}))
    (one,) = folded(days({3: None, 4: problem(4, state=State.PAST)}, covered=[3]), known)
    assert (one.id, one.since) == (known[0].id, at(4))


def test_a_week_of_working_days_is_standing() -> None:
    """Days on which nothing is due are not good days; a good day in between is."""
    working = [day for day in range(1, 12) if at(day).weekday() < 5]
    (one,) = folded(days({day: problem(day) for day in working}))
    assert is_standing(one)
    paused = {day: None if day == working[3] else problem(day) for day in (*working, 12)}
    (other,) = folded(days(paused))
    assert (len(other.touched), is_standing(other)) == (len(working), False)


def test_a_week_is_standing_although_the_day_before_it_has_been_repaired() -> None:
    """That day belongs to the incident, but does not interrupt it."""
    known = folded(days(bad(*range(1, 9), until=8)))
    (one,) = folded(days(bad(*range(2, 9), until=8)), known)
    assert (one.since, len(one.touched), is_standing(one)) == (at(1), 7, True)


def test_a_repair_ends_it() -> None:
    """The day is good now."""
    known = folded(days(bad(3, until=3, severity=CRITICAL)))
    (one,) = folded(days(bad(until=3)), known)
    assert (one.state, one.why, one.ended_ns) == (Standing.RESOLVED, Why.REPAIRED, NOW_NS)
    assert one.days == {at(3): DayState.REPAIRED}
    again = folded(days(bad(until=4)), (replace(one, ended_ns=7),))
    assert again[0].ended_ns == 7, "an end keeps its instant"
    over = folded(days(bad(3, until=4)))
    (late,) = fold("events", days(bad(until=4)), over, NOW_NS + 7)
    assert (over[0].why, late.why, late.ended_ns) == (Why.NEXT_DAY_GOOD, Why.REPAIRED, NOW_NS + 7)


def test_one_repaired_day_of_two_ends_nothing() -> None:
    """The id stays, though the first day is good now."""
    known = folded(days(bad(3, 4, until=4)))
    (one,) = folded(days(bad(4, until=4)), known)
    assert (one.id, one.state, one.bad, one.since) == (known[0].id, Standing.OPEN, (at(4),), at(3))


def test_an_answer_for_every_day_acknowledges_it() -> None:
    """A new bad day opens it again under the same id."""
    known = folded(days(bad(3, until=3, severity=CRITICAL)))
    answered = {**bad(until=2), 3: problem(3, CRITICAL, State.ACKNOWLEDGED)}
    (one,) = folded(days(answered), known)
    assert (one.state, one.why, is_notifiable(one)) == (Standing.ACKNOWLEDGED, Why.ACKNOWLEDGED, False)
    (grown,) = folded(days({**answered, 4: problem(4, CRITICAL)}), (one,))
    assert (grown.id, grown.state, grown.bad, grown.ended_ns) == (one.id, Standing.OPEN, (at(4),), None)


def test_an_answer_stands_when_the_day_has_grown_old() -> None:
    """A past breach does not know answers; the incident remembers them."""
    answered = folded(days({3: problem(3, CRITICAL, State.ACKNOWLEDGED)}))
    (one,) = folded(days({3: problem(3, CRITICAL, State.PAST)}), answered)
    assert one.state is Standing.ACKNOWLEDGED


def test_a_day_that_nobody_can_see_is_neither_good_nor_repaired() -> None:
    """Where the raw file cannot be read, nobody knows whether the column is back."""
    known = folded(days(bad(3, until=3)))
    for found in (days({3: None}, unseen=[3]), days({**bad(3, until=3), 4: None}, unseen=[4])):
        (one,) = folded(found, known)
        assert one.state is Standing.OPEN, found


def test_what_a_cause_explains_is_no_good_day() -> None:
    """The check is still in breach, under another name."""
    (one,) = folded(days({**bad(3, until=3), 4: None}, covered=[4]))
    assert one.state is Standing.OPEN


def test_severity_only_rises() -> None:
    """It was critical once, so it stays so until it ends."""
    found = {3: problem(3), 4: problem(4, CRITICAL), 5: problem(5)}
    assert [one.severity for one in folded(days(found))] == [CRITICAL]
    assert [one.severity for one in folded(days({3: problem(3)}))] == [WARNING]


def test_the_owner_changes_with_the_severity_alone() -> None:
    """Each change is a message, so it must be worth one."""
    found = {3: replace(problem(3), owner="a"), 4: replace(problem(4), owner="b")}
    assert [one.owner for one in folded(days(found))] == ["a"]
    assert [one.owner for one in folded(days({**found, 5: replace(problem(5, CRITICAL), owner="c")}))] == [
        "c"
    ]


def test_the_worst_open_one_comes_first() -> None:
    """Then the newest; what has ended comes last."""
    found = days(
        {1: problem(1, subject="over"), 2: None, 3: problem(3, subject="open"), 4: problem(4, CRITICAL)}
    )
    found[3] = replace(
        found[3],
        problems=(*found[3].problems, *(late := (problem(4, subject="open"),))),
        words={**found[3].words, late[0].key: words_of(late[0], {}, {})},
    )
    assert [one.subject for one in folded(found)] == ["", "open", "over"]


def test_an_incident_survives_the_state_bit_by_bit() -> None:
    """What was written is read; what is no incident is nothing."""
    for one in folded(days(bad(3, 4, until=6, severity=CRITICAL))):
        assert decode_incident(encode_incident(one)) == one
        before = json.loads(encode_incident(one))
        held = list(before.pop("held_by"))
        assert held == ["2025-03-03", "2025-03-04"]
        read = decode_incident(json.dumps(before | {"held": held}).encode())
        assert read == replace(one, held_by={at(3): (), at(4): ()}), "earlier versions kept the days"
    for broken in (b"", b"{}", b"[]", b'{"id": 1}'):
        assert decode_incident(broken) is None


def test_the_words_say_which_days_and_that_the_load_is_held() -> None:
    """A person reads the span, the days and the command."""
    (one,) = folded(days(bad(3, 4, until=4, severity=CRITICAL)))
    said = texts_of("events", one)
    assert said.headline.startswith("events 2025-03-03 to 2025-03-04: ")
    assert "Since 2025-03-03, on 2 days." in said.text
    assert f"gate ack {one.id}" in said.text


def changed(found: Sequence[Day], day: int, **how: object) -> list[Day]:
    """Return the days with one of them changed."""
    return [replace(one, **how) if one.partition == at(day) else one for one in found]  # type: ignore[arg-type]  # how names any field


def test_a_day_with_something_critical_of_its_own_does_not_show_that_anything_is_over() -> None:
    """Its file has only a header, say: nothing can be seen in it. The next good day shows it."""
    known: tuple[Incident, ...] = ()
    ends = []
    for until in range(3, 7):
        found = changed(changed(days(bad(3, until=until)), 4, doubtful=True), 5, doubtful=True)
        known = folded(found, known)
        ends += [(one.state, one.good_days) for one in known]
    assert ends == [(Standing.OPEN, 0)] * 3 + [(Standing.RESOLVED, 1)]
    assert known[0].ended_ns == CALENDAR.due_ns(at(6))


def test_a_doubtful_day_is_not_a_good_day_between_two_bad_ones() -> None:
    """Two good days bridge a gap, three do not."""
    found = days(bad(3, 7, until=7))
    assert len(folded(found)) == 2
    (one,) = folded(changed(found, 5, doubtful=True))
    assert one.touched == (at(3), at(7))
    (paused,) = folded(changed(days(bad(3, 5, until=5)), 4, doubtful=True))
    assert not paused.unbroken, "it did not occur on the day between"


def test_a_problem_that_is_gone_is_repaired_whatever_else_is_wrong_with_its_day() -> None:
    """A missing file that came without a column is not missing."""
    known = folded(days(bad(3, until=3, severity=CRITICAL)))
    (one,) = folded(changed(days(bad(until=3)), 3, doubtful=True), known)
    assert (one.state, one.why) == (Standing.RESOLVED, Why.REPAIRED)


HOUR_NS = 3600 * 10**9


@pytest.mark.parametrize("how", ["came_ns", "replaced_ns"])
def test_days_that_were_good_before_a_bad_one_came_do_not_end_its_incident(how: str) -> None:
    """Of an old day that is replaced by a bad rerun, or comes late: it is open until a later day is good."""
    late = CALENDAR.due_ns(at(8)) + HOUR_NS
    known = folded(changed(days(bad(3, until=8)), 3, **{how: late}))
    assert [(one.state, is_notifiable(one)) for one in known] == [(Standing.OPEN, True)]
    known = folded(changed(days(bad(3, until=9)), 3, **{how: late}), known)
    assert [(one.state, one.why, one.good_days) for one in known] == [
        (Standing.RESOLVED, Why.NEXT_DAY_GOOD, 1)
    ]
    assert known[0].ended_ns == CALENDAR.due_ns(at(9))


def test_a_good_day_that_is_replaced_after_a_bad_one_shows_that_it_is_over() -> None:
    """A rerun of both: the good one came last."""
    late = CALENDAR.due_ns(at(8)) + HOUR_NS
    found = changed(days(bad(3, until=8)), 3, replaced_ns=late)
    (one,) = folded(changed(found, 4, replaced_ns=late))
    assert (one.state, one.ended_ns) == (Standing.RESOLVED, late)


def test_what_nobody_is_notified_of_is_over_whenever_it_came() -> None:
    """An archive written in any order notifies nobody."""
    late = CALENDAR.due_ns(at(8)) + HOUR_NS
    (one,) = folded(changed(days(bad(3, until=8, state=State.PAST)), 3, came_ns=late))
    assert (one.state, one.notified) == (Standing.RESOLVED, False)


def test_a_bad_day_that_is_replaced_by_a_bad_one_opens_its_incident_again() -> None:
    """It fires again; once the day is over in the same way again, it stays so."""
    known = folded(days(bad(3, until=8)))
    assert known[0].state is Standing.RESOLVED
    late = CALENDAR.due_ns(at(8)) + HOUR_NS
    old = changed(days(bad(3, until=8, state=State.PAST)), 3, replaced_ns=late)
    assert folded(old, known)[0].state is Standing.RESOLVED, "nothing fires"
    known = folded(changed(days(bad(3, until=8)), 3, replaced_ns=late), known)
    assert [(one.state, is_notifiable(one)) for one in known] == [(Standing.OPEN, True)]
    again = changed(days(bad(3, until=9)), 3, replaced_ns=late)
    known = folded(again, known)
    assert known[0].state is Standing.RESOLVED
    assert folded(again, known) == known


@pytest.mark.parametrize("covers", [(3, 4), (3,)])
def test_a_critical_incident_ends_when_its_new_level_is_accepted(covers: tuple[int, ...]) -> None:
    """If that holds for all of its days; it stays so when they have left the window."""
    key = (CHECK.name, "")
    found = days(bad(3, 4, until=5, severity=CRITICAL))
    known = folded(changed(found, 5, accepts=frozenset((key, at(day)) for day in covers)))
    if covers == (3,):
        assert known[0].state is Standing.OPEN
        return
    assert [(one.state, one.why, is_notifiable(one)) for one in known] == [
        (Standing.RESOLVED, Why.ACCEPTED, False)
    ]
    assert texts_of("events", known[0]).text.endswith(
        "It is over: the new level is accepted, and later days are compared with it."
    )
    beyond = folded([day for day in days(bad(until=20)) if day.partition > at(9)], known)
    assert [(one.state, one.why) for one in beyond] == [(Standing.RESOLVED, Why.ACCEPTED)]
    again = folded(days({**bad(until=6), 6: problem(6, CRITICAL)}), beyond)
    assert again[0].state is Standing.OPEN


def test_a_day_that_is_bad_in_the_same_way_accepts_nothing() -> None:
    """One trend is compared with its new level, another still deviates."""
    key = (CHECK.name, "")
    found = changed(days(bad(3, 4, until=4, severity=CRITICAL)), 4, accepts=frozenset([(key, at(3))]))
    assert folded(found)[0].state is Standing.OPEN
