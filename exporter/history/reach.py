"""The range of a rule: a limit that no data can cross is a mistake, not a careful setting."""

import math

from exporter.history.detection import Method
from exporter.history.trend import WINDOW_DAYS, Band, DayTested, Direction


def highest_zscore(points: int) -> float:
    """Return the highest z-score that one of ``points`` values can have among them.

    With the sample's standard deviation it is (n - 1) / sqrt(n), whatever the values (Shiffler, "Maximum Z
    scores and outliers", The American Statistician 42, 1988): 2.27 of 7, 2.47 of 8, 3.02 of 11.
    """
    return (points - 1) / math.sqrt(points)


def impossible(band: Band) -> str | None:
    """Say why a limit of the band can never be crossed; ``None`` if all of them can."""
    if band.tested_day is DayTested.INSIDE:
        reach = highest_zscore(WINDOW_DAYS + 1)
        if band.sigma >= reach:
            return (
                f"sigma: {band.sigma:g} can never be exceeded: if the tested day is one of its own "
                f"{WINDOW_DAYS + 1} points no score is above {reach:.2f}; leave it outside or lower sigma"
            )
    if band.direction is Direction.DROP and band.min_deviation >= 1:
        return "min_deviation: a drop is never more than 1, the whole, so this can never fire"
    if band.method is Method.RATE and band.min_change >= 1:
        return "min_change: a share never changes by more than 1, so this can never fire"
    return None
