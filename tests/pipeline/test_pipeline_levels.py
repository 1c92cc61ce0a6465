"""Which days of a new level are over: those whose level a later day is compared with."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from feeds import CHECKS
from made import facts

from exporter.causes.cause import Finding
from exporter.causes.known import CAUSES
from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Severity, State
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.trend import PartitionTrends
from exporter.pipeline.levels import accepted_levels
from exporter.pipeline.snapshot import PartitionView, Snapshot

FIRST = date(2025, 3, 3)
ONE_DAY = timedelta(days=1)
EVENTS = next(check for check in CHECKS if check.name == "anomaly_events")
REVENUE = next(check for check in CHECKS if check.name == "anomaly_revenue")
LEVEL, ANOMALY = ("level_shift", ""), ("anomaly_events", "")


def at(number: int) -> date:
    """Return a day, counted from the first of the new level."""
    return FIRST + ONE_DAY * number


def alert(number: int, *, rises: bool = True) -> Alert:
    """Return an anomaly of a day."""
    value = 200.0 if rises else 50.0
    return Alert(EVENTS, at(number), Severity.CRITICAL, value, 100.0, State.FIRING, {})


def anomaly(number: int, *, rises: bool = True) -> Problem:
    """Return an anomaly as a problem of its own."""
    alerts = (alert(number, rises=rises),)
    return Problem("anomaly_events", "", Severity.CRITICAL, State.FIRING, "analytics", alerts)


def level(number: int) -> Problem:
    """Return the new level as the problem of a day."""
    cause = CAUSES["level_shift"]
    finding = Finding("more", "More.", evidence={"since": at(0).isoformat()})
    return Problem(*LEVEL, Severity.CRITICAL, State.FIRING, "analytics", (alert(number),), cause, finding)


def snapshot(problems: Mapping[int, Problem], new: Mapping[int, float]) -> Snapshot:
    """Return days with problems, and for how many days their past has been on a new level."""
    views = []
    for number in range(12):
        detection = Detection(Method.WEEKDAY, Readiness.ARMED, new_level_days=new.get(number))
        own = tuple(problems[one] for one in [number] if one in problems)
        window = PartitionTrends(detections={EVENTS.trend or "": detection})
        views.append(PartitionView(facts(at(number)), {}, window, (), problems=own))
    return Snapshot(0, 0, tuple(views), (EVENTS, REVENUE), ())


SHIFTED = {0: anomaly(0), 1: anomaly(1), **{number: level(number) for number in range(2, 7)}}


def test_a_day_that_is_compared_with_the_new_level_accepts_the_days_before_it() -> None:
    """Those with the cause, and the first two, on which it was not known yet."""
    found = accepted_levels(snapshot(SHIFTED, {7: 7.0}), ONE_DAY)
    assert found[at(7)] == {
        (ANOMALY, at(0)),
        (ANOMALY, at(1)),
        *((LEVEL, at(number)) for number in range(2, 7)),
    }
    assert not any(found[at(number)] for number in range(12) if number != 7)


@pytest.mark.parametrize("begun", [-1, 2, 4])
def test_a_level_may_be_found_to_begin_a_few_days_later(begun: int) -> None:
    """Of the first days some are noise; what began more than three days later is another level."""
    found = accepted_levels(snapshot({2: level(2)}, {9: 9.0 - begun}), ONE_DAY)
    assert found[at(9)] == {(LEVEL, at(2))}
    other = accepted_levels(snapshot({2: level(2)}, {11: 11.0 - 6}), ONE_DAY)
    assert not other[at(11)]


def test_nothing_is_accepted_without_a_new_level() -> None:
    """The days are normal again by the old one; or there was no new level at all."""
    assert not any(accepted_levels(snapshot(SHIFTED, {}), ONE_DAY).values())
    assert accepted_levels(snapshot({1: anomaly(1)}, {7: 7.0}), ONE_DAY) == {}


def test_a_level_that_was_accepted_before_accepts_no_later_change() -> None:
    """Days that deviate from it are on yet another level."""
    old = {number: number + 4.0 for number in range(12)}
    assert not any(accepted_levels(snapshot(SHIFTED, old), ONE_DAY).values())


def test_a_day_that_still_deviates_after_the_level_is_accepted_is_over_with_the_next() -> None:
    """One of several volumes takes a little longer."""
    found = accepted_levels(snapshot({**SHIFTED, 8: level(8)}, {7: 7.0, 8: 8.0, 9: 9.0}), ONE_DAY)
    assert (LEVEL, at(8)) in found[at(9)]
    assert (LEVEL, at(8)) not in found[at(7)] | found[at(8)]


def test_an_anomaly_in_the_other_direction_is_no_part_of_the_level() -> None:
    """An outage while traffic has risen is not over because the rise is accepted."""
    found = accepted_levels(snapshot({**SHIFTED, 1: anomaly(1, rises=False)}, {7: 7.0}), ONE_DAY)
    assert (ANOMALY, at(0)) in found[at(7)]
    assert (ANOMALY, at(1)) not in found[at(7)]
