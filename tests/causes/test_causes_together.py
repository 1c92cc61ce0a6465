"""Volumes that change in proportion are one problem; one that changes by itself is another."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import RULES
from made import CALENDAR, facts, profile

from exporter.checks.deviation import Deviation
from exporter.incidents.words import Words
from exporter.model import PartitionFacts
from exporter.pipeline.assemble import Assembler

FIRST = date(2025, 1, 6)
LAST = 60
# The generated days have constant clean and rejected rows: findings on those are irrelevant here.
OF_VOLUMES = {"anomaly_events", "anomaly_checkouts", "anomaly_revenue"}


def days(rows: float, orders: float, revenue: float, seed: int) -> list[PartitionFacts]:
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


def problems(
    rows: float, orders: float, revenue: float, seed: int = 3
) -> dict[str, tuple[frozenset[str], Words]]:
    """Return the problems of the last day's volumes, by their first check: all checks, and the text."""
    known = days(rows, orders, revenue, seed)
    now = CALENDAR.due_ns(known[-1].partition) + 1
    view = Assembler(RULES).assemble(known[:40], known[40:], as_of_ns=now, generated_ns=now).views[-1]
    found = {problem.name: problem for problem in view.problems if problem.name in OF_VOLUMES}
    return {
        name: (OF_VOLUMES.intersection(problem.names), view.words[problem.key])
        for name, problem in found.items()
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ratio", [0.6, 1.6])
def test_volumes_that_change_in_proportion_are_one_problem(ratio: float, seed: int) -> None:
    """Rows, orders and revenue together are reported once, with each figure."""
    [(name, (checks, words))] = problems(ratio, ratio, ratio, seed).items()
    assert name == "anomaly_events"
    assert checks == OF_VOLUMES
    assert "rows, usually" in words.seen
    assert "; orders " in words.seen
    assert ", revenue " in words.seen


@pytest.mark.parametrize(
    ("rows", "orders", "revenue"),
    [
        (0.6, 0.1, 0.1),  # most orders are gone as well: a tag
        (0.6, 1.6, 1.6),  # in the other direction
    ],
)
def test_orders_that_do_not_follow_the_rows_are_a_problem_of_their_own(
    rows: float, orders: float, revenue: float
) -> None:
    """Fewer rows do not explain them; revenue follows the orders."""
    found = problems(rows, orders, revenue)
    assert found["anomaly_events"][0] == {"anomaly_events"}
    assert found["anomaly_checkouts"][0] == {"anomaly_checkouts", "anomaly_revenue"}


def test_what_is_not_in_proportion_is_left_out() -> None:
    """Rows and orders fell alike and revenue is nearly gone: revenue is reported separately."""
    found = problems(0.6, 0.6, 0.1)
    assert found["anomaly_events"][0] == {"anomaly_events", "anomaly_checkouts"}
    assert found["anomaly_revenue"][0] == {"anomaly_revenue"}


@pytest.mark.parametrize(
    ("own", "other", "follows"),
    [
        (Deviation(60, 90, 100), Deviation(500, 900, 1000), True),  # 0.60 and 0.50, intervals of 10% each
        (Deviation(60, 90, 100), Deviation(700, 900, 1000), True),
        (Deviation(40, 90, 100), Deviation(800, 900, 1000), False),  # 0.40 and 0.80
        (Deviation(40, 60, 100), Deviation(800, 900, 1000), True),  # the same, but as noisy as that
        (Deviation(140, 110, 100), Deviation(600, 900, 1000), False),  # up and down
        (Deviation(0, 90, 100), Deviation(600, 900, 1000), False),  # all of them are gone
        (Deviation(60, 90, None), Deviation(100, 900, 1000), True),  # only the direction is known
        (Deviation(140, 110, None), Deviation(100, 900, 1000), False),
    ],
)
def test_a_deviation_follows_in_the_same_direction_and_in_proportion(
    own: Deviation, other: Deviation, *, follows: bool
) -> None:
    """Within the noise that both intervals allow."""
    assert own.follows(other) is follows
