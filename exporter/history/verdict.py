"""The decision: is a value anomalous, is that confirmed, and what is the limit."""

from dataclasses import dataclass

from exporter.history.detection import Detection, Expect, Method, Readiness
from exporter.history.trend import Band, Direction, TrendFigures, edges, is_anomalous


@dataclass(frozen=True, slots=True)
class Verdict:
    """An anomalous value. ``limit`` is the edge that it crossed, in the trend's unit.

    ``confirmed``: it deviates even without the level shift of the last six days, so it is neither a lasting
    change of level nor the next day of one. The 7-day rule never confirms.
    """

    confirmed: bool
    limit: float


@dataclass(frozen=True, slots=True)
class Normal:
    """A day's normal range, by the method that judges it.

    ``method`` is the one in force, the 7-day rule if the detector is not armed; ``members`` its
    baseline's. ``expected``, ``low`` and ``high`` are in the trend's unit, ``None`` without a baseline;
    ``spread`` is of logarithms for a volume's detector, in the trend's unit otherwise.
    """

    method: Method
    members: int
    expected: float | None
    low: float | None
    high: float | None
    spread: float

    def interval(self, value: float) -> tuple[float, float] | None:
        """Return low and high as shown next to a value: counts are never below zero."""
        if self.low is None or self.high is None:
            return None
        return (max(0.0, self.low) if value >= 0 else self.low), self.high


def normal(figures: TrendFigures, detection: Detection | None, band: Band) -> Normal:
    """Return the normal range of one day."""
    if detection is not None and by_detector(detection, band):
        spread = detection.spread or 0.0
        return Normal(
            band.method, detection.members, detection.expected, detection.low, detection.high, spread
        )
    low, high = edges(figures, band) or (None, None)
    spread = figures.baseline_stddev or 0.0
    return Normal(Method.AVERAGE, figures.baseline_count, figures.baseline_avg, low, high, spread)


def decide(figures: TrendFigures, detection: Detection | None, band: Band) -> Verdict | None:
    """Judge one value by its detector, or by the 7-day rule if the detector cannot."""
    if detection is None or not by_detector(detection, band):
        return _by_average(figures, detection, band)
    return _by_detector(figures.value, detection, band)


def by_detector(detection: Detection, band: Band) -> bool:
    """Return whether the trend's detector decides, rather than the 7-day rule."""
    return band.method is not Method.AVERAGE and detection.readiness is Readiness.ARMED


def is_muted(detection: Detection, *, rises: bool) -> bool:
    """Return whether a change in that direction is ignored: the day is empty, or expected to differ."""
    if detection.readiness is Readiness.EMPTY:
        return True
    event = detection.event
    return event is not None and (event.expect is Expect.ANY or rises)


def _by_average(figures: TrendFigures, detection: Detection | None, band: Band) -> Verdict | None:
    if not is_anomalous(figures, band):
        return None
    rises = figures.value > (figures.baseline_avg or 0.0)
    if detection is not None and is_muted(detection, rises=rises):
        return None
    low, high = edges(figures, band) or (figures.value, figures.value)
    return Verdict(confirmed=False, limit=high if figures.value > high else low)


def _by_detector(value: float, detection: Detection, band: Band) -> Verdict | None:
    # An edge beyond the largest float is unknown, but no value is beyond it.
    low, high, level_score = detection.low, detection.high, detection.level_score
    rises = high is not None and value > high
    limit = high if rises else low
    if limit is None or not (rises or value < limit):
        return None
    if is_muted(detection, rises=rises) or not band.counts(Direction.RISE if rises else Direction.DROP):
        return None
    confirmed = level_score is not None and abs(level_score) > band.level_score
    return Verdict(confirmed=confirmed, limit=limit)
