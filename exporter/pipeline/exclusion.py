"""Which days are excluded from the baselines of their neighbours."""

from collections.abc import Iterable
from dataclasses import dataclass

from exporter.checks.check import Check
from exporter.feed import Feed
from exporter.figures.reconciliation import mismatches
from exporter.history.detection import Event
from exporter.model import PartitionFacts, Stage

SCHEMA_MISMATCH, NO_ROWS = "schema mismatch", "no rows"
FAULTS = frozenset({SCHEMA_MISMATCH, NO_ROWS})  # faults of a day's file, regardless of acknowledgements


@dataclass(frozen=True, slots=True)
class Said:
    """What decides about a day: an acknowledgement, a fault of its file, a hold, the calendar."""

    serves: bool | None
    fault: str | None
    held: bool
    event: Event | None

    @property
    def reason(self) -> str | None:
        """Why the day is excluded from baselines, or ``None`` if not. An acknowledgement comes first."""
        if self.serves is not None:
            return None if self.serves else "acknowledged as bad"
        if self.fault is not None:
            return self.fault
        if self.held:
            return "held"
        return None if self.event is None else f"event: {self.event.name}"


def exclusion(facts: PartitionFacts, feed: Feed, event: Event | None = None) -> str | None:
    """Return why a partition is excluded from baselines, or ``None`` if it is not."""
    raw = facts.stages.get(Stage.RAW)
    empty = raw is not None and raw.profile is not None and raw.profile.rows == 0
    fault = SCHEMA_MISMATCH if mismatches(facts, feed) else NO_ROWS if empty else None
    return Said(facts.serves, fault, held=facts.held, event=event).reason


def new_level_trends(names: frozenset[str] | None, checks: Iterable[Check]) -> frozenset[str] | None:
    """Return the trends that begin a new level, by the acknowledged checks; ``None`` means all."""
    if names is None:
        return None
    return frozenset(check.trend for check in checks if check.trend and check.name in names)
