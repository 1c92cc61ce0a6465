"""Entries of the audit log: holds, their ends, acknowledgements and standing acknowledgements."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from exporter.checks.deviation import Side, is_contrary
from exporter.model import Partition

Baseline = Literal["include", "exclude"]
Key = tuple[Partition, str, str]  # partition, check, content
SEVERITIES = ("info", "warning", "critical")  # of a problem, mildest first


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
    before: str = ""  # the content replaced by this one, if known

    @property
    def key(self) -> Key:
        """What identifies a hold."""
        return self.partition, self.check, self.content


@dataclass(frozen=True, slots=True)
class Released:
    """A partition has content again that was judged good before the hold.

    Ends earlier holds on ``contents``; if one of these contents comes back, a new hold
    is recorded.
    """

    at: datetime
    partition: Partition
    contents: tuple[str, ...]
    restored: str  # the content that is back


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person reviewed these contents of a partition and acknowledged them.

    No ``checks`` means all of them. After ``until`` it has expired. ``baseline`` says whether the
    partition is in the baseline while it has one of these contents; ``None`` leaves that to the rules.
    """

    at: datetime
    partition: Partition
    contents: tuple[str, ...]
    by: str
    reason: str
    checks: tuple[str, ...] = ()
    until: datetime | None = None
    baseline: Baseline | None = None
    incident: str = ""  # acknowledged together with this day
    new_level: Partition | None = None  # the first day of a permanent new level of its checks' trends

    def covers(self, key: Key, now: datetime) -> bool:
        """Return whether it covers a hold."""
        partition, check, content = key
        return self.counts_for(partition, content, now) and (not self.checks or check in self.checks)

    def counts_for(self, partition: Partition, content: str, now: datetime) -> bool:
        """Return whether it applies to that content of that partition, and has not expired."""
        return partition == self.partition and content in self.contents and not self.has_lapsed(now)

    def has_lapsed(self, now: datetime) -> bool:
        """Return whether it has expired."""
        return self.until is not None and now >= self.until


class Limits(NamedTuple):
    """What later problems of a kind may be like to be acknowledged in advance."""

    severity: str
    sides: Collection[Side] = ()

    def allow(self, severity: str, sides: Collection[Side]) -> bool:
        """Return whether a problem is no worse, and to the same side: a fall is not what a rise was."""
        return not is_worse(severity, self.severity) and not is_contrary(sides, self.sides)


@dataclass(frozen=True, slots=True, order=True)
class StandingAcknowledgement:
    """A person acknowledges an incident's future days in advance.

    It ends no hold by itself. While it is in force, each pass records an acknowledgement for every day
    that it covers, with the content found: what it has released stays released after its end.
    """

    at: datetime
    incident: str
    cause: str  # or the check, if no cause was found
    subject: str
    severity: str  # the worst severity acknowledged; a worse day is not covered
    after: Partition  # the incident's last day at that time
    until: datetime
    by: str
    reason: str
    sides: tuple[Side, ...] = ()  # to which its checks deviated; earlier versions did not record that

    @property
    def key(self) -> tuple[str, str]:
        """What a problem must be about to be covered."""
        return self.cause, self.subject

    @property
    def limits(self) -> Limits:
        """What else a problem must be like to be covered."""
        return Limits(self.severity, self.sides)

    def has_lapsed(self, now: datetime) -> bool:
        """Return whether it has expired."""
        return now >= self.until


@dataclass(frozen=True, slots=True)
class Revoked:
    """A person ends an incident's standing acknowledgements so far."""

    at: datetime
    incident: str
    by: str
    reason: str


Entry = Held | Released | Acknowledged | StandingAcknowledgement | Revoked


def is_worse(severity: str, than: str) -> bool:
    """Compare severities by name. An unknown one, from another version, is the worst."""
    return _rank(severity) > _rank(than)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
