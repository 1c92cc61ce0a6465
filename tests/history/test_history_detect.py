"""Detectors run over many days and trends at once, each judged as if it were alone."""

from collections.abc import Sequence

import numpy as np
import pytest
from feeds import VOLUME

from exporter.history import detect as running
from exporter.history.detect import WORTH_DAYS, Detected, Frame, detect
from exporter.history.detection import Detection
from exporter.history.trend import Trend

TREND = Trend("revenue", "puffy_partition_revenue", ("raw",), VOLUME, ("puffy_partition_checkouts", ("raw",)))
DAYS = 57
LAST = DAYS - 1


def frame(counts: Sequence[float], noise: float = 0.6) -> Frame:
    """Return eight weeks of revenue around 100, from so many orders by day."""
    values = 100 * np.exp(noise * np.random.default_rng(1).normal(size=(DAYS, 1)))
    return Frame(
        values=values,
        rows=np.full(DAYS, 1000.0),
        serving=np.ones(DAYS, dtype=bool),
        accepted=np.zeros((DAYS, 1), dtype=bool),
        counts=np.array(counts, dtype="float64")[:, None],
    )


def detected(of: Frame, wanted: Sequence[int]) -> Detected:
    """Run the trend's detector."""
    (found,) = detect(of, [TREND], wanted)
    assert found is not None
    return found


def last(of: Frame) -> Detection:
    """Return the detection of the last day."""
    return detected(of, [LAST]).on(0, None)


def test_days_are_judged_alike_however_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every day once, in order, and the last batch may be smaller."""
    wanted = range(LAST - 6, DAYS)
    together = detected(frame([1.0] * DAYS), wanted)
    monkeypatch.setattr(running, "COLUMNS_AT_ONCE", 3)
    apart = detected(frame([1.0] * DAYS), wanted)
    assert len(apart.readiness) == len(wanted)
    assert [apart.on(place, None) for place in range(7)] == [together.on(place, None) for place in range(7)]


def test_one_order_a_day_is_a_count_too() -> None:
    """Such as of a small shop: chance alone gives it days of none or of three."""
    known, unknown = last(frame([1.0] * DAYS)), last(frame([np.nan] * DAYS))
    assert known.spread is not None
    assert unknown.spread is not None
    assert known.spread > 1 > unknown.spread
    assert known.low == 0


@pytest.mark.parametrize(("ago", "known"), [(WORTH_DAYS, True), (WORTH_DAYS + 1, False)])
def test_what_an_order_is_worth_is_known_from_four_weeks(ago: int, *, known: bool) -> None:
    """Even from their first day alone; older ones say nothing."""
    counts = [np.nan] * DAYS
    counts[LAST - ago] = 1.0
    assert (last(frame(counts)) != last(frame([np.nan] * DAYS))) is known
