"""The detector for shares of rows, as arrays of days by trends.

A share is off where the share of its past lies outside its Wilson score interval, widened to what the shares
of four weeks differ by: ``|p - p0| > k * max(sqrt(p0 * (1 - p0) * (1 / n + 1 / N)), spread of days)``. The
first is chance alone and decides where rows are few; the second is what a beta-binomial model calls
overdispersion and decides where they are many.

Sources: Wilson, "Probable inference", JASA 22 (1927); Agresti and Coull, "Approximate is better than exact",
The American Statistician 52 (1998); Croux and Rousseeuw, "Time-efficient algorithms", COMPSTAT (1992).
"""

from dataclasses import dataclass

import numpy as np

from exporter.history.lags import Array, Mask, count, median, stack
from exporter.history.weekday import LEAST_RECENT, NORMAL_MAD, WEEK

LONGEST_LAG = 28
LEAST_MEMBERS = 14
SMALL_SAMPLE = 0.8  # n / (n - 0.8) corrects the median absolute deviation of n values
PRIOR_HITS, PRIOR_ROWS = 2.0, 4.0  # Agresti and Coull: a past without a single hit is no proof of zero


@dataclass(frozen=True, slots=True)
class Rates:
    """What the detector makes of each day and trend, in shares. Arrays of days by trends."""

    present: Array
    members: Array
    expected: Array
    spread: Array
    level: Array
    score: Array
    level_score: Array


def judge_rates(shares: Array, rows: Array, serving: Mask) -> Rates:
    """Score each day of each share.

    ``shares`` are days by trends, ``rows`` by day what they are shares of, and ``serving`` says by day
    whether it may be part of a baseline.
    """
    with np.errstate(all="ignore"):  # what is not there is NaN, and NaN is left out at the end
        lags = range(1, LONGEST_LAG + 1)
        past = stack(np.where(serving[:, None], shares, np.nan), lags)
        weights = np.where(np.isnan(past), 0.0, stack(np.broadcast_to(rows[:, None], shares.shape), lags))
        expected, members = median(past), count(past)
        weight = np.nansum(weights, axis=0)
        prior = (expected * weight + PRIOR_HITS) / (weight + PRIOR_ROWS)
        chance = np.sqrt(prior * (1 - prior) * (1 / rows[:, None] + 1 / weight))
        days = NORMAL_MAD * median(np.abs(past - expected)) * members / (members - SMALL_SAMPLE)
        spread = np.maximum(chance, days)
        recent = past[: WEEK - 1] - expected
        level = np.where(count(recent) >= LEAST_RECENT, median(recent), 0.0) + expected * 0
        change = shares - expected
        return Rates(
            present=count(stack(shares, lags)),
            members=members,
            expected=expected,
            spread=spread,
            level=level,
            score=change / spread,
            level_score=(change - level) / spread,
        )
