"""A check as data, both evaluated here and turned into Prometheus rules."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exporter.checks.deviation import Deviation
from exporter.figures.table import BY_NAME
from exporter.history.trend import Band
from exporter.model import Partition

OTHER_AREA = "Other"


class Severity(StrEnum):
    """How bad a finding is; ``critical`` pages."""

    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Order of severities, worst first."""
        return (Severity.CRITICAL, Severity.WARNING).index(self)


class Kind(StrEnum):
    """How a check decides: against a fixed limit or against the partition's own past."""

    THRESHOLD = "threshold"
    ANOMALY = "anomaly"


class Origin(StrEnum):
    """Where a check comes from: each of the catalogue's has its own alert, those of contracts share one."""

    CATALOGUE = "catalogue"  # of the package, or of the configuration
    CONTRACT = "contract"  # of one feed


class State(StrEnum):
    """The state of a breach: only ``firing`` ones notify anybody."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    PAST = "past"


class Compare(StrEnum):
    """How a value is compared with a limit; it is in breach if the comparison is true."""

    ABOVE = ">"
    BELOW = "<"
    EQUAL = "=="
    UNEQUAL = "!="
    AT_LEAST = ">="
    AT_MOST = "<="

    @property
    def downwards(self) -> bool:
        """Whether the smaller of two values is the worse one."""
        return self in (Compare.BELOW, Compare.AT_MOST)

    def holds(self, value: float, limit: float) -> bool:
        """Compare as PromQL does."""
        return _OPERATORS[self](value, limit)


_OPERATORS: Mapping[Compare, Callable[[float, float], bool]] = {
    Compare.ABOVE: operator.gt,
    Compare.BELOW: operator.lt,
    Compare.EQUAL: operator.eq,
    Compare.UNEQUAL: operator.ne,
    Compare.AT_LEAST: operator.ge,
    Compare.AT_MOST: operator.le,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """Samples of one metric whose labels have one of the given values; other labels are free."""

    metric: str
    labels: Mapping[str, tuple[str, ...]]

    @property
    def free(self) -> tuple[str, ...]:
        """Return the labels that may have several values."""
        return tuple(label for label in BY_NAME[self.metric].labels if len(self.labels.get(label, ())) != 1)

    @property
    def named(self) -> tuple[str, ...]:
        """Return the free labels whose values are worth showing: all but the stage."""
        return tuple(label for label in self.free if label != "stage")


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must hold, for the same free labels, before the value is judged."""

    selector: Selector
    compare: Compare
    limit: float


@dataclass(frozen=True, slots=True)
class Value:
    """What a check judges: a sample, or its difference from or ratio to another with the same labels."""

    selector: Selector
    minus: Selector | None = None
    per: Selector | None = None
    absolute: bool = False
    when: Guard | None = None
    after_due_seconds: float | None = None  # not judged earlier than this after the due time


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over one partition, with all that a person woken by it needs to know.

    ``value`` is what a threshold check judges; ``trend`` and ``band`` what an anomaly check judges, whose
    ``limits`` hold the band's sigma, and its score under the severity of a confirmed anomaly. If the
    limits of both severities are crossed, only the worse one fires. ``shows`` selects samples with details;
    the alert names the three largest, such as missing columns or reject reasons.
    """

    name: str
    alert: str
    kind: Kind
    limits: Mapping[Severity, float]
    owner: str
    summary: str
    impact: str
    resolution: tuple[str, ...]
    runbook: str
    blocking: bool = False
    compare: Compare = Compare.ABOVE
    value: Value | None = None
    shows: Selector | None = None
    trend: str | None = None
    band: Band = field(default_factory=Band)
    confirmed: Severity | None = None  # severity of an anomaly confirmed by the trend's detector
    explains: tuple[str, ...] = ()  # checks that follow from this one: reported and acknowledged with it
    origin: Origin = Origin.CATALOGUE
    area: str = OTHER_AREA  # the heading it is listed under

    @property
    def severities(self) -> tuple[Severity, ...]:
        """The severities that a breach can have, worst first; a confirmed anomaly has the first."""
        return tuple(sorted(self.limits, key=lambda severity: severity.rank))

    def blocks_at(self, severity: Severity) -> bool:
        """Return whether a breach of that severity holds the load: a blocking check at its highest limit."""
        return self.blocking and severity is min(self.limits, key=lambda known: known.rank)


@dataclass(frozen=True, slots=True)
class Alert:
    """A check that is in breach for a partition."""

    check: Check
    partition: Partition
    severity: Severity
    value: float
    limit: float
    state: State
    labels: Mapping[str, str]  # the values of the free labels: stage, field, defect, task
    share: tuple[float, float] | None = None  # numerator and denominator, if the value is a share of counts
    names: tuple[str, ...] = ()  # columns, reasons or events of the largest samples
    expected: float | None = None  # of an anomaly's value, if known
    stages: tuple[str, ...] = ()  # all in breach, if they are a free label; it has the worst one
    accounted: Mapping[str, bool] = field(default_factory=dict)  # whether other breaches account for it

    def follows_from(self, other: "Alert") -> bool:
        """Return whether it follows from another breach; as far as that accounts for it.

        An anomaly follows only from one of similar size.
        """
        if self.check.name not in other.check.explains:
            return False
        if (accounted := self.accounted.get(other.check.name)) is not None:
            return accounted
        return self.deviation is None or other.deviation is None or self.deviation.follows(other.deviation)

    @property
    def deviation(self) -> Deviation | None:
        """How far an anomaly deviates; ``None`` for a threshold breach."""
        if self.check.kind is not Kind.ANOMALY:
            return None
        return Deviation(self.value, self.limit, self.expected)

    @property
    def blocks(self) -> bool:
        """Whether the day must not be loaded: a blocking check crosses its most severe limit."""
        return self.check.blocks_at(self.severity)
