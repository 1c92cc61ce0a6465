"""A share of rows against the shares of four weeks, by binomial bounds.

A share deviates if its past share is outside its Wilson score interval, widened to the spread of the daily
shares: ``|p - p0| > k * max(sqrt(p0 * (1 - p0) * (1 / n + 1 / N)), spread of days)``. The
first is chance alone and dominates with few rows; the second is what a beta-binomial model calls
overdispersion and dominates with many.

Sources: those of ``history.chance``; Croux and Rousseeuw, "Time-efficient algorithms", COMPSTAT (1992).
"""

import numpy as np

from exporter.history.chance import standard_error
from exporter.history.detection import Method
from exporter.history.detectors.detector import Detector, Forecast, Past
from exporter.history.lags import Array, count, median
from exporter.history.seasonal import NORMAL_MAD

REACH = 28
LEAST_MEMBERS = 14
RECENT = 6  # days that reveal a change of level
LEAST_RECENT = 3
SMALL_SAMPLE = 0.8  # n / (n - 0.8) corrects the median absolute deviation of n values


def forecast(past: Past) -> Forecast:
    """Return the forecast of each column's share."""
    shares = _on_new_level(past.values, past.since)
    with np.errstate(all="ignore"):  # missing values are NaN, and left out at the end
        expected, members = median(shares), count(shares)
        weight = np.where(np.isnan(shares), 0.0, past.rows).sum(axis=0, where=~np.isnan(past.rows))
        chance = standard_error(expected, weight, past.rows_today)
        days = NORMAL_MAD * median(np.abs(shares - expected)) * members / (members - SMALL_SAMPLE)
        recent = shares[:RECENT] - expected
        level = np.where(count(recent) >= LEAST_RECENT, median(recent), 0.0) + expected * 0
        return Forecast(
            expected=expected,
            spread=np.maximum(chance, days),
            level=level,
            members=members,
            short=past.present.sum(axis=0) < LEAST_MEMBERS,
            unfit=members < LEAST_MEMBERS,
        )


def _on_new_level(shares: Array, since: Array) -> Array:
    """Shift the days before an accepted change of level by its size."""
    new = np.arange(1, len(shares) + 1)[:, None] <= since
    moved = median(np.where(new, shares, np.nan)) - median(np.where(new, np.nan, shares))
    return np.where(new, shares, shares + np.nan_to_num(moved))


DETECTOR = Detector(Method.RATE, REACH, forecast)
