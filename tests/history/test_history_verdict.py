"""The decision between detector, 7-day rule and calendar."""

import math
from dataclasses import replace
from datetime import date

import pytest
from feeds import VOLUME
from hypothesis import given
from hypothesis import strategies as st

from exporter.history.detection import Detection, Event, Expect, Method, Readiness, event_of
from exporter.history.trend import Band, Direction, TrendFigures
from exporter.history.verdict import Verdict, decide

DAY = date(2025, 11, 28)
SALE = Event("sale", frozenset({DAY}), Expect.RISE)
HOLIDAY = Event("holiday", frozenset({DAY}), Expect.ANY)
ARMED = Detection(Method.WEEKDAY, Readiness.ARMED, 28, expected=100.0, low=83.95, high=119.12, spread=0.05)


def figures(value: float) -> TrendFigures:
    """Return a value that the 7-day rule finds far too high, whatever it is."""
    return TrendFigures(value, None, 7, 10.0, 1.0, value / 10 - 1, value - 10)


def found(score: float, level: float = 9.0, band: Band = VOLUME, **changes: object) -> Verdict | None:
    """Return the verdict on a day with these scores."""
    value = 100.0 * math.exp(0.05 * score)
    detection = replace(ARMED, score=score, level_score=level, **changes)  # type: ignore[arg-type]
    return decide(figures(value), detection, band)


def test_the_detector_decides_where_it_is_armed() -> None:
    """The 7-day rule, which would alert, is not asked."""
    assert found(0.5) is None
    assert found(3.4) is None
    assert found(3.6) == Verdict(confirmed=True, limit=119.12)
    assert found(-3.6) == Verdict(confirmed=True, limit=83.95)
    assert found(3.6, level=2.7) == Verdict(confirmed=False, limit=119.12)


@pytest.mark.parametrize(("edge", "inside", "beyond"), [("high", 9.0, -3.6), ("low", -9.0, 3.6)])
def test_an_edge_that_no_float_reaches_bounds_nothing(edge: str, inside: float, beyond: float) -> None:
    """The other one does, as in Prometheus."""
    assert found(inside, **{edge: None}) is None
    assert found(beyond, **{edge: None}) is not None


@pytest.mark.parametrize("readiness", [Readiness.LEARNING, Readiness.HELD])
def test_the_seven_day_rule_serves_where_it_is_not(readiness: Readiness) -> None:
    """It confirms nothing."""
    verdict = found(0.5, readiness=readiness)
    assert verdict is not None
    assert not verdict.confirmed


def test_a_day_without_rows_is_not_judged() -> None:
    """It has a check of its own."""
    assert found(-9, readiness=Readiness.EMPTY) is None


def test_the_side_and_the_smallest_change_count_for_detectors_too() -> None:
    """As they do for the 7-day rule."""
    assert found(-9, band=replace(VOLUME, direction=Direction.RISE)) is None
    assert found(9, band=replace(VOLUME, direction=Direction.RISE)) is not None


@pytest.mark.parametrize("readiness", [Readiness.ARMED, Readiness.LEARNING])
def test_a_promotion_mutes_rises_and_a_holiday_everything(readiness: Readiness) -> None:
    """Under the detector and under the 7-day rule."""
    assert found(9, event=SALE, readiness=readiness) is None
    assert found(9, event=HOLIDAY, readiness=readiness) is None
    assert found(-9, event=HOLIDAY) is None
    assert found(-9, event=SALE) is not None


def test_of_two_events_the_one_that_expects_anything_counts() -> None:
    """Other days have none."""
    assert event_of(DAY, [SALE, HOLIDAY]) is HOLIDAY
    assert event_of(date(2025, 1, 1), [SALE, HOLIDAY]) is None


@given(st.floats(0, 300))
def test_the_interval_encloses_exactly_what_is_normal(value: float) -> None:
    """The limit shown in an alert is the edge that was crossed."""
    verdict = decide(figures(value), replace(ARMED, level_score=9.0), VOLUME)
    crossed = 83.95 if value < 83.95 else 119.12 if value > 119.12 else None
    assert (None if verdict is None else verdict.limit) == crossed
