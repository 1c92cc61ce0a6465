"""Other detectors on the same days: each takes logarithms, days by draws, and judges the last day.

``NaN`` in the result means no verdict. All run with their shipped limits,
or with those that give the same false-alarm rate on normal noise.
"""

import warnings

import numpy as np

from exporter.history.lags import Array, Mask

WEEK = 7
SHIPPED_SIGMA = 3.0
ELEMENTARY_DAYS = 14  # of training, including the tested day
QUANTILE = 2.731  # of a normal distribution: exceeded on 2.3 of 365 days
ADDITIVE_QUANTILE = 2.85  # of Student's t with the degrees of freedom that eight weeks leave
MSTL_MOST = 400  # draws: each takes some hundredths of a second


def seven_day(logs: Array) -> Mask:
    """Judge by mean and three standard deviations of the seven days before."""
    days = np.exp(logs)
    past = days[-1 - WEEK : -1]
    return off(days[-1] - np.nanmean(past, axis=0), np.nanstd(past, axis=0, ddof=1), SHIPPED_SIGMA)


def elementary(logs: Array) -> Mask:
    """Judge like Elementary's volume anomalies: the z-score over 14 days, including the tested one."""
    days = np.exp(logs)[-ELEMENTARY_DAYS:]
    return off(days[-1] - np.nanmean(days, axis=0), np.nanstd(days, axis=0, ddof=1), SHIPPED_SIGMA)


def additive(logs: Array) -> Mask:
    """Judge by least squares: seven weekdays and a straight line, like an additive model's default."""
    count = len(logs)
    design = np.zeros((count, WEEK + 1))
    design[np.arange(count), np.arange(count) % WEEK] = 1
    design[:, WEEK] = np.arange(count) / count
    flags = np.zeros(logs.shape[1], bool)
    gaps = np.isnan(logs[:-1])
    whole = ~gaps.any(axis=0)
    _least_squares(design, logs, np.flatnonzero(whole), flags)
    for draw in np.flatnonzero(~whole):
        kept = np.append(~gaps[:, draw], True)
        own = np.zeros(1, bool)
        _least_squares(design[kept], logs[kept][:, [draw]], np.array([0]), own)
        flags[draw] = own[0]
    return flags


def _least_squares(design: Array, logs: Array, draws: Array, flags: Mask) -> None:
    past, today = design[:-1], design[-1]
    solved, *_ = np.linalg.lstsq(past, logs[:-1, draws], rcond=None)
    residuals = logs[:-1, draws] - past @ solved
    scale = np.sqrt((residuals**2).sum(axis=0) / (len(past) - past.shape[1]))
    leverage = today @ np.linalg.pinv(past.T @ past) @ today
    flags[draws] = off(logs[-1, draws] - today @ solved, scale * np.sqrt(1 + leverage), ADDITIVE_QUANTILE)


def mstl(logs: Array) -> Mask:
    """Judge by the detector based on statsmodels; only the first draws."""
    from judged import judged_by  # noqa: PLC0415  statsmodels is an extra

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judged_by("mstl", logs[:, :MSTL_MOST])


def limit(logs: Array, mean: Array, spread: float) -> Mask:
    """Judge with the true mean and spread."""
    return off(logs[-1] - mean, np.full(logs.shape[1], spread), QUANTILE)


def off(change: Array, spread: Array, limit: float) -> Mask:
    """Return which days deviate by more than ``limit`` spreads."""
    with np.errstate(all="ignore"):
        return np.abs(change) > limit * spread
