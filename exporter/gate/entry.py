"""What the audit log records: holds, their ends, acknowledgements, and answers that are given beforehand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from exporter.model import Partition

Baseline = Literal["include", "exclude"]
Key = tuple[Partition, str, str]  # partition, check, content
SEVERITIES = ("info", "warning", "critical")  # of a problem, the mildest first


@dataclass(frozen=True, slots=True)
class Held:
    """A blocking check fired for a partition that had this content."""

    at: datetime
    partition: Partition
    check: str
    content: str
    severity: str
    value: float
    limit: float
    before: str = ""  # the content that was replaced by this one, if it is known

    @property
    def key(self) -> Key:
        """What identifies a hold."""
        return self.partition, self.check, self.content


@dataclass(frozen=True, slots=True)
class Released:
    """A partition holds content again that had been judged good before it was held.

    Ends the holds on ``contents`` that were made before; should one of these contents come back, a new hold
    is recorded.
    """

    at: datetime
    partition: Partition
    contents: tuple[str, ...]
    restored: str  # the content that is back


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person looked at these contents of a partition and answers for them.

    No ``checks`` means all of them. After ``until`` it counts no more. ``baseline`` says whether the
    partition, while it has one of these contents, serves as baseline; ``None`` leaves that to the rules.
    """

    at: datetime
    partition: Partition
    contents: tuple[str, ...]
    by: str
    reason: str
    checks: tuple[str, ...] = ()
    until: datetime | None = None
    baseline: Baseline | None = None
    incident: str = ""  # that was answered for, with this day
    new_level: Partition | None = None  # the first day of a permanent new level of its checks' trends

    def covers(self, key: Key, now: datetime) -> bool:
        """Return whether a hold is answered for."""
        partition, check, content = key
        return self.counts_for(partition, content, now) and (not self.checks or check in self.checks)

    def counts_for(self, partition: Partition, content: str, now: datetime) -> bool:
        """Return whether it is about that content of that partition, and has not expired."""
        return partition == self.partition and content in self.contents and not self.has_lapsed(now)

    def has_lapsed(self, now: datetime) -> bool:
        """Return whether it counts no more."""
        return self.until is not None and now >= self.until


@dataclass(frozen=True, slots=True, order=True)
class StandingAnswer:
    """A person answers beforehand for an incident's days that are still to come.

    It ends no hold by itself. While it stands, each pass puts an acknowledgement on record for every day
    that it covers, with the content that was seen: what it has let through stays let through after its end.
    """

    at: datetime
    incident: str
    cause: str  # or the check, if no cause was found
    subject: str
    severity: str  # the worst that the person has seen; a day that is worse is not covered
    after: Partition  # the incident's last day at that time
    until: datetime
    by: str
    reason: str

    def is_about(self, partition: Partition, cause: str, subject: str, severity: str) -> bool:
        """Return whether a problem of a day is what the person has answered for."""
        return (
            partition > self.after
            and (cause, subject) == (self.cause, self.subject)
            and not is_worse(severity, self.severity)
        )

    def has_lapsed(self, now: datetime) -> bool:
        """Return whether it covers no more days."""
        return now >= self.until


@dataclass(frozen=True, slots=True)
class Revoked:
    """A person ends the standing answers for an incident that were given until then."""

    at: datetime
    incident: str
    by: str
    reason: str


Entry = Held | Released | Acknowledged | StandingAnswer | Revoked


def is_worse(severity: str, than: str) -> bool:
    """Compare severities by name. One that is not known, of another version, is the worst."""
    return _rank(severity) > _rank(than)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
