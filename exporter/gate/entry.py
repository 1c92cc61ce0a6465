"""What the audit log records: holds, their ends, and acknowledgements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from exporter.model import Partition

Key = tuple[Partition, str, str]  # partition, check, content


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
        """What tells one hold from another."""
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
    baseline: Literal["include", "exclude"] | None = None

    def covers(self, key: Key, now: datetime) -> bool:
        """Tell whether a hold is answered for."""
        partition, check, content = key
        return self.counts_for(partition, content, now) and (not self.checks or check in self.checks)

    def counts_for(self, partition: Partition, content: str, now: datetime) -> bool:
        """Tell whether it is about that content of that partition, and has not expired."""
        return partition == self.partition and content in self.contents and not self.has_lapsed(now)

    def has_lapsed(self, now: datetime) -> bool:
        """Tell whether it counts no more."""
        return self.until is not None and now >= self.until


Entry = Held | Released | Acknowledged
