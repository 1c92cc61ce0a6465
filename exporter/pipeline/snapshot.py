"""An immutable snapshot of all partitions, which outputs write and servers serve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exporter.causes.problem import Problem, rank
from exporter.checks.check import Alert, Check, Severity, State
from exporter.checks.judge import Subject
from exporter.feed import Table
from exporter.gate.gate import Status
from exporter.history.trend import PartitionTrends, Trend
from exporter.incidents.incident import Incident
from exporter.incidents.words import Words
from exporter.metric import Figures
from exporter.model import Partition, PartitionFacts, Stage
from exporter.pipeline.repair import Repair


@dataclass(frozen=True, slots=True)
class PartitionView:
    """A partition with everything computed from its facts.

    ``lead_in`` partitions are before the window: their values fill the oldest windows, they are not judged.
    """

    facts: PartitionFacts
    figures: Figures
    window: PartitionTrends
    alerts: tuple[Alert, ...]
    lead_in: bool = False
    repair: Repair | None = None
    problems: tuple[Problem, ...] = ()
    words: Mapping[tuple[str, str], Words] = field(default_factory=dict)  # texts of each problem

    @property
    def partition(self) -> Partition:
        """The calendar day."""
        return self.facts.partition

    @property
    def causes_first(self) -> tuple[Problem, ...]:
        """Causes, then unexplained checks, each worst first."""
        return tuple(sorted(self.problems, key=lambda problem: problem.cause is None))

    @property
    def alone(self) -> tuple[Problem, ...]:
        """Causes that are reported although no check is in breach; information is not among them."""
        return tuple(problem for problem in self.problems if problem.severity and not problem.alerts)

    @property
    def standing(self) -> Severity | None:
        """The worst severity of the day, without what was acknowledged; ``None`` for a good day."""
        found: tuple[Alert | Problem, ...] = (*self.alerts, *self.alone)
        return worst(one for one in found if one.state is not State.ACKNOWLEDGED)

    def subject(self, now_ns: int) -> Subject:
        """Return what checks judge."""
        return subject_of(self.facts, self.figures, self.window, now_ns)


def subject_of(facts: PartitionFacts, figures: Figures, window: PartitionTrends, now_ns: int) -> Subject:
    """Return what checks judge in a partition, at an instant."""
    return Subject(
        partition=facts.partition,
        figures=figures,
        trends=window.trends or {},
        detections=window.detections or {},
        due_ns=facts.due_ns,
        now_ns=now_ns,
        alertable=facts.alertable,
        acknowledged=facts.acknowledged,
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All exposed partitions, oldest first, as of one instant. Times in nanoseconds since the epoch."""

    as_of_ns: int
    generated_ns: int
    views: tuple[PartitionView, ...]
    checks: tuple[Check, ...]
    trends: tuple[Trend, ...]
    gate: Status = field(default_factory=Status)
    blind: str | None = None  # why there is nothing to judge
    feed: str = "events"  # the feed of the partitions
    stages: tuple[Stage, ...] = tuple(Stage)  # of the feed
    tables: Mapping[Stage, Table] = field(default_factory=dict)  # a stage's contents, by the contract
    revenue: bool = True  # whether the feed's rows have any
    incidents: tuple[Incident, ...] = ()  # open ones first, worst first
    next_due: tuple[Partition, int] | None = None  # the next day to become due, and when

    @property
    def window(self) -> tuple[PartitionView, ...]:
        """The judged partitions."""
        return tuple(view for view in self.views if not view.lead_in)

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Alerts that notify somebody: critical first, then newest partition first."""
        firing = [alert for view in self.window for alert in view.alerts if alert.state is State.FIRING]
        return tuple(
            sorted(
                firing,
                key=lambda alert: (alert.severity.rank, -alert.partition.toordinal(), alert.check.name),
            )
        )

    @property
    def firing_alone(self) -> tuple[tuple[PartitionView, Problem], ...]:
        """Causes that notify somebody although no check is in breach, in the same order."""
        found = [
            (view, problem)
            for view in reversed(self.window)
            for problem in view.alone
            if problem.state is State.FIRING
        ]
        return tuple(sorted(found, key=lambda one: rank(one[1].severity)))

    @property
    def standing(self) -> Severity | None:
        """The worst severity that notifies somebody."""
        return worst((*self.firing, *(problem for _, problem in self.firing_alone)))

    @property
    def firing_count(self) -> Mapping[Severity, int]:
        """Number of firing alerts by severity, zeros included."""
        severities = [alert.severity for alert in self.firing]
        return {severity: severities.count(severity) for severity in Severity}


def worst(found: Iterable[Alert | Problem]) -> Severity | None:
    """Return the worst severity among alerts and problems, or ``None`` if there are none."""
    return min((one.severity for one in found), key=rank, default=None)
