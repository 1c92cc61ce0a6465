"""Averages of numbers: found if they are far outside of all days before, never on healthy feeds."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feeds import EVENTS
from made import facts, profile

from exporter.causes.cause import Case, Finding
from exporter.causes.known import CAUSES
from exporter.feed import SUM, Column, FollowedFigure
from exporter.model import ColumnFigures, PartitionFacts

FIRST = date(2024, 6, 3)
DAYS, KEPT = 200, 14
Draw = Callable[[random.Random, int], float]


def day_of(number: int, values: Sequence[float]) -> PartitionFacts:
    """Return a day with these values."""
    numbers = {
        "missing_rows": 0,
        "mean": sum(values) / len(values),
        "minimum": min(values),
        "maximum": max(values),
        "zero_rows": sum(value == 0 for value in values),
    }
    known = profile(
        rows=len(values), fingerprint=f"{number}", figures={"fee": ColumnFigures("number", numbers)}, packs={}
    )
    return facts(FIRST + timedelta(days=number), raw=known)


def found(known: Sequence[PartitionFacts], number: int = -1) -> list[Finding]:
    """Return what is found on a day."""
    number %= len(known)
    earlier = tuple(reversed(known[max(0, number - KEPT) : number]))
    return list(CAUSES["numbers_level"].detect(Case(known[number], (), EVENTS, earlier)))


HEALTHY: dict[str, Draw] = {
    "amounts": lambda chance, _: chance.lognormvariate(4, 0.8),
    "dearer at weekends": lambda chance, number: chance.lognormvariate(3, 0.5) * (2 if number % 7 > 4 else 1),
    "drifting": lambda chance, number: chance.lognormvariate(3, 0.5) * 1.01**number,
    "heavy tail": lambda chance, _: chance.paretovariate(1.1),
    "promotion": lambda chance, number: (
        chance.lognormvariate(3, 0.3) * (0.75 if number % 35 in range(20, 26) else 1)
    ),
    "temperatures": lambda chance, number: chance.gauss(10 - number / 12, 4),
    "discounts": lambda chance, _: chance.choice([0, 0, 0, 5.0]),
    "ids": lambda _, number: 100.0 * number * number + 1,
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rows", [40, 400])
@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_found_on_healthy_feeds(name: str, rows: int, seed: int) -> None:
    """In 200 days each."""
    chance = random.Random(seed)
    known = [day_of(number, [HEALTHY[name](chance, number) for _ in range(rows)]) for number in range(DAYS)]
    assert [one.seen for number in range(DAYS) for one in found(known, number)] == []


USUAL = [float(value) for value in range(80, 121)]  # 100 on average


def steady(today: Sequence[float], before: int = KEPT) -> list[PartitionFacts]:
    """Return days with nearly the same average, and one with these values."""
    days = [day_of(number, [value + number % 3 for value in USUAL]) for number in range(before)]
    return [*days, day_of(before, today)]


@pytest.mark.parametrize(("factor", "seen"), [(1.6, "160"), (30, "3,000"), (1 / 1.6, "62.5"), (0.001, "0.1")])
def test_another_level_is_found(factor: float, seen: str) -> None:
    """Up or down, by any factor."""
    (finding,) = found(steady([value * factor for value in USUAL]))
    assert finding.subject == "fee"
    assert f"is {seen}; on the 14 days before it was 100 to 102, and" in finding.seen


@pytest.mark.parametrize(
    "today",
    [
        [value * 1.5 for value in USUAL],  # of 102 on one day before
        [value / 1.45 for value in USUAL],
        [*USUAL, 10_000.0],  # a single value
        [300.0] * 19,  # too few
    ],
)
def test_a_small_change_or_a_single_value_is_none(today: list[float]) -> None:
    """Nor are few values."""
    assert found(steady(today)) == []


def test_it_takes_a_week_that_varies_less() -> None:
    """So that the same day of the week is known."""
    today = [value * 2 for value in USUAL]
    assert found(steady(today, 7))
    assert not found(steady(today, 6))
    for first, seen in ((80, 1), (70, 0)):  # 22 and 32 between the days before, and 98 beyond them
        assert len(found([day_of(0, [value - 100 + first for value in USUAL]), *steady(today)[1:]])) == seen


def test_a_column_that_grows_or_is_fixed_has_no_level() -> None:
    """Nor one that is around zero, or mostly zero."""
    today = day_of(KEPT, [value * 2 for value in USUAL])
    for change in (
        lambda number: [value + number for value in USUAL],
        lambda number: [value + number // 5 for value in USUAL],
        lambda _: [100.0] * 40,
        lambda number: [value - 100 - number % 3 for value in USUAL],
        lambda number: [0.0] * 60 + [value + number % 3 for value in USUAL],
    ):
        assert not found([*(day_of(number, change(number)) for number in range(KEPT)), today])
    below = [day_of(number, [-value - number % 3 for value in USUAL]) for number in range(KEPT)]
    assert found([*below, day_of(KEPT, [-2 * value for value in USUAL])])


def test_columns_with_a_detector_and_others_are_left_out() -> None:
    """As are keys, personal ones, and days whose rows are not theirs."""
    known = steady([value * 2 for value in USUAL])
    case = Case(known[-1], (), EVENTS, tuple(reversed(known[:-1])))
    detect, raw = CAUSES["numbers_level"].detect, EVENTS.raw
    trend = FollowedFigure("fees", SUM, {"stage": "raw", "column": "fee"})
    personal = replace(raw, columns=(*raw.columns, Column("fee", "number", personal=True)))
    assert list(detect(case))
    for feed in (
        replace(EVENTS, trends=(trend,)),
        replace(EVENTS, tables={**EVENTS.tables, raw.stage: replace(raw, key=("fee",))}),
        replace(EVENTS, tables={**EVENTS.tables, raw.stage: personal}),
    ):
        assert not list(detect(replace(case, feed=feed)))
    assert not list(detect(replace(case, found=(CAUSES["rows_twice"],))))


def test_a_column_of_larger_values_is_no_part_of_a_hundred_times() -> None:
    """A part leaves the smallest value as it is."""
    before = [day_of(number, [0.25, *[1.2] * 40, 7.0]) for number in range(KEPT)]
    for smallest, seen in ((0.7, 1), (0.8, 0)):
        today = day_of(KEPT, [smallest, *[66.0] * 40, 460.0])
        case = Case(today, (), EVENTS, tuple(reversed(before)))
        assert len(list(CAUSES["numbers_scaled"].detect(case))) == seen
