"""Lasting changes of level: where one began, from when on it counts, and what a day is then compared with."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from feeds import VOLUME

from exporter.history.detection import Detection
from exporter.history.levels import changes, days_on_new_level
from exporter.history.trend import Trend
from exporter.history.window import Day, compute_trends

FIRST = date(2025, 1, 6)
TREND = Trend("events", "puffy_partition_rows", ("raw",), VOLUME)
SINCE = 56


def logs(draws: int, shift: float, noise: float = 0.05, days: int = 84) -> np.ndarray[tuple[int, int]]:
    """Return logarithms with a weekly rhythm whose level shifts after eight weeks."""
    chance = np.random.default_rng(7)
    weekend = np.where(np.arange(days) % 7 >= 5, 0.25, 0.0)
    level = np.where(np.arange(days) >= SINCE, shift, 0.0)
    return (weekend + level)[:, None] + noise * chance.normal(size=(days, draws))


def test_a_change_by_a_quarter_is_found_on_its_day_or_the_next() -> None:
    """In either direction, in nearly every draw, and only once."""
    for shift in (math.log(1.25), math.log(0.75)):
        begun = changes(logs(400, shift))
        near = begun[SINCE - 1 : SINCE + 2].any(axis=0)
        assert near.mean() > 0.85
        assert begun.sum(axis=0).mean() < 1.1


def test_noise_a_bad_day_and_growth_are_no_new_level() -> None:
    """Tested with a thousand draws of four weeks each."""
    calm = logs(1000, 0.0)
    assert changes(calm).any(axis=0).mean() < 0.02
    bad = calm.copy()
    bad[SINCE] -= 1.0
    bad[SINCE + 3] -= 1.0
    assert changes(bad).any(axis=0).mean() < 0.02
    assert changes(calm + 0.003 * np.arange(84)[:, None]).any(axis=0).mean() < 0.03


def test_a_new_level_counts_after_its_days_and_not_for_ever() -> None:
    """From the seventh day on, until only the new level is left; of two shifts the later one counts."""
    begun = np.zeros((120, 1), dtype=bool)
    begun[[20, 40]] = True
    wanted = np.array([26, 27, 46, 47, 96, 97])
    assert days_on_new_level(begun, wanted, np.array([7.0]))[:, 0].tolist() == [0, 7, 26, 7, 56, 0]


def judged(last: int, *, said: bool) -> Detection:
    """Return the verdict on a day after a rise by a quarter that was accepted as new on its first day."""
    values = np.exp(logs(1, math.log(1.25), noise=0.03))[:, 0] * 1000
    days = {
        FIRST + timedelta(days=number): Day(
            {"puffy_partition_rows": {("raw",): float(value)}},
            new_level=frozenset({"events"}) if said and number == SINCE else frozenset(),
        )
        for number, value in enumerate(values)
    }
    day = FIRST + timedelta(days=last)
    found = compute_trends(days, [TREND], [day])[day].detections
    assert found is not None
    return found["events"]


def test_a_level_that_somebody_calls_new_counts_from_the_next_day_on() -> None:
    """Without that answer the day is far off; with it, it is not."""
    silent, told = judged(SINCE + 2, said=False), judged(SINCE + 2, said=True)
    assert (silent.score or 0) > VOLUME.score
    assert abs(told.score or 99) < VOLUME.score
    assert told.expected == pytest.approx(1.25 * (silent.expected or 0), rel=0.06)


def test_after_a_week_nobody_needs_to_say_so() -> None:
    """Later days are automatically compared with the new level."""
    for back in range(8, 20):
        found = judged(SINCE + back, said=False)
        assert abs(found.score or 99) < VOLUME.score + 1
        assert found.expected is not None
