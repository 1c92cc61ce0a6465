"""The quality of a trend's verdicts: its false-alarm rate, and what it detects."""

import math
from dataclasses import dataclass

from exporter.history.detection import Detection, Event, Method
from exporter.history.trend import Band, TrendFigures
from exporter.history.verdict import Normal, normal

BEYOND = 1.645  # spreads beyond the limit: 19 of 20 such days are caught, as a day's own noise is one spread


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Alerts on healthy days, per trend and year, and how many of them are confirmed."""

    alerts: float
    confirmed: float


# What `python bench/detectors.py` prints for healthy days: 5% noise with a weekly rhythm, 6% of 4,000 rows.
WEEKDAY = FalseAlarms(1.9, 1.9)
RATE = FalseAlarms(1.8, 1.8)
AVERAGE_OF_VOLUME = FalseAlarms(0.9, 0.0)
AVERAGE_OF_SHARE = FalseAlarms(5.3, 0.0)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a trend's verdict on one day can detect.

    ``drop`` and ``rise`` are the changes detected 19 times out of 20, as ratios of the normal value;
    ``None`` if none is.
    """

    normal: Normal
    drop: float | None
    rise: float | None
    false_alarms: FalseAlarms
    event: Event | None


def promise(shipped: Method, figures: TrendFigures, detection: Detection, band: Band) -> Promise:
    """Return what one day's verdict can detect; ``shipped`` distinguishes volumes from shares."""
    usual = normal(figures, detection, band)
    drop, rise = _caught(usual)
    return Promise(usual, drop, rise, _false_alarms(usual.method, shipped), detection.event)


def _false_alarms(method: Method, shipped: Method) -> FalseAlarms:
    share = shipped is Method.RATE
    if method is Method.AVERAGE:
        return AVERAGE_OF_SHARE if share else AVERAGE_OF_VOLUME
    return RATE if share else WEEKDAY


def _caught(usual: Normal) -> tuple[float | None, float | None]:
    expected, low, high, noise = usual.expected, usual.low, usual.high, BEYOND * usual.spread
    if not expected or low is None or high is None:
        return None, None
    if usual.method.of_logarithms:
        factor = math.exp(min(noise, 700.0))
        drop, rise = 1 - low / expected / factor, high / expected * factor - 1
    else:
        drop = (expected - low + noise) / expected
        rise = (high - expected + noise) / expected
    return (drop if drop <= 1 else None), rise
