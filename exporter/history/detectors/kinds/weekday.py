"""A volume against weekday profile, level and growth of up to 26 weeks of its past.

The limits of a day depend on the noise of the past, on the uncertainty of the expectation itself, and
on how heavy the noise's tails are: if outliers are common, another one is not unusual.
"""

import math

import numpy as np

from exporter.history.detection import Method
from exporter.history.detectors.detector import Detector, Forecast, Past
from exporter.history.lags import Array, count, median, oldest
from exporter.history.seasonal import SEGMENT, WEEK, Fit, fit

WEEKS = 26
LEAST_WEEKS = 2
LEAST_MEMBERS = 12  # of the newest eight weeks
LEAST_COLUMNS = 16
LEAST_SUPPORT = 0.7  # the weight of one good day of the same weekday
RECENT = 6  # days that reveal a change of level
LEAST_RECENT = 3
# Median residual of the six days, in scales, beyond chance: three standard deviations.
LEVEL_BY_CHANCE = 1.5

# Factor over normal quantiles that gives the same false-alarm rate, by weeks of history:
# bench/detectors.py --calibrate. A scale estimated from little data is often too small.
WEEKS_KNOWN = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
WIDENING = (1.29, 1.28, 1.23, 1.05, 1.02, 1.01, 1.0)

# The evidence for heavy tails is the log odds that the residuals are Student's t with 4 degrees of freedom,
# not normal; fewer weeks cannot show it. Limits are then up to twice as wide.
HEAVY = 4.0
HEAVY_SCALE = 0.87  # of it, in biweight scales
HEAVY_ODDS, HEAVY_STEP = 2.0, 0.7
HEAVY_WIDENING = 1.0
LEAST_WEEKS_FOR_TAILS = 5
GROSS = 8.0  # scales beyond which a day is a bad one and no evidence about tails


def forecast(past: Past) -> Forecast:
    """Return each column's forecast."""
    columns = past.values.shape[1]
    weeks = np.minimum(oldest(~np.isnan(past.values)) // WEEK, WEEKS)
    arrays = {
        name: np.full(columns, np.nan)
        for name in ("expected", "spread", "level", "members", "support", "scale")
    }
    own = np.full((SEGMENT, columns), np.nan)
    chosen = np.flatnonzero(weeks >= LEAST_WEEKS)
    if len(chosen):
        # Sums over few columns are computed in another order; the number of columns must not affect the
        # result.
        padded = np.resize(chosen, max(len(chosen), LEAST_COLUMNS))
        found = fit(past.values[:, padded], weeks[padded], past.since[padded])
        fitted = {
            "expected": found.expected,
            "spread": _spread(found, weeks[padded]),
            "level": _level(found),
            "members": found.members,
            "support": found.support,
            "scale": found.scale,
        }
        newest = found.residuals[:SEGMENT, -1, : len(chosen)]
        own[: len(newest), chosen] = newest
        for name, array in fitted.items():
            arrays[name][chosen] = array[: len(chosen)]
    support = arrays.pop("support")
    enough = (count(past.values[: SEGMENT * WEEK]) >= LEAST_MEMBERS) & (weeks >= LEAST_WEEKS)
    there = past.present[: SEGMENT * WEEK].sum(axis=0) >= LEAST_MEMBERS
    arrays["members"] = np.where(enough, arrays["members"], count(past.values))
    arrays["spread"] = np.maximum(arrays["spread"], past.least_spread)
    return Forecast(
        **arrays,
        short=~there | (oldest(past.present) < LEAST_WEEKS * WEEK),
        unfit=~enough | ~(support >= LEAST_SUPPORT),
        own=own,
    )


def _spread(found: Fit, weeks: Array) -> Array:
    spread = found.scale * np.sqrt(1 + found.uncertainty) * np.interp(weeks, WEEKS_KNOWN, WIDENING)
    return np.where(weeks < LEAST_WEEKS_FOR_TAILS, spread, spread * _tails(found))


def _tails(found: Fit) -> Array:
    """Return the factor by which heavy tails widen the limits."""
    sizes = np.abs(found.residuals / found.scale)
    odds = odds_of_tails(sizes.reshape(-1, sizes.shape[-1]))
    believed = (odds - HEAVY_ODDS) / HEAVY_STEP  # over -60 for 26 weeks: no overflow
    factor: Array = 1 + HEAVY_WIDENING / (1 + np.exp(-believed))
    return factor


def odds_of_tails(sizes: Array) -> Array:
    """Return by column the log odds that residuals, in scales, are Student's t rather than normal."""
    normal = -0.5 * (sizes**2 + math.log(2 * math.pi))
    constant = math.lgamma((HEAVY + 1) / 2) - math.lgamma(HEAVY / 2) - 0.5 * math.log(HEAVY * math.pi)
    heavy = constant - math.log(HEAVY_SCALE) - (HEAVY + 1) / 2 * np.log1p((sizes / HEAVY_SCALE) ** 2 / HEAVY)
    odds: Array = np.where(sizes < GROSS, heavy - normal, 0.0).sum(axis=0)
    return odds


def _level(found: Fit) -> Array:
    recent = found.residuals.reshape(-1, found.residuals.shape[2])[:RECENT]
    middle = median(recent)
    sure = (count(recent) >= LEAST_RECENT) & (np.abs(middle) > LEVEL_BY_CHANCE * found.scale)
    return np.where(sure, middle, 0.0) + found.expected * 0


DETECTOR = Detector(Method.WEEKDAY, WEEKS * WEEK, forecast)
