"""Volumes that change in proportion are one thing that happened; one that changes by itself is another."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import RULES
from made import CALENDAR, facts, profile

from exporter.causes.problem import Problem
from exporter.model import PartitionFacts
from exporter.pipeline.assemble import Assembler

FIRST = date(2025, 1, 6)
LAST = 60
# The made days have the same clean and rejected rows every day: what is found of those says nothing here.
OF_VOLUMES = {"volumes_together", "anomaly_events", "anomaly_checkouts", "anomaly_revenue"}


def days(rows: float, orders: float, revenue: float, seed: int = 3) -> list[PartitionFacts]:
    """Return eight weeks with a weekly rhythm and some noise; the last has these ratios of its volumes."""
    chance = np.random.default_rng(seed)
    known = []
    for number in range(LAST + 1):
        size = (1.3 if number % 7 > 4 else 1.0) * math.exp(0.03 * chance.normal())
        off = (rows, orders, revenue) if number == LAST else (1.0, 1.0, 1.0)
        day = FIRST + timedelta(days=number)
        content = profile(
            rows=round(4000 * size * off[0]),
            checkouts=round(400 * size * off[1]),
            revenue=20_000 * size * off[2],
            fingerprint=f"{number}",
            first_event_ns=CALENDAR.day(day).start_ns,
            last_event_ns=CALENDAR.day(day).end_ns - 60 * 10**9,
        )
        known.append(facts(day, raw=content))
    return known


def problems(rows: float, orders: float, revenue: float, seed: int = 3) -> dict[str, Problem]:
    """Return what is wrong with the last day's volumes, by name."""
    known = days(rows, orders, revenue, seed)
    now = CALENDAR.due_ns(known[-1].partition) + 1
    shot = Assembler(RULES).assemble(known[:40], known[40:], as_of_ns=now, generated_ns=now)
    found = {problem.name: problem for problem in shot.views[-1].problems}
    return {name: one for name, one in found.items() if name in OF_VOLUMES}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("ratio", "words"), [(0.6, "fewer rows"), (1.6, "more rows")])
def test_volumes_that_change_in_proportion_are_one_problem(ratio: float, words: str, seed: int) -> None:
    """Half the rows, half the orders, half the revenue: told once, with each figure."""
    found = problems(ratio, ratio, ratio, seed)
    (together,) = found.values()
    assert {"anomaly_events", "anomaly_checkouts", "anomaly_revenue"} <= set(together.names)
    assert together.finding is not None
    assert words in together.finding.title
    assert "orders and revenue in proportion" in together.finding.title
    assert float(together.finding.evidence["events"]) == pytest.approx(ratio - 1, abs=0.15)


@pytest.mark.parametrize(
    ("rows", "orders", "revenue"),
    [
        (0.6, 0.1, 0.1),  # most orders are gone as well: a tag
        (0.6, 1.6, 1.6),  # to the other side
    ],
)
def test_orders_that_do_not_follow_the_rows_stay_a_problem_of_their_own(
    rows: float, orders: float, revenue: float
) -> None:
    """Fewer rows do not explain them."""
    found = problems(rows, orders, revenue)
    assert "volumes_together" not in found
    assert {"anomaly_events", "anomaly_checkouts"} <= set(found)


def test_what_does_not_follow_is_left_out_of_what_does() -> None:
    """Rows and orders fell alike and revenue is nearly gone: revenue is told of by itself."""
    found = problems(0.6, 0.6, 0.1)
    assert "anomaly_revenue" not in found["volumes_together"].names
    assert "anomaly_revenue" in found


@pytest.mark.parametrize(("rows", "orders", "revenue"), [(1, 1, 1), (0.6, 1, 1), (1, 0.5, 0.5)])
def test_it_takes_rows_and_another_volume(rows: float, orders: float, revenue: float) -> None:
    """A healthy day has no such cause, nor one on which only rows, or only orders, are off."""
    assert "volumes_together" not in problems(rows, orders, revenue)
