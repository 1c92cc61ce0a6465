"""What a cause is: a reason why a day is bad, and the evidence for it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from exporter.checks.check import Alert, Severity
from exporter.feed import Feed
from exporter.history.contributions import Breakdown
from exporter.history.detection import Detection
from exporter.history.norm import normal_days
from exporter.history.trend import PartitionTrends, TrendFigures
from exporter.metric import Figures, profile_of
from exporter.model import Partition, PartitionFacts, Profile, Stage


class Confidence(StrEnum):
    """How sure a finding is."""

    CERTAIN = "certain"  # it was counted
    LIKELY = "likely"  # the best explanation of what was counted


class Layer(IntEnum):
    """How deep a cause is. If two fit, the deeper one explains the day, so it is tried first."""

    FORM = 1  # the bytes are not those of a file of this feed
    PLACE = 2  # the file is elsewhere, or empty
    IDENTITY = 3  # the rows are not this day's, or not this delivery's
    COLUMNS = 4  # the header is not the contract's
    VALUES = 5  # a column has wrong values
    TIME = 6  # a part of the day is missing
    LEVEL = 7  # nothing is wrong with the file, but it has more or fewer rows than before


@dataclass(frozen=True, slots=True)
class Case:
    """One day, as a detector sees it.

    ``earlier`` are the readable days before it, good or bad, newest first, at most two weeks, or 14
    weeks of a weekly feed. ``alerts``
    are the checks in breach, of which a cause may explain some; ``found`` the deeper causes of the day, whose
    checks are no longer among them. ``windows`` are trends and detections by day, of the day itself and of
    earlier judged ones. ``baseline`` are the days in the baseline, newest first. ``differing`` are the
    earlier days on which the cause that is being looked for was found.
    """

    facts: PartitionFacts
    alerts: tuple[Alert, ...]
    feed: Feed
    earlier: tuple[PartitionFacts, ...] = ()
    figures: Figures = field(default_factory=dict)
    trends: Mapping[str, TrendFigures] = field(default_factory=dict)
    found: "tuple[Cause, ...]" = ()
    windows: Mapping[Partition, PartitionTrends] = field(default_factory=dict)
    baseline: tuple[PartitionFacts, ...] = ()
    differing: frozenset[Partition] = frozenset()

    @property
    def raw(self) -> Profile | None:
        """What the raw file holds, or ``None`` if it is missing or cannot be read."""
        return profile_of(self.facts, Stage.RAW)

    def profiles(self) -> tuple[Profile, ...]:
        """Return the raw profiles to compare with: of normal earlier days with rows, newest first."""
        return tuple(profile for _, profile in self.normal())

    def normal(self) -> tuple[tuple[PartitionFacts, Profile], ...]:
        """Return the same profiles, each with its day."""
        known = ((day, profile_of(day, Stage.RAW)) for day in self.earlier)
        filled = [(day, profile) for day, profile in known if profile is not None and profile.rows]
        return tuple(normal_days(filled, lambda one: one[0].partition in self.differing))

    def detection(self, trend: str, day: Partition) -> Detection | None:
        """Return what a trend's detector made of a day, or ``None`` if it did not judge it."""
        window = self.windows.get(day)
        return ((window and window.detections) or {}).get(trend)

    def alert(self, check: str) -> Alert | None:
        """Return the check's breach, or ``None`` if it is not in breach."""
        return next((alert for alert in self.alerts if alert.check.name == check), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause that was found for a day.

    ``subject`` is the column, event or stage that it is about, empty for the whole day: with the cause
    it identifies the incident. ``title`` describes it in a few words, ``seen`` in one sentence with
    counts. ``evidence`` are the counts and names behind the sentence. ``explains`` narrows the
    cause's list of checks if only some of them follow.
    """

    title: str
    seen: str
    subject: str = ""
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    likely_fix: str | None = None
    confidence: Confidence = Confidence.CERTAIN
    explains: tuple[str, ...] | None = None
    ends: bool = False  # it explains the whole day: shallower causes are not tried
    breakdown: Breakdown | None = None  # the value behind the change of a volume that it explains
    side: str | None = None  # above or below what is usual, if the cause can be either


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind of cause, with its detector.

    ``severity`` applies to a finding that explains no breach; ``None`` makes it information, of which
    nobody is notified. A finding that explains breaches is as severe as the worst of them. ``explains`` names
    the checks, patterns allowed, that follow from the cause and send no notification of their own.
    """

    name: str
    layer: Layer
    severity: Severity | None
    owner: str
    impact: str
    resolution: tuple[str, ...]
    explains: tuple[str, ...]
    detect: Callable[[Case], Iterable[Finding]]
    rank: int = 0  # within its layer; lower ones are tried first
