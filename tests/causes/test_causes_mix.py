"""Shares of known values: found if they are far outside of all days before, never on healthy feeds."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import EVENTS
from made import facts, profile
from test_causes_silent import alert

from exporter.causes.cause import Case, Finding
from exporter.causes.known import CAUSES
from exporter.feed import Column
from exporter.model import ColumnFigures, PartitionFacts, Stage

FIRST = date(2024, 6, 3)
DAYS, KEPT = 200, 14
STATES = ("paid", "shipped", "cancelled", "refunded")
USUAL = (0.55, 0.37, 0.05, 0.03)

Weights = Callable[[int], Sequence[float]]


def day_of(number: int, rows: int, counts: dict[str, int], true: int = 0) -> PartitionFacts:
    """Return a day with these rows by status, of which some are gifts."""
    day = FIRST + timedelta(days=number)
    numbers = {"missing_rows": 0, "invalid_rows": 0}
    figures = {
        "status": ColumnFigures("category", numbers, dict(sorted(counts.items()))),
        "is_gift": ColumnFigures("boolean", {**numbers, "true_rows": true}),
    }
    return facts(day, raw=profile(rows=rows, fingerprint=f"{day}", figures=figures, packs={}))


def days(
    weights: Weights, rows: Callable[[int], int], seed: int, gifts: Callable[[int], float], last: int = DAYS
) -> list[PartitionFacts]:
    """Return days whose rows are drawn at random."""
    chance = random.Random(seed)
    known = []
    for number in range(last):
        size = max(1, round(rows(number) * chance.uniform(0.9, 1.1)))
        counts = Counter(chance.choices(STATES, weights(number), k=size))
        true = sum(chance.random() < gifts(number) for _ in range(size))
        known.append(day_of(number, size, counts, true))
    return known


def found(known: Sequence[PartitionFacts], number: int, kept: int = KEPT) -> list[Finding]:
    """Return what is found on a day."""
    earlier = tuple(reversed(known[max(0, number - kept) : number]))
    return list(CAUSES["category_mix"].detect(Case(known[number], (), EVENTS, earlier)))


def weekly(number: int) -> Sequence[float]:
    """Ship on working days."""
    return (0.85, 0.07, 0.05, 0.03) if number % 7 > 4 else USUAL


def drifting(number: int) -> Sequence[float]:
    """Move from one state to another, 0.4 points a day."""
    moved = 0.004 * min(number, 130)
    return (0.55 - moved, 0.37, 0.05, 0.03 + moved)


def promoted(number: int) -> Sequence[float]:
    """Have 15 points more of one state in some weeks, as in a promotion."""
    return (0.4, 0.37, 0.2, 0.03) if number % 35 in range(20, 26) else USUAL


def uneven(number: int) -> Sequence[float]:
    """Differ from day to day by more than chance, as with few large orders."""
    part = random.Random(number).betavariate(4, 4)
    return (part, 0.92 - 0.92 * part, 0.05, 0.03)


SIZES = {
    "40 rows": lambda _: 40,
    "1,000 rows": lambda _: 1000,
    "fewer at weekends": lambda number: 30 if number % 7 > 4 else 300,
    "growing": lambda number: 40 + 5 * number,
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("weights", [lambda _: USUAL, weekly, drifting, promoted, uneven])
def test_nothing_is_found_on_healthy_feeds(weights: Weights, size: str, seed: int) -> None:
    """In 200 days each, with a weekly rhythm, few rows, slow drifts and promotions."""
    known = days(weights, SIZES[size], seed, lambda number: 0.6 if number % 7 > 4 else 0.3)
    assert [one.seen for number in range(DAYS) for one in found(known, number)] == []


def steady(today: dict[str, int], true: int = 120, before: int = KEPT) -> list[PartitionFacts]:
    """Return some days with the usual shares, and one with these rows by status."""
    usual = {"paid": 550, "shipped": 370, "cancelled": 50, "refunded": 30}
    known = [
        day_of(
            number,
            1000,
            {**usual, "paid": 550 - number % 2 * 10, "shipped": 370 + number % 2 * 10},
            115 + number % 3 * 5,
        )
        for number in range(before)
    ]
    return [*known, day_of(before, sum(today.values()), today, true)]


CANCELLED = {"paid": 200, "shipped": 200, "cancelled": 570, "refunded": 30}


@pytest.mark.parametrize(
    ("today", "true", "subject", "seen"),
    [
        (CANCELLED, 120, "status", "570 of 1,000 rows (57%) have the status cancelled, usually 5%."),
        (
            {"paid": 280, "shipped": 640, "cancelled": 50, "refunded": 30},
            120,
            "status",
            "640 of 1,000 rows (64%) have the status shipped, usually 37% to 38%.",
        ),
        (
            {"paid": 550, "shipped": 370, "cancelled": 50, "refunded": 30},
            880,
            "is_gift",
            "880 of 1,000 rows (88%) have true for is_gift, usually 11.5% to 12.5%.",
        ),
    ],
)
def test_a_share_far_outside_is_found(today: dict[str, int], true: int, subject: str, seen: str) -> None:
    """Once per column, of the value that has changed most."""
    known = steady(today, true)
    (finding,) = found(known, KEPT)
    assert (finding.subject, finding.seen) == (subject, seen)


def test_a_share_is_found_on_a_random_day() -> None:
    """Of a feed with a weekly rhythm, on any day of the week."""
    for number in range(20, 27):
        known = days(weekly, SIZES["fewer at weekends"], 5, lambda _: 0.1, number)
        known.append(day_of(number, 300, {"paid": 100, "shipped": 10, "cancelled": 180, "refunded": 10}, 30))
        assert [one.evidence["value"] for one in found(known, number)] == ["cancelled"]


@pytest.mark.parametrize(
    "today",
    [
        {"paid": 400, "shipped": 370, "cancelled": 200, "refunded": 30},  # 15 points
        {"paid": 6, "shipped": 3, "cancelled": 9, "refunded": 1},  # too few rows
        {"paid": 200, "shipped": 200, "cancelled": 570, "lost": 30},  # of which category_changed says more
        {"paid": 170, "shipped": 200, "cancelled": 570, "refunded": 30, "lost": 30},
        {"paid": 430, "cancelled": 540, "refunded": 30},  # so it does here
        {"PAID": 400, "shipped": 370, "cancelled": 200, "refunded": 30},
    ],
)
def test_small_changes_and_other_values_are_not_claimed(today: dict[str, int]) -> None:
    """Nor days of few rows."""
    assert found(steady(today), KEPT) == []


def test_it_takes_a_week() -> None:
    """So that the same day of the week is known."""
    assert found(steady(CANCELLED, before=7), 7)
    assert not found(steady(CANCELLED, before=6), 6)


def test_few_rows_may_be_chance() -> None:
    """Even if all days before were alike."""
    for rows, seen in ((25, 0), (250, 1)):
        usual = {"paid": rows * 4 // 5, "cancelled": rows // 5}
        known = [day_of(number, rows, usual) for number in range(KEPT)]
        today = {"paid": rows * 14 // 25, "cancelled": rows * 11 // 25}
        assert len(found([*known, day_of(KEPT, rows, today)], KEPT)) == seen


def test_what_varies_as_much_is_usual() -> None:
    """Three times the distance between the days before is needed."""
    known = steady(CANCELLED)
    wide = {"paid": 350, "shipped": 370, "cancelled": 250, "refunded": 30}
    assert found([day_of(0, 1000, {**wide, "cancelled": 220, "paid": 380}, 120), *known[1:]], KEPT) == []
    assert found([day_of(0, 1000, {**wide, "cancelled": 140, "paid": 460}, 120), *known[1:]], KEPT)


def test_a_day_of_missing_rows_is_told_by_its_volume() -> None:
    """If there is an anomaly; and one with other faults by those."""
    known = steady({"paid": 80, "shipped": 370, "cancelled": 50, "refunded": 30}, 60)
    (*before, today) = known
    case = Case(today, (), EVENTS, tuple(reversed(before)))
    detect = CAUSES["category_mix"].detect
    anomaly = alert("anomaly_revenue", 3000.0, 2000.0, 2100.0)
    assert list(detect(case))
    assert not list(detect(replace(case, alerts=(anomaly,))))
    assert not list(detect(replace(case, found=(CAUSES["rows_twice"],))))
    assert list(detect(replace(case, found=(CAUSES["column_missing"],))))
    full = replace(case, facts=steady(CANCELLED)[-1], alerts=(anomaly,))
    assert list(detect(full))


def test_events_and_personal_columns_are_left_out() -> None:
    """Events have trends of their own, and of people nothing is shown."""
    known = steady(CANCELLED)
    raw = replace(EVENTS.raw, columns=(*EVENTS.raw.columns, Column("status", "category", personal=True)))
    personal = replace(EVENTS, tables={**EVENTS.tables, raw.stage: raw})
    case = Case(known[-1], (), personal, tuple(reversed(known[:-1])))
    assert not list(CAUSES["category_mix"].detect(case))
    (found_of_all,) = CAUSES["category_mix"].detect(replace(case, feed=EVENTS))
    assert found_of_all.subject == "status"
    for packs, events in (({}, 1), (profile().packs, 0)):
        named = [with_events(day, packs) for day in known]
        case = Case(named[-1], (), EVENTS, tuple(reversed(named[:-1])))
        assert len(list(CAUSES["category_mix"].detect(case))) == events


def with_events(day: PartitionFacts, packs: Mapping[str, object]) -> PartitionFacts:
    """Return a day whose states are names of events."""
    (stage,) = (one for known, one in day.stages.items() if known is Stage.RAW)
    assert stage.profile is not None
    figures = {"event_name": stage.profile.figures["status"]}
    content = replace(stage.profile, figures=figures, packs=packs)
    return replace(day, stages={**day.stages, Stage.RAW: replace(stage, profile=content)})
