"""A volume by another library: MSTL of statsmodels, for comparison; needs the extra ``forecast``.

Seasonal-trend decomposition by loess with a week as its season. The next day is the trend's last value and
the season's of a week ago; the spread is that of the remainder. It cannot handle gaps: they are filled by the
same weekday before, which makes it overconfident.

Source: Bandara, Hyndman and Bergmeir, "MSTL" (2021).
"""

import importlib.util

import numpy as np

from exporter.history.detection import Method
from exporter.history.detectors.detector import Detector, Forecast, Past
from exporter.history.lags import Array, count, oldest
from exporter.history.seasonal import NORMAL_MAD, WEEK

WEEKS = 8
LEAST_WEEKS = 4  # twice the season, doubled to have a remainder
MOST_FILLED = 0.25  # of the days
SEASON = 35  # days that the season is smoothed over, five of each weekday
WIDENING = 1.9  # a remainder is smaller than a forecast error: bench/detectors.py


def missing() -> str | None:
    """Name what must be installed, ``None`` if it is."""
    there = importlib.util.find_spec("statsmodels") is not None
    return None if there else "statsmodels: install puffy-exporter[forecast]"


def forecast(past: Past) -> Forecast:
    """Return each column's forecast; NaN without the library."""
    columns = past.values.shape[1]
    found = np.full((2, columns), np.nan)
    members = count(past.values)
    reach = oldest(past.present)
    short = reach < LEAST_WEEKS * WEEK
    weeks = np.minimum(reach // WEEK, WEEKS)
    fit = ~short & (members >= (1 - MOST_FILLED) * weeks * WEEK) & (missing() is None)
    for column in np.flatnonzero(fit):
        found[:, column] = _next(past.values[: weeks[column] * WEEK, column][::-1])
    expected, spread = found
    return Forecast(
        expected=expected,
        spread=np.maximum(spread, past.least_spread),
        level=expected * 0,
        members=members,
        short=short,
        unfit=np.isnan(expected),
    )


def _next(days: Array) -> tuple[float, float]:
    """Return the forecast and its spread, given days with the oldest first."""
    from statsmodels.tsa.seasonal import MSTL  # noqa: PLC0415  an extra, and slow to load

    filled = days.copy()
    for place in np.flatnonzero(np.isnan(days)):
        filled[place] = filled[place - WEEK] if place >= WEEK else np.nanmedian(days)
    found = MSTL(filled, periods=WEEK, windows=SEASON).fit()
    spread = NORMAL_MAD * float(np.median(np.abs(found.resid))) * WIDENING
    return float(found.trend[-1] + found.seasonal[-WEEK]), spread


DETECTOR = Detector(Method.MSTL, WEEKS * WEEK, forecast, missing)
