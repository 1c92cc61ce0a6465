"""Verdicts of the package's own detectors on the last of some days."""

import numpy as np

from exporter.history.detection import Method
from exporter.history.detectors.detector import Forecast, Past
from exporter.history.detectors.known import DETECTORS
from exporter.history.lags import Array, Mask
from exporter.history.trend import SHIPPED


def forecast_of(method: str, logs: Array, *, rows: float = 0.0, since: int = 0) -> Forecast:
    """Return the forecast of the last of ``logs``, days by draws, from those before it."""
    detector = DETECTORS[Method(method)]
    past, draws = logs[:-1][::-1][: detector.reach], logs.shape[1]
    values = np.full((detector.reach, draws), np.nan)
    values[: len(past)] = past
    return detector.forecast(
        Past(
            values=values,
            present=~np.isnan(values),
            rows=np.full(values.shape, rows),
            rows_today=np.full(draws, rows),
            least_spread=np.full(draws, SHIPPED[Method(method)].min_spread),
            since=np.full(draws, float(since)),
        )
    )


def judged_by(method: str, logs: Array) -> Mask:
    """Return which draws' last day is anomalous."""
    return scored(method, logs)[0]


def scored(method: str, logs: Array) -> tuple[Mask, Mask, Mask]:
    """Return alerts, confirmed ones, and for which draws the detector is armed."""
    found, band = forecast_of(method, logs), SHIPPED[Method(method)]
    armed = ~(found.short | found.unfit)
    with np.errstate(all="ignore"):
        off = armed & (np.abs(logs[-1] - found.expected) > band.score * found.spread)
        sure = np.abs(logs[-1] - found.expected - found.level) > band.level_score * found.spread
    return off, off & sure, armed
