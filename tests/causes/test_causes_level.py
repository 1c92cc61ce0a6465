"""A lasting change of level: reported once, with date and size, and silent once accepted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import RULES
from made import CALENDAR, facts, profile

from exporter.causes.problem import Problem
from exporter.checks.check import Severity, State
from exporter.incidents.fold import Day, fold
from exporter.incidents.incident import Incident, Standing, Why
from exporter.model import PartitionFacts, Stage
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.due import due_days
from exporter.pipeline.snapshot import Snapshot

FIRST = date(2025, 1, 6)
SHIFT, LAST = 60, 88  # the first day of the new level, and four weeks of it


def days(factor: float, seed: int = 3, last: int = LAST, *, apart: bool = False) -> list[PartitionFacts]:
    """Return days with a weekly rhythm, 3% noise, and another level from ``SHIFT`` on.

    ``apart``: each of the four volumes has independent noise, so that they deviate on different days.
    """
    chance = np.random.default_rng(seed)
    known = []
    for number in range(last + 1):
        size = (1.3 if number % 7 > 4 else 1.0) * (factor if number >= SHIFT else 1.0)
        noise = np.exp(0.03 * (chance.normal(size=4) if apart else np.full(4, chance.normal())))
        rows, checkouts, revenue, clean = size * noise
        times = {
            "first_event_ns": CALENDAR.day(FIRST + timedelta(days=number)).start_ns,
            "last_event_ns": CALENDAR.day(FIRST + timedelta(days=number)).end_ns - 60 * 10**9,
        }
        content = profile(
            rows=round(4000 * rows),
            checkouts=round(400 * checkouts),
            revenue=20_000 * revenue,
            fingerprint=f"{number}",
            **times,
        )
        left = round(4000 * rows) - 40
        passed = profile(Stage.CLEAN, left, revenue=19_000 * clean, fingerprint=f"{number}c", **times)
        known.append(facts(FIRST + timedelta(days=number), raw=content, clean=passed if apart else None))
    return known


@pytest.mark.parametrize(("factor", "side"), [(1.25, "above"), (0.75, "below")])
def test_a_change_of_level_says_to_which_side(factor: float, side: str) -> None:
    """What was acknowledged of one is not acknowledged of the other."""
    found = problem(days(factor)[: SHIFT + 4])
    assert found is not None
    assert ("level_shift", side) in found.sides


@pytest.mark.parametrize(("factor", "state"), [(2.0, State.ACKNOWLEDGED), (0.3, State.FIRING)])
def test_a_day_acknowledged_in_advance_is_told_if_it_deviates_to_the_other_side(
    factor: float, state: State
) -> None:
    """A campaign was expected, a loss was not."""
    known = days(factor, last=SHIFT)
    rise = ("critical", (("anomaly_events", "above"),))
    known[-1] = replace(known[-1], standing={("anomaly_events", ""): (rise,)})
    (found,) = (one for one in look(known).views[-1].problems if one.name == "anomaly_events")
    assert found.state is state


def look(known: Sequence[PartitionFacts]) -> Snapshot:
    """Judge days on the morning after the last of them."""
    now = CALENDAR.due_ns(known[-1].partition) + 1
    return Assembler(RULES).assemble(known[:40], known[40:], as_of_ns=now, generated_ns=now)


def problem(known: Sequence[PartitionFacts]) -> Problem | None:
    """Return the finding on the last day's level."""
    return next((one for one in look(known).views[-1].problems if one.name == "level_shift"), None)


def test_the_third_day_in_a_row_is_called_a_change_of_level() -> None:
    """With its first day, the size and the days so far; dependent checks are part of it."""
    known = days(1.25)
    assert problem(known[: SHIFT + 2]) is None
    found = problem(known[: SHIFT + 4])
    assert found is not None
    assert found.finding is not None
    since = FIRST + timedelta(days=SHIFT)
    assert found.finding.evidence["since"] == since.isoformat()
    assert float(found.finding.evidence["change"]) == pytest.approx(0.25, abs=0.05)
    assert found.finding.title.endswith(f"% above the earlier level since {since:%m-%d}")
    assert f"since {since:%m-%d}, on 4 days" in found.finding.seen
    assert "anomaly_events" in found.names


def test_healthy_days_and_single_bad_ones_are_no_change_of_level() -> None:
    """Neither noise nor a day that lost half."""
    known = days(1.0)
    lost = replace(known[SHIFT], stages=days(0.5)[SHIFT].stages)
    assert problem(known) is None
    assert problem([*known[:SHIFT], lost]) is None


def told(
    factor: float, seed: int, *, new_level_on: int | None = None, apart: bool = False, last: int = LAST
) -> list[Incident]:
    """Walk through four weeks, morning by morning; return the reported incidents."""
    known = days(factor, seed, apart=apart)
    incidents: tuple[Incident, ...] = ()
    for number in range(SHIFT - 1, last + 1):
        seen = [
            replace(
                one,
                alertable=one.partition > known[number].partition - timedelta(days=3),
                new_level=None
                if new_level_on is not None
                and number > new_level_on
                and one.partition == known[SHIFT].partition
                else frozenset(),
            )
            for one in known[number - 55 : number + 1]
        ]
        now = CALENDAR.due_ns(seen[-1].partition) + 1
        shot = Assembler(RULES).assemble(seen[:40], seen[40:], as_of_ns=now, generated_ns=now)
        window: Sequence[Day] = due_days(shot)
        incidents = fold("events", window, incidents, now)
    # Days without ``apart`` have no clean revenue, which is a separate finding.
    return [one for one in incidents if one.notified and one.name.startswith(("anomaly", "level"))]


@pytest.mark.parametrize("factor", [1.25, 0.75])
@pytest.mark.parametrize("seed", [1, 2])
def test_four_weeks_of_a_new_level_are_at_most_three_messages(factor: float, seed: int) -> None:
    """For four volumes: the first day, the level, and at most one more; it ends by itself in a week."""
    heard = told(factor, seed, apart=True)
    assert any(one.name == "level_shift" for one in heard)
    assert len(heard) <= 3, [(one.name, sorted(one.days)) for one in heard]
    (level,) = [one for one in heard if one.name == "level_shift"]
    assert max(level.days) <= FIRST + timedelta(days=SHIFT + 9)


def test_a_new_level_ends_its_incidents_when_it_is_accepted() -> None:
    """Also critical ones, which nothing but an answer ends otherwise."""
    heard = told(1.8, 1, apart=True, last=SHIFT + 10)
    critical = {one.name: (one.state, one.why) for one in heard if one.severity is Severity.CRITICAL}
    assert critical == dict.fromkeys(("anomaly_events", "level_shift"), (Standing.RESOLVED, Why.ACCEPTED))
    early = told(1.8, 1, apart=True, last=SHIFT + 6)
    assert {one.state for one in early if one.name in critical} == {Standing.OPEN}


def test_a_level_that_somebody_takes_for_new_is_quiet_from_then_on() -> None:
    """No day after the acknowledgement deviates."""
    heard = told(1.25, 1, new_level_on=SHIFT + 3)
    assert max(max(one.days) for one in heard) <= FIRST + timedelta(days=SHIFT + 3)
