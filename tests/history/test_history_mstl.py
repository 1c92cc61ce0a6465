"""A third-party detector behind the same interface."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import VOLUME

from exporter.history.band import BandSpec
from exporter.history.detection import Detection, Method, Readiness
from exporter.history.detectors.known import DETECTORS
from exporter.history.trend import SHIPPED, Band, Trend
from exporter.history.window import Day, compute_trends

pytest.importorskip("statsmodels")

FIRST = date(2025, 1, 6)


def judged(days: int, last: float = 1.0) -> Detection:
    """Return its verdict on the last of some days with a weekly rhythm, one of which is missing."""
    chance = np.random.default_rng(5)
    values = [
        1000 * (1.3 if number % 7 > 4 else 1.0) * math.exp(0.04 * chance.normal()) for number in range(days)
    ]
    values[-1] *= last
    known = {
        FIRST + timedelta(days=number): Day({"puffy_partition_rows": {("raw",): value}})
        for number, value in enumerate(values)
        if number != days - 5
    }
    day = FIRST + timedelta(days=days - 1)
    trend = Trend("events", "puffy_partition_rows", ("raw",), SHIPPED[Method.MSTL])
    found = compute_trends(known, [trend], [day])[day].detections
    assert found is not None
    return found["events"]


def test_it_judges_a_volume_as_the_shipped_one_does() -> None:
    """A healthy day is within the interval, one that lost 40% is not; the unit is the trend's."""
    healthy, lost = judged(60), judged(60, 0.6)
    assert healthy.readiness is Readiness.ARMED
    assert healthy.method is Method.MSTL
    assert abs(healthy.score or 99) < VOLUME.score
    assert (lost.score or 0) < -VOLUME.score
    assert healthy.expected == pytest.approx(1000, rel=0.4)


def test_it_waits_for_four_weeks() -> None:
    """A weekly season needs that many."""
    assert judged(28).readiness is Readiness.LEARNING
    assert judged(30).readiness is Readiness.ARMED


def test_it_knows_no_change_of_level() -> None:
    """Whatever is anomalous is confirmed: no shift of the last days is taken off."""
    lost = judged(60, 0.6)
    assert lost.level_shift == 0
    assert lost.level_score == lost.score


def test_two_lines_of_a_contract_choose_it_for_a_volume_and_never_for_a_share() -> None:
    """Only the method needs to be set."""
    assert BandSpec(method=Method.MSTL).over(VOLUME).method is Method.MSTL
    with pytest.raises(ValueError, match="rate or average"):
        BandSpec(method=Method.MSTL).over(SHIPPED[Method.RATE])
    with pytest.raises(ValueError, match="mstl, weekday or average"):
        BandSpec(method=Method.RATE).over(VOLUME)


def test_every_method_but_the_seven_day_rule_has_a_detector() -> None:
    """Each is found by name and has limits of its own."""
    assert set(DETECTORS) == set(Method) - {Method.AVERAGE}
    assert set(SHIPPED) == set(Method)
    assert all(Band(method=method).method is method for method in DETECTORS)


def test_without_the_library_a_contract_that_asks_for_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra, and comes at startup, not at the first pass."""
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    with pytest.raises(ValueError, match=r"puffy-exporter\[forecast\]"):
        BandSpec(method=Method.MSTL).over(VOLUME)
