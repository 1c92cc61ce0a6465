"""How far a count moves by chance alone: 10 orders a day are 3 to 20 on nearly all days.

The square root of a Poisson variable has the same spread whatever its mean, which gives limits for small
counts too. Some counts are steadier than chance, such as one row for each shop. Their own past shows it.

Source: Anscombe, "The transformation of Poisson, binomial and negative-binomial data", Biometrika 35 (1948).
"""

import numpy as np

from exporter.history.lags import Array, Mask, count
from exporter.history.seasonal import WEEK

STEADY = 0.5  # of the spread of chance: a count that varies less is no chance
ANSCOMBE = 3 / 8


def spread(expected: Array, members: Array) -> Array:
    """Return the spread of a count's logarithm around its expectation from ``members`` days of the past."""
    error: Array = np.sqrt((1 + WEEK / members) / expected)
    return error


def factors(expected: Array, members: Array, score: Array) -> tuple[Array, Array]:
    """Return the lowest and highest normal count as multiples of the expected one."""
    root, reach = np.sqrt(expected + ANSCOMBE), score * np.sqrt(1 + WEEK / members) / 2
    low = np.maximum(root - reach, 0.0) ** 2 - ANSCOMBE
    high = (root + reach) ** 2 - ANSCOMBE
    return np.maximum(low, 0.0) / expected, high / expected


def is_chance(expected: Array, scale: Array, own: Array) -> Mask:
    """Return which counts vary as chance does, not less.

    ``scale`` is the noise of the past, in logarithms; ``own`` are the residuals of the day's own weekday,
    as one with few rows varies more than the others. A single bad day is no evidence.
    """
    chance = 1 / np.sqrt(expected)
    squares = np.minimum(np.abs(own), chance) ** 2
    scatter = np.sqrt(np.nansum(squares, axis=0) / np.maximum(count(own) - 1, 1))
    noisy: Mask = np.fmax(scale, scatter) >= STEADY * chance
    return noisy


def standard_error(average: Array, spread_of_days: Array, worth: Array, members: Array) -> Array:
    """Return the standard error of a volume's difference from the mean of ``members`` days.

    It is 0 if the days vary less. ``worth`` is what one of the counted things is worth: 1 for a count.
    """
    one = np.sqrt(np.abs(average * worth))  # of a day
    chance: Array = np.where(spread_of_days < STEADY * one, 0.0, one * np.sqrt(1 + 1 / members))
    return chance
