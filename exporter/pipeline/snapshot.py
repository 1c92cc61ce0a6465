"""An immutable snapshot of all partitions, which outputs write and servers serve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exporter.causes.problem import Problem
from exporter.checks.check import Alert, Check, Severity, State
from exporter.checks.judge import Subject
from exporter.feed import Table
from exporter.gate.entry import Held
from exporter.gate.gate import Status
from exporter.history.trend import PartitionTrends, Trend
from exporter.incidents.incident import Incident, Standing
from exporter.incidents.texts import is_notifiable
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
    def lone_causes(self) -> tuple[Problem, ...]:
        """Causes that explain no check in breach but have a severity of their own."""
        return tuple(
            one
            for one in self.problems
            if one.cause is not None and one.severity is not None and not one.alerts
        )

    @property
    def status(self) -> Severity | None:
        """The worst severity of what is wrong and not acknowledged."""
        standing: tuple[Alert | Problem, ...] = (*self.alerts, *self.lone_causes)
        return worst(one for one in standing if one.state is not State.ACKNOWLEDGED)

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
    def lone_causes(self) -> tuple[tuple[Partition, Problem], ...]:
        """Causes that notify somebody although no check is in breach, with their days, newest first."""
        return tuple(
            (view.partition, one)
            for view in reversed(self.window)
            for one in view.lone_causes
            if one.state is State.FIRING
        )

    @property
    def told(self) -> tuple[Incident, ...]:
        """Open incidents that people were notified of: they last when their days are too old to alert."""
        return tuple(one for one in self.incidents if one.state is Standing.OPEN and is_notifiable(one))

    @property
    def status(self) -> Severity | None:
        """The worst severity of what notifies somebody, is open, or closes the gate."""
        if self.blind is not None or self.gate.blind is not None:
            return Severity.CRITICAL
        causes = (cause for _, cause in self.lone_causes)
        return worst((*self.firing, *causes, *self.told, *map(self.severity_of, self.gate.holds)))

    def severity_of(self, held: Held) -> Severity:
        """Return how bad it is that a day is held: a repaired one only waits for a person."""
        if held.key in self.gate.repaired or held.severity == Severity.WARNING:
            return Severity.WARNING
        return Severity.CRITICAL

    @property
    def firing_count(self) -> Mapping[Severity, int]:
        """Number of firing alerts by severity, zeros included."""
        severities = [alert.severity for alert in self.firing]
        return {severity: severities.count(severity) for severity in Severity}


def worst(found: Iterable[Alert | Problem | Incident | Severity]) -> Severity | None:
    """Return the worst severity among findings, or ``None`` if there are none."""
    all_of_them = (one if isinstance(one, Severity) else one.severity for one in found)
    severities = (severity for severity in all_of_them if severity is not None)
    return min(severities, key=lambda severity: severity.rank, default=None)
