"""What may be expected of a trend's judgement: how often it is wrong, and what it would catch."""

import math
from dataclasses import dataclass

from exporter.history.detection import Detection, Event, Method
from exporter.history.trend import Band, TrendFigures, edges
from exporter.history.verdict import by_detector, detector_edges

CAUGHT = 0.95  # of the days that lose as much as is promised
BEYOND = 1.645  # spreads that a day must be beyond the limit for that, as its own noise is one spread


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Alerts on healthy days, per trend and year, and those of them that are confirmed."""

    alerts: float
    confirmed: float


# What `python bench/detectors.py` prints for healthy days: 5 % noise with a weekly rhythm, 6 % of 4,000 rows.
WEEKDAY = FalseAlarms(2.6, 2.1)
RATE = FalseAlarms(1.7, 1.7)
AVERAGE_OF_VOLUME = FalseAlarms(0.9, 0.0)
AVERAGE_OF_SHARE = FalseAlarms(11.1, 0.0)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a trend's judgement of one day is good for.

    ``method`` is the one in force, which is the 7-day rule where the detector is not armed. ``low`` and
    ``high`` are in the trend's unit. ``drop`` and ``rise`` are the changes that are caught 19 times of 20, as
    ratios of what is expected; ``None`` where none is.
    """

    method: Method
    members: int
    expected: float | None
    low: float | None
    high: float | None
    drop: float | None
    rise: float | None
    false_alarms: FalseAlarms
    event: Event | None


def promise(shipped: Method, figures: TrendFigures, detection: Detection, band: Band) -> Promise:
    """Return what the judgement of one day is good for; ``shipped`` tells volumes from shares."""
    if by_detector(detection, band):
        expected, reach = detection.expected, detector_edges(detection, band)
        noise, members = detection.spread or 0.0, detection.members
        method, usual = band.method, RATE if band.method is Method.RATE else WEEKDAY
    else:
        expected, reach = figures.baseline_avg, edges(figures, band)
        noise, members = figures.baseline_stddev or 0.0, figures.baseline_count
        method = Method.AVERAGE
        usual = AVERAGE_OF_SHARE if shipped is Method.RATE else AVERAGE_OF_VOLUME
    low, high = reach or (None, None)
    drop, rise = _caught(method, expected, reach, noise)
    return Promise(method, members, expected, low, high, drop, rise, usual, detection.event)


def _caught(
    method: Method, expected: float | None, reach: tuple[float, float] | None, noise: float
) -> tuple[float | None, float | None]:
    if reach is None or not expected:
        return None, None
    low, high = reach
    if method is Method.WEEKDAY:
        factor = math.exp(min(BEYOND * noise, 700.0))
        drop, rise = 1 - low / expected / factor, high / expected * factor - 1
    else:
        drop = (expected - low + BEYOND * noise) / expected
        rise = (high - expected + BEYOND * noise) / expected
    return (drop if drop <= 1 else None), rise
