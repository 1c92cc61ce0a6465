"""What a rule can reach."""

import statistics
from dataclasses import replace

import pytest
from feeds import SHARE
from hypothesis import given
from hypothesis import strategies as st

from exporter.history.detection import Method
from exporter.history.reach import highest_zscore, impossible
from exporter.history.trend import Band, DayTested, Direction, TrendFigures, is_anomalous

INSIDE = Band(tested_day=DayTested.INSIDE)


@pytest.mark.parametrize("points", [3, 7, 8, 11, 40])
def test_no_point_is_further_from_its_own_mean(points: int) -> None:
    """Only one outlier among equal values reaches the bound."""
    values = [1e9, *[1.0] * (points - 1)]
    score = (values[0] - statistics.fmean(values)) / statistics.stdev(values)
    assert score == pytest.approx(highest_zscore(points))


@given(st.lists(st.integers(50, 150), min_size=4, max_size=7), st.integers(0, 300), st.floats(0.5, 2.2))
def test_the_tested_day_inside_is_judged_by_the_score_among_its_own(
    others: list[int], value: int, sigma: float
) -> None:
    """It is derived from the score against the others, and equals the score over all points."""
    average, spread = statistics.fmean(others), statistics.stdev(others)
    points = [*others, value]
    if spread < 1e-9:
        return
    own = abs(value - statistics.fmean(points)) / statistics.stdev(points)
    if abs(own - sigma) < 1e-6:
        return
    known = TrendFigures(
        float(value),
        baseline_count=len(others),
        baseline_avg=average,
        baseline_stddev=spread,
        deviation_ratio=value / average - 1,
        zscore=(value - average) / spread,
    )
    band = replace(INSIDE, sigma=sigma, min_deviation=0.0, max_deviation=1e9)
    assert is_anomalous(known, band) is (own > sigma and value != average)


@pytest.mark.parametrize(
    ("band", "words"),
    [
        (INSIDE, "no score is above 2.47"),
        (replace(INSIDE, sigma=2.4), None),
        (Band(sigma=50), None),  # against other days every score can be reached
        (Band(direction=Direction.DROP, min_deviation=1.0, max_deviation=2.0), "never more than 1"),
        (Band(direction=Direction.BOTH, min_deviation=1.0, max_deviation=2.0), None),
        (replace(SHARE, min_change=1.0), "never changes by more than 1"),
        (Band(method=Method.WEEKDAY, min_change=1.0), None),
    ],
)
def test_what_can_never_fire_is_named(band: Band, words: str | None) -> None:
    """And nothing else is."""
    reason = impossible(band)
    assert (reason is None) if words is None else (reason is not None and words in reason)
