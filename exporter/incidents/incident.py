"""An incident: reported once, however many checks and days it affects."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from exporter.checks.check import Severity
from exporter.incidents.words import Words
from exporter.model import Partition

ID_LENGTH = 10  # hexadecimal digits: a million incidents have a collision with a chance of about one half


class Standing(StrEnum):
    """The state of an incident."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"  # every day of it is acknowledged
    RESOLVED = "resolved"


class Why(StrEnum):
    """What ended an incident. Age alone never does."""

    REPAIRED = "repaired"
    ACKNOWLEDGED = "acknowledged"
    NEXT_DAY_GOOD = "next_day_good"
    ACCEPTED = "accepted"  # a new level, with which later days are compared
    COVERED = "covered"  # a cause found later explains it


class DayState(StrEnum):
    """The state of one day of an incident."""

    BAD = "bad"
    ANSWERED = "answered"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause, or one unexplained check, of one feed, over the days that it affected.

    ``severity`` is the highest it has had, ``None`` for information. ``notified``: people have been
    notified of it, or will be. ``good_days`` is the number of good days since the last bad one.
    """

    id: str
    name: str  # of the cause or the check
    subject: str
    severity: Severity | None
    owner: str
    since: Partition
    days: Mapping[Partition, DayState]
    state: Standing
    why: Why | None
    notified: bool
    words: Words
    checks: Mapping[Partition, tuple[str, ...]]  # in breach and firing, by day
    # The checks that hold a day's load until it is acknowledged, by day; also of days no longer judged.
    held_by: Mapping[Partition, tuple[str, ...]] = field(default_factory=dict)
    good_days: int = 0
    unbroken: bool = True  # none of its days is good
    ended_ns: int | None = None

    @property
    def bad(self) -> tuple[Partition, ...]:
        """The days that are neither repaired nor acknowledged, oldest first."""
        return tuple(day for day, state in sorted(self.days.items()) if state is DayState.BAD)

    @property
    def held(self) -> tuple[Partition, ...]:
        """The days whose load waits for an acknowledgement, oldest first."""
        return tuple(sorted(self.held_by))

    @property
    def touched(self) -> tuple[Partition, ...]:
        """The days that are not repaired, acknowledged or not, oldest first."""
        return tuple(day for day, state in sorted(self.days.items()) if state is not DayState.REPAIRED)

    @property
    def last(self) -> Partition:
        """The newest day that it affected."""
        return max(self.touched or tuple(self.days))


def incident_id(feed: str, name: str, subject: str, first: Partition) -> str:
    """Return the id, which is stable across replays."""
    text = f"{feed}\0{name}\0{subject}\0{first}"
    return hashlib.blake2b(text.encode(), digest_size=ID_LENGTH // 2).hexdigest()
