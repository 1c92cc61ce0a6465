"""The detector for volumes with a weekly rhythm, as arrays of days by trends.

Works on the natural logarithm, so that a drop of 30 % is as far on a Sunday as on a Monday. A day is held
against the median of the same weekday in four weeks; how far is too far is told by the residuals of all
weekdays in those weeks, so that one bad day in them moves neither. The weeks are those before the last six
days: these are left to tell a lasting change of level from a day that is off.

Sources: Leys et al., "Detecting outliers", J. Exp. Soc. Psychol. 49 (2013); Iglewicz and Hoaglin, "How to
Detect and Handle Outliers" (1993); Rousseeuw and Croux, "Alternatives to the MAD", JASA 88 (1993).
"""

from dataclasses import dataclass

import numpy as np

from exporter.history.lags import Array, Mask, count, median, stack

WEEK = 7
WEEKS = 4
LONGEST_LAG = WEEK * WEEKS + WEEK - 1  # the same weekday four weeks before the day six days ago
RESIDUALS = WEEK * WEEKS
LEAST_RESIDUALS = 24  # with three weeks alone it would be wrong 7 times a year
LEAST_OF_WEEKDAY = 3
LEAST_RECENT = 3  # of the last six days, for a level

NORMAL_MAD = 1.4826  # the median absolute deviation of a normal distribution, as standard deviations
# Residuals of a median of four are smaller than the error of a forecast by it. bench/detectors.py measures
# these two: the quotient that makes 68 % of healthy days score within 1.
FORECAST = 1.62
LEVEL_FORECAST = 1.11  # more, once the level of six days is taken out
# With n of the 28 residuals their median shrinks faster still, for a median of three has a residual of zero.
SHRINK = 1.5
POLLUTED = 3.0  # median residual of today's weekday, as spreads: healthy ones lie near 0.4
SMALLEST = 1e-9  # stands for zero and less, whose logarithm is infinite


@dataclass(frozen=True, slots=True)
class Weekdays:
    """What the detector makes of each day and trend, in logarithms. Arrays of days by trends.

    ``present`` counts members whatever their worth, ``members`` those that serve. ``polluted`` says that the
    days of this weekday contradict each other. Scores are absent (NaN) without a baseline.
    """

    present: Array
    present_of_weekday: Array
    members: Array
    of_weekday: Array
    polluted: Mask
    expected: Array
    spread: Array
    level: Array
    score: Array
    level_score: Array


def judge_weekdays(values: Array, serving: Mask, least_spread: Array) -> Weekdays:
    """Score each day of each trend.

    ``values`` are days by trends, ``serving`` says by day whether it may be part of a baseline, and
    ``least_spread`` by trend the smallest spread to believe in, as a share of the value.
    """
    with np.errstate(all="ignore"):  # what is not there is NaN, and NaN is left out at the end
        known = np.where(values > 0, np.log(values), np.nan)
        grid = stack(np.where(serving[:, None], known, np.nan), range(1, LONGEST_LAG + 1))
        weeks = grid[WEEK - 1 :].reshape(WEEKS, WEEK, *values.shape)  # week, days back, day, trend
        bases = median(weeks)
        residuals = np.abs(weeks - bases)
        members = count(residuals.reshape(RESIDUALS, *values.shape))
        believed = NORMAL_MAD * FORECAST * median(residuals.reshape(RESIDUALS, *values.shape))
        nothing = bases[0] * 0  # and not a number where there is nothing to hold the day against
        spread = np.maximum(believed * (RESIDUALS / members) ** SHRINK, least_spread) + nothing
        recent = grid[: WEEK - 1] - bases[1:]
        level = np.where(count(recent) >= LEAST_RECENT, median(recent), 0.0) + nothing
        change = np.log(np.maximum(values, SMALLEST)) - bases[0]
        present = stack(known, range(WEEK, LONGEST_LAG + 1)).reshape(WEEKS, WEEK, *values.shape)
        return Weekdays(
            present=count(present.reshape(RESIDUALS, *values.shape)),
            present_of_weekday=count(present[:, 0]),
            members=members,
            of_weekday=count(weeks[:, 0]),
            polluted=median(residuals[:, 0]) > POLLUTED * spread / FORECAST,
            expected=bases[0],
            spread=spread,
            level=level,
            score=change / spread,
            level_score=(change - level) / (spread * LEVEL_FORECAST),
        )
