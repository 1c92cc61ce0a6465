"""A detector's result for one trend of one partition."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from exporter.model import Partition


class Method(StrEnum):
    """How a trend is judged once it has enough history; until then the 7-day rule applies."""

    AVERAGE = "average"  # the 7-day rule, always
    WEEKDAY = "weekday"  # a volume: against weekday profile, level and growth of up to 26 weeks
    MSTL = "mstl"  # a volume: by a decomposition of another library, the extra forecast
    RATE = "rate"  # a share of rows: against the shares of four weeks, by binomial bounds

    @property
    def of_logarithms(self) -> bool:
        """Whether it judges a volume's logarithm, so that a drop of 30% counts the same on each weekday."""
        return self in {Method.WEEKDAY, Method.MSTL}


class Readiness(StrEnum):
    """Whether a detector can judge. While it is learning or held, the 7-day rule applies."""

    LEARNING = "learning"  # too little history
    ARMED = "armed"
    HELD = "held"  # enough history, but too much of it left out or inconsistent
    EMPTY = "empty"  # the file has no rows, which its own check reports


class Expect(StrEnum):
    """How a calendar event affects a day's trends."""

    RISE = "rise"  # a rise is not an anomaly, a drop still is
    ANY = "any"  # nothing is


@dataclass(frozen=True, slots=True)
class Event:
    """Days known in advance to differ: a promotion, a holiday."""

    name: str
    dates: frozenset[Partition]
    expect: Expect


def event_of(partition: Partition, events: Sequence[Event]) -> Event | None:
    """Return the event of a day; of several, one that expects anything, otherwise the first."""
    own = [event for event in events if partition in event.dates]
    return min(own, key=lambda event: event.expect is not Expect.ANY, default=None)


@dataclass(frozen=True, slots=True)
class Detection:
    """One trend of one partition compared with its history. ``None`` if unknown.

    ``expected``, ``low`` and ``high``, the normal range, are in the trend's unit. ``spread`` (of a
    logarithm) and ``level_shift`` (of the last six days
    against their own baselines) are ratios for a volume, shares for a rate. Scores are in spreads;
    ``level_score`` is what remains of ``score`` without the level shift. ``rows`` is what a rate
    is a share of, ``event`` what the calendar says of the day. ``new_level_days`` is how many of the days
    before are on a level that has been accepted as new.
    """

    method: Method
    readiness: Readiness
    members: int = 0
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    level_shift: float | None = None
    score: float | None = None
    level_score: float | None = None
    rows: float | None = None
    event: Event | None = None
    new_level_days: float | None = None
