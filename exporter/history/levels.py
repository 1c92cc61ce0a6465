"""Lasting changes of level, and for how long a day's past has been on a new level.

A level is new if a week differs from the same weekdays before it by more than their noise: a changepoint.
It is found by medians of whole weeks, so that neither a weekday nor a bad day can cause one, and only from
what was known at the time. A person looking at a chart may notice it a week earlier.
"""

import math

import numpy as np

from exporter.history.lags import Array, Mask, count, median, shift, stack
from exporter.history.seasonal import NORMAL_MAD, SEGMENT, WEEK

LEAST_WEEKS = 2  # of the same weekday that a day is compared with
LEAST_AFTER, LEAST_BEFORE = 5, 7  # days of the week after, of the two weeks before
AGREEING = 6 / 7  # of the week's days are beyond half the change
NOISES = 2.8  # that the change is larger than
LEAST_CHANGE = math.log(1.08)
LEAST_NOISE = 0.02
MEMORY = SEGMENT * WEEK  # days after which the old level has no influence


def changes(logs: Array) -> Mask:
    """Return where, by day and trend, a new level began; within two weeks only the first counts."""
    with np.errstate(all="ignore"):
        weeks = stack(logs, range(WEEK, 5 * WEEK, WEEK))
        off = logs - np.where(count(weeks) >= LEAST_WEEKS, median(weeks), np.nan)
        after = np.stack([_ahead(off, lead) for lead in range(WEEK)])
        before = stack(off, range(1, 2 * WEEK + 1))
        usual = np.where(count(before) >= LEAST_BEFORE, median(before), np.nan)
        noise = NORMAL_MAD * median(np.abs(stack(off, range(1, 4 * WEEK + 1)) - usual))
        change = median(after) - usual
        beyond = np.sign(change) * (after - usual) > np.abs(change) / 2
        new = (
            (np.abs(change) > np.maximum(NOISES * np.maximum(noise, LEAST_NOISE), LEAST_CHANGE))
            & (count(after) >= LEAST_AFTER)
            & (beyond.sum(axis=0) >= AGREEING * count(after))
            & beyond[0]
        )
    follows = np.zeros_like(new)
    for lag in range(1, 2 * WEEK):
        follows[lag:] |= new[:-lag]
    return np.asarray(new & ~follows)


def _ahead(values: Array, lead: int) -> Array:
    return values if lead == 0 else shift(values[::-1], lead)[::-1]


def days_on_new_level(begun: Mask, wanted: Array, after: Array) -> Array:
    """Return by wanted day and trend how many of the days before are on a level considered new.

    ``begun`` marks by day and trend where one began, and ``after`` by trend after how many days it counts;
    0 if none does, or if it covers the whole past.
    """
    since = np.zeros((len(wanted), begun.shape[1]))
    for lag in range(MEMORY, 0, -1):
        there = (wanted >= lag)[:, None] & begun[np.maximum(wanted - lag, 0)]
        since = np.where(there & (lag >= after), float(lag), since)
    return since
