"""Trends: the few figures tracked from day to day, and the rule that calls one anomalous."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exporter.history.detection import Detection, Method
from exporter.metric import Figures, Labels
from exporter.model import Partition

WINDOW_DAYS = 7
LEAST_MEMBERS = 4


class Direction(StrEnum):
    """Which side of the baseline counts as anomalous."""

    BOTH = "both"
    DROP = "drop"
    RISE = "rise"


class DayTested(StrEnum):
    """Whether the tested day is one of the points that sigma is computed from."""

    OUTSIDE = "outside"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Band:
    """When a value is anomalous.

    By the 7-day rule: it deviates by ``sigma`` and by ``min_deviation``, or by ``max_deviation`` alone;
    deviations are ratios of the baseline average. It must also deviate by ``score`` standard errors of
    chance. By a detector: it deviates by ``score`` spreads, confirmed if it deviates by ``level_score`` of
    them even without the level shift of the last six days. ``min_spread`` is the smallest plausible spread of
    a volume, as a share; ``min_count`` the rows that a share must represent. ``min_change`` is an absolute
    floor in the metric's unit, ``direction`` the side that counts, for both. ``new_level_days`` is the number
    of days after which a volume's new level counts as usual in any case.
    """

    sigma: float = 3.0
    min_deviation: float = 0.10
    max_deviation: float = 0.50
    direction: Direction = Direction.BOTH
    min_change: float = 0.0
    tested_day: DayTested = DayTested.OUTSIDE
    method: Method = Method.AVERAGE
    score: float = 3.5
    level_score: float = 2.9
    min_spread: float = 0.03  # with a score of 3.5, a tenth, as min_deviation: smaller changes alert nobody
    min_count: float = 10.0
    new_level_days: float = 7.0

    def sigma_outside(self, members: int) -> float:
        """Return the limit of a z-score against ``members`` others; infinite if it can never be exceeded.

        If the tested day is among the points, its score is smaller, depending on its size: solved here
        for the score against the others.
        """
        if self.tested_day is DayTested.OUTSIDE:
            return self.sigma
        share = members / (members + 1)
        left = share**2 - self.sigma**2 * share / members
        return self.sigma * math.sqrt((members - 1) / members / left) if left > 0 else math.inf

    def counts(self, side: Direction) -> bool:
        """Return whether a change to that side, a drop or a rise, can be anomalous."""
        return self.direction in (side, Direction.BOTH)


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure followed from day to day: one sample of one metric.

    ``counted`` is the metric and labels of what it counts or adds up, whose number varies by chance: its own
    for a count, ``None`` if it is neither a count nor a sum.
    """

    name: str
    metric: str
    labels: Labels = ()
    band: Band = field(default_factory=Band)
    counted: tuple[str, Labels] | None = None

    def value_in(self, figures: Figures) -> float | None:
        """Return the trend's value in one partition's figures, ``None`` if unknown."""
        return figures.get(self.metric, {}).get(self.labels)

    def count_in(self, figures: Figures) -> float | None:
        """Return the number of things behind the value, ``None`` if unknown."""
        return figures.get(self.counted[0], {}).get(self.counted[1]) if self.counted else None


SHIPPED: Mapping[Method, Band] = {
    # 2.75 spreads: 2.3 false alarms a year. A floor that reduces them to a tenth, as min_deviation.
    Method.WEEKDAY: Band(method=Method.WEEKDAY, score=2.75, level_score=2.75, min_spread=0.036),
    Method.MSTL: Band(method=Method.MSTL, score=2.75, level_score=2.75, min_spread=0.036),
    Method.RATE: Band(method=Method.RATE),
    Method.AVERAGE: Band(),
}
"""What a trend of each method ships with."""

# The denominator of every share.
ROWS = Trend("rows", "puffy_partition_rows", ("raw",))


@dataclass(frozen=True, slots=True)
class TrendFigures:
    """One trend of one partition compared with the days before it. ``None`` if unknown.

    ``avg7d`` is the mean over the day and the six before it; the ``baseline_…`` figures exclude the day
    itself and excluded members. Standard deviation is the sample's (n - 1). ``chance`` is the standard error
    of the difference from the baseline that follows from counting: of rows for a share, of what a volume
    counts or adds up; ``None`` if unknown.
    """

    value: float
    avg7d: float | None = None
    baseline_count: int = 0
    baseline_avg: float | None = None
    baseline_stddev: float | None = None
    chance: float | None = None
    deviation_ratio: float | None = None
    zscore: float | None = None
    day_over_day_ratio: float | None = None
    week_over_week_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A present, readable partition ``lag`` days before the judged one (0 is the day itself).

    The lag counts weeks if the feed has one partition a week.
    """

    partition: Partition
    lag: int
    excluded: str | None  # why it is not in the baseline; lag 0 never is

    @property
    def serves(self) -> bool:
        """Whether the member is in the baseline."""
        return self.lag > 0 and self.excluded is None


@dataclass(frozen=True, slots=True)
class PartitionTrends:
    """A partition's window, its trends by name, and their detections."""

    members: tuple[Member, ...] = ()
    trends: Mapping[str, TrendFigures] | None = None
    detections: Mapping[str, Detection] | None = None


def least_change(figures: TrendFigures, band: Band) -> float:
    """Return the change up to which nothing is anomalous: the floor, or what chance does."""
    return max(band.min_change, band.score * (figures.chance or 0.0))


def edges(figures: TrendFigures, band: Band) -> tuple[float, float] | None:
    """Return the lowest and highest value that are not anomalous; ``None`` without a baseline."""
    average = figures.baseline_avg
    if average is None:
        return None
    reach = band.max_deviation * abs(average)
    if figures.baseline_stddev:
        sigma = band.sigma_outside(figures.baseline_count)
        reach = min(reach, max(sigma * figures.baseline_stddev, band.min_deviation * abs(average)))
    reach = max(reach, least_change(figures, band))
    return average - reach, average + reach


def is_anomalous(figures: TrendFigures, band: Band) -> bool:
    """Judge one value against its baseline, as the recording rules' figures would."""
    if figures.baseline_avg is None:
        return False
    change = figures.value - figures.baseline_avg
    if abs(change) <= least_change(figures, band):
        return False
    if not band.counts(Direction.RISE if change > 0 else Direction.DROP):
        return False
    if figures.deviation_ratio is None:  # the baseline is zero, so any other value deviates infinitely
        return change != 0
    deviation = abs(figures.deviation_ratio)
    sigma = band.sigma_outside(figures.baseline_count)
    beyond_sigma = figures.zscore is not None and abs(figures.zscore) > sigma
    return (beyond_sigma and deviation > band.min_deviation) or deviation > band.max_deviation
