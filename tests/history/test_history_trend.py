"""The rule that calls a value anomalous."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.history.trend import Band, DayTested, Direction, TrendFigures, edges, is_anomalous


def against(value: float, average: float = 100.0, spread: float | None = 5.0) -> TrendFigures:
    """Return the figures of ``value`` against a baseline."""
    return TrendFigures(
        value=value,
        baseline_count=7,
        baseline_avg=average,
        baseline_stddev=spread,
        deviation_ratio=value / average - 1 if average else None,
        zscore=(value - average) / spread if spread else None,
    )


@pytest.mark.parametrize(
    ("value", "spread", "band", "anomalous"),
    [
        (100.0, 5.0, Band(), False),
        (114.0, 5.0, Band(), False),  # within three sigma
        (116.0, 5.0, Band(), True),  # beyond three sigma and a tenth
        (84.0, 5.0, Band(), True),
        (108.0, 1.0, Band(), False),  # eight sigma, yet less than a tenth
        (140.0, 30.0, Band(), False),  # four tenths, yet within three sigma
        (151.0, 30.0, Band(), True),  # beyond one half, whatever the spread
        (150.0, 30.0, Band(), False),  # exactly one half is not beyond it
        (140.0, None, Band(), False),  # no spread: only the half decides
        (151.0, None, Band(), True),
        (116.0, 5.0, Band(direction=Direction.DROP), False),
        (84.0, 5.0, Band(direction=Direction.DROP), True),
        (116.0, 5.0, Band(direction=Direction.RISE), True),
        (84.0, 5.0, Band(direction=Direction.RISE), False),
        (116.0, 5.0, Band(min_change=20), False),
        (121.0, 5.0, Band(min_change=20), True),
    ],
)
def test_the_rule(value: float, spread: float | None, band: Band, anomalous: bool) -> None:  # noqa: FBT001
    """Each side of each limit."""
    assert is_anomalous(against(value, spread=spread), band) is anomalous


def test_any_value_beyond_a_baseline_of_zero_is_anomalous() -> None:
    """Unless the change is too small to matter."""
    assert is_anomalous(against(0.001, average=0.0, spread=0.0), Band())
    assert is_anomalous(against(1.0, average=0.0, spread=0.0), Band())
    assert not is_anomalous(against(0.0, average=0.0, spread=0.0), Band())
    assert not is_anomalous(against(0.001, average=0.0, spread=0.0), Band(min_change=0.01))


def test_without_a_baseline_nothing_is_anomalous() -> None:
    """The first days are judged by thresholds alone."""
    assert not is_anomalous(TrendFigures(value=1e9), Band())
    assert edges(TrendFigures(value=1e9), Band()) is None


@given(
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-3),
    st.one_of(st.none(), st.floats(1e-3, 1e6)),
    st.builds(
        Band,
        sigma=st.floats(0.5, 4),
        min_change=st.floats(0, 100),
        tested_day=st.sampled_from(DayTested),
    ),
)
def test_the_edges_enclose_exactly_what_is_not_anomalous(
    value: float, average: float, spread: float | None, band: Band
) -> None:
    """The limit shown in an alert is the one that was crossed, even if the day counts towards sigma."""
    figures = against(value, average, spread)
    low, high = edges(figures, band) or (0.0, 0.0)
    margin = 1e-9 * max(1.0, abs(value), abs(average), spread or 0.0)
    if value < low - margin or value > high + margin:
        assert is_anomalous(figures, band)
    if low + margin < value < high - margin:
        assert not is_anomalous(figures, band)
