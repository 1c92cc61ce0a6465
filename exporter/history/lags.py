"""Copies of a frame shifted by whole days, and robust statistics over them.

Arrays have the shape (lags, days, columns) unless stated; NaN marks missing values.
"""

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def shift(values: Array, lag: int) -> Array:
    """Return days by columns, shifted by ``lag`` days."""
    shifted = np.full_like(values, np.nan)
    shifted[lag:] = values[: max(0, len(values) - lag)]
    return shifted


def stack(values: Array, lags: range) -> Array:
    """Return the copies of days by columns for each of ``lags``."""
    return np.stack([shift(values, lag) for lag in lags])


def count(stacked: Array) -> Array:
    """Count the present values along the first axis."""
    there: Array = np.sum(~np.isnan(stacked), axis=0).astype("float64")
    return there


def oldest(there: Mask) -> Array:
    """Return by column the longest lag that is there, 0 if none is; lags by columns, the shortest first."""
    lags = np.arange(1, len(there) + 1)[:, None]
    longest: Array = np.max(there * lags, axis=0)
    return longest


def median(stacked: Array) -> Array:
    """Return the median along the first axis, the mean of the middle two for an even count.

    It equals PromQL's ``quantile(0.5, ...)``. NaN without any.
    """
    ordered = np.sort(stacked, axis=0)  # NaN sorts last
    there = count(stacked).astype("int64")
    lower = np.take_along_axis(ordered, np.maximum((there - 1) // 2, 0)[None], axis=0)[0]
    upper = np.take_along_axis(ordered, np.minimum(there // 2, len(stacked) - 1)[None], axis=0)[0]
    return np.where(there > 0, lower + (upper - lower) * 0.5, np.nan)
