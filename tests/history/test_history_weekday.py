"""The detector of volumes, compared with a slow computation by hand."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from by_hand import forecast
from feeds import VOLUME
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exporter.history.detection import Detection, Readiness
from exporter.history.detectors.detector import Past
from exporter.history.detectors.kinds.weekday import DETECTOR as WEEKDAYS
from exporter.history.trend import Trend
from exporter.history.window import Day, compute_trends

TREND = Trend("events", "puffy_partition_rows", ("raw",), VOLUME)
ONE_LEVEL = replace(TREND, band=replace(VOLUME, new_level_days=1000.0))  # noise can look like a new level
FIRST = date(2025, 1, 6)
LAST = 41
RHYTHM = (1000.0, 1040.0, 980.0, 1010.0, 1060.0, 1400.0, 1350.0)

HEAVY: list[tuple[int, float | None]] = [(place, 1.4) for place in (5, 11, 17, 25, 30)]


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


def detection(
    values: list[float | None], excluded: frozenset[int] = frozenset(), trend: Trend = TREND
) -> Detection:
    """Return the detection for the last day."""
    days = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_rows": {("raw",): value}}, "schema mismatch" if number in excluded else None
        )
        for number, value in enumerate(values)
        if value is not None
    }
    last = FIRST + timedelta(days=len(values) - 1)
    found = compute_trends(days, [trend], [last])[last].detections
    assert found is not None
    return found["events"]


def logarithms(values: list[float | None], excluded: frozenset[int]) -> list[float | None]:
    """Return the past of the last day, the newest first."""
    past = list(enumerate(values))[:-1][::-1]
    return [math.log(value) if value and place not in excluded else None for place, value in past]


@settings(max_examples=50)
@example(seed=326, days=187, noise=0.05, faults=[], excluded=frozenset())  # as if a week ago a level began
@example(seed=2, days=37, noise=0.05, faults=HEAVY, excluded=frozenset())  # five weeks can show heavy tails
@example(seed=2, days=30, noise=0.05, faults=HEAVY, excluded=frozenset())  # four cannot
@given(
    st.integers(0, 2**32),
    st.integers(1, 200),
    st.sampled_from((0.0, 0.05, 0.4)),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from((None, 0.0, 0.3, 1.4, 50.0))), max_size=30),
    st.sets(st.integers(0, 200), max_size=20).map(frozenset),
)
def test_the_figures_equal_the_definition(
    seed: int,
    days: int,
    noise: float,
    faults: list[tuple[int, float | None]],
    excluded: frozenset[int],
) -> None:
    """Gaps, zeros, bad days, short and long histories and excluded days included."""
    chance = np.random.default_rng(seed)
    values: list[float | None] = [
        RHYTHM[number % 7] * math.exp(0.001 * number + noise * chance.normal()) for number in range(days + 1)
    ]
    for place, factor in faults:
        if place < days:
            values[place] = None if factor is None else (values[place] or 0.0) * factor
    found = detection(values, excluded, ONE_LEVEL)
    wanted = forecast(logarithms(values, excluded), 0, VOLUME.min_spread)
    if wanted is None:
        assert found.expected is None
        assert found.readiness is not Readiness.ARMED
        return
    assert found.expected == pytest.approx(math.exp(wanted["expected"]), rel=1e-7)
    assert found.spread == pytest.approx(wanted["spread"], rel=1e-6)
    assert found.level_shift == pytest.approx(math.expm1(wanted["level"]), abs=1e-7)
    reach = VOLUME.score * wanted["spread"]
    assert found.low == pytest.approx(math.exp(wanted["expected"] - reach), rel=1e-6)
    assert found.high == pytest.approx(math.exp(wanted["expected"] + reach), rel=1e-6)


@pytest.mark.parametrize("since", [3, 12, 60])
def test_a_new_level_equals_the_definition(since: int) -> None:
    """Days on a level accepted as new have a step of their own."""
    logs = [math.log(value) for value in history({}) if value]
    logs = [log + (0.3 if len(logs) - place <= since else 0.0) for place, log in enumerate(logs)][::-1]
    values = np.array(logs)[:, None]
    told = WEEKDAYS.forecast(
        Past(
            values,
            ~np.isnan(values),
            values,
            values[0],
            np.array([VOLUME.min_spread]),
            np.array([float(since)]),
        )
    )
    wanted = forecast(logs, since, VOLUME.min_spread)
    assert wanted is not None
    assert float(told.expected[0]) == pytest.approx(wanted["expected"], abs=1e-7)
    assert float(told.spread[0]) == pytest.approx(wanted["spread"], rel=1e-6)


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
    """Compared with the weeks before, the day is still high; without the shift, nothing is left."""
    shifted = detection(history(dict.fromkeys(range(LAST - 6, LAST + 1), 1.35)))
    assert (shifted.score or 0) > VOLUME.score
    assert abs(shifted.level_score or 99) < VOLUME.level_score
    assert shifted.level_shift == pytest.approx(0.35, abs=0.06)


def test_a_day_of_nothing_has_a_finite_score() -> None:
    """Zero has no logarithm; its score is the largest possible, but finite."""
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
        (history({})[27:], frozenset(), Readiness.ARMED),  # the fifteenth day
        (history({})[28:], frozenset(), Readiness.LEARNING),
        (history(dict.fromkeys(range(8, 31), None)), frozenset(), Readiness.ARMED),
        (history(dict.fromkeys(range(1, 31), None)), frozenset(), Readiness.LEARNING),
        (history({}), frozenset(range(1, 31)), Readiness.HELD),
        (history({}), frozenset(range(6, LAST, 7)), Readiness.HELD),  # no Sunday is usable
        (history({LAST - 7: 0.4, LAST - 21: 0.4}), frozenset(), Readiness.ARMED),  # two Sundays of five
        (
            history({LAST - 7: 0.4})[27:],
            frozenset(),
            Readiness.HELD,
        ),  # two Sundays that contradict each other
    ],
)
def test_readiness(values: list[float | None], excluded: frozenset[int], readiness: Readiness) -> None:
    """Learning: too few days. Held: enough days, but too many unfit ones."""
    assert detection(values, excluded).readiness is readiness


def test_the_spread_has_a_floor() -> None:
    """Otherwise a constant metric would alert at its first extra row."""
    still = detection([RHYTHM[number % 7] for number in range(LAST + 1)])
    assert (still.spread, still.score) == (VOLUME.min_spread, pytest.approx(0, abs=1e-6))
