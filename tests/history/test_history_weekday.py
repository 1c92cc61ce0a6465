"""The detector of volumes, held against a slow computation by hand."""

import math
import statistics
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import VOLUME
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.history.detection import Detection, Readiness
from exporter.history.trend import Trend
from exporter.history.weekday import FORECAST, LEVEL_FORECAST, NORMAL_MAD, SHRINK, SMALLEST
from exporter.history.window import Day, compute_trends

TREND = Trend("events", "puffy_partition_rows", ("raw",), VOLUME)
FIRST = date(2025, 1, 6)
LAST = 41
RHYTHM = (1000.0, 1040.0, 980.0, 1010.0, 1060.0, 1400.0, 1350.0)


def history(changes: Mapping[int, float | None], noise: float = 0.04) -> list[float | None]:
    """Return six weeks with a rhythm and a seeded noise; ``changes`` are factors by day, or a gap."""
    chance = np.random.default_rng(11)
    days: list[float | None] = [
        RHYTHM[number % 7] * math.exp(noise * chance.normal()) for number in range(LAST + 1)
    ]
    for number, factor in changes.items():
        value = days[number]
        days[number] = None if factor is None or value is None else value * factor
    return days


def detection(values: list[float | None], excluded: frozenset[int] = frozenset()) -> Detection:
    """Return what the detector makes of the last day."""
    days = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_rows": {("raw",): value}}, "schema mismatch" if number in excluded else None
        )
        for number, value in enumerate(values)
        if value is not None
    }
    found = compute_trends(days, [TREND])[FIRST + timedelta(days=len(values) - 1)].detections
    assert found is not None
    return found["events"]


def by_hand(values: list[float | None], excluded: frozenset[int]) -> Mapping[str, float]:
    """Compute the last day's figures with the standard library, straight from the definition."""
    last = len(values) - 1

    def log(lag: int) -> float | None:
        place = last - lag
        value = values[place] if place >= 0 and place not in excluded else None
        return math.log(value) if value else None

    def known(numbers: list[float | None]) -> list[float]:
        return [number for number in numbers if number is not None]

    weeks = [known([log(back + 7 * week) for week in range(1, 5)]) for back in range(7)]
    bases = [statistics.median(week) if week else None for week in weeks]
    residuals = [
        abs(number - base)
        for week, base in zip(weeks, bases, strict=True)
        if base is not None
        for number in week
    ]
    if bases[0] is None:
        return {}
    spread = NORMAL_MAD * FORECAST * statistics.median(residuals) * (28 / len(residuals)) ** SHRINK
    spread = max(spread, VOLUME.min_spread)
    recent = [
        number - base
        for back, base in enumerate(bases)
        if back and base is not None and (number := log(back)) is not None
    ]
    level = statistics.median(recent) if len(recent) >= 3 else 0.0
    change = math.log(max(values[last] or 0.0, SMALLEST)) - bases[0]
    return {
        "expected": math.exp(bases[0]),
        "spread": spread,
        "level_shift": math.exp(level) - 1,
        "score": change / spread,
        "level_score": (change - level) / (spread * LEVEL_FORECAST),
    }


@settings(max_examples=60)
@given(
    st.lists(st.one_of(st.none(), st.just(0.0), st.floats(1, 1e6)), min_size=1, max_size=45),
    st.sets(st.integers(0, 44)).map(frozenset),
)
def test_the_figures_equal_the_definition(values: list[float | None], excluded: frozenset[int]) -> None:
    """Gaps, zeros, short histories and excluded days included."""
    values = [*values, 500.0]
    found, wanted = detection(values, excluded), by_hand(values, excluded)
    for name in ("expected", "spread", "level_shift", "score", "level_score"):
        if found.readiness is Readiness.EMPTY:
            break
        if name in wanted:
            assert getattr(found, name) == pytest.approx(wanted[name], rel=1e-9, abs=1e-9), name
        else:
            assert getattr(found, name) is None


def test_a_healthy_weekend_is_no_anomaly_and_a_third_lost_is() -> None:
    """The day is a Sunday, a third above the other days."""
    assert abs(detection(history({})).score or 99) < 2
    lost = detection(history({LAST: 0.7}))
    assert lost.readiness is Readiness.ARMED
    assert lost.score is not None
    assert lost.level_score is not None
    assert lost.score < -VOLUME.score
    assert lost.level_score < -VOLUME.level_score


def test_one_unrepaired_bad_day_hides_nothing() -> None:
    """The 7-day rule is blind after it."""
    for bad in range(1, 7):
        lost = detection(history({LAST: 0.7, LAST - bad: 0.4}))
        assert (lost.score or 0) < -VOLUME.score
        assert (lost.level_score or 0) < -VOLUME.level_score


def test_a_lasting_level_is_told_apart_from_a_day_that_is_off() -> None:
    """Against the weeks before it the day is still high; once the level is out nothing is left."""
    shifted = detection(history(dict.fromkeys(range(LAST - 6, LAST + 1), 1.35)))
    assert (shifted.score or 0) > VOLUME.score
    assert abs(shifted.level_score or 99) < VOLUME.level_score
    assert shifted.level_shift == pytest.approx(0.35, abs=0.06)


def test_a_day_of_nothing_has_a_finite_score() -> None:
    """Zero has no logarithm; it is as far off as can be, and still a number."""
    nothing = detection([*history({})[:-1], 0.0])
    assert nothing.readiness is Readiness.EMPTY  # rows: nothing of the day can be judged
    gap = Trend("revenue", "puffy_partition_revenue", ("raw",), VOLUME)
    days = {
        FIRST + timedelta(days=number): Day(
            {
                "puffy_partition_rows": {("raw",): 100.0},
                "puffy_partition_revenue": {("raw",): 0.0 if number == LAST else value or 0.0},
            }
        )
        for number, value in enumerate(history({}))
    }
    found = (compute_trends(days, [gap])[FIRST + timedelta(days=LAST)].detections or {})["revenue"]
    assert found.readiness is Readiness.ARMED
    assert found.score is not None
    assert -1e5 < found.score < -100


@pytest.mark.parametrize(
    ("values", "excluded", "readiness"),
    [
        (history({}), frozenset(), Readiness.ARMED),
        (history({})[14:], frozenset(), Readiness.LEARNING),  # four weeks in all, three of members
        (history(dict.fromkeys((8, 15, 22, 29), None)), frozenset(), Readiness.ARMED),  # 24 of 28 are there
        (history(dict.fromkeys((8, 15, 22, 29, 30), None)), frozenset(), Readiness.LEARNING),
        (history(dict.fromkeys((LAST - 7, LAST - 14), None)), frozenset(), Readiness.LEARNING),
        (history({}), frozenset(range(8, 13)), Readiness.HELD),
        (history({}), frozenset({LAST - 7, LAST - 14}), Readiness.HELD),
        (
            history({LAST - 7: 0.4, LAST - 21: 0.4}),
            frozenset(),
            Readiness.HELD,
        ),  # contradicting Sundays
        (history({LAST - 7: 0.4}), frozenset(), Readiness.ARMED),
    ],
)
def test_readiness(values: list[float | None], excluded: frozenset[int], readiness: Readiness) -> None:
    """Learning: too little is there. Held: enough is there, but too much of it is unfit."""
    assert detection(values, excluded).readiness is readiness


def test_the_spread_has_a_floor() -> None:
    """A metric that never moves would otherwise alarm at its first row more."""
    still = detection([RHYTHM[number % 7] for number in range(LAST + 1)])
    assert (still.spread, still.score) == (VOLUME.min_spread, 0)
