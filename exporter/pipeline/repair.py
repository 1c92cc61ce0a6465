"""What replacing a file has changed: the day's own verdicts before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from exporter.checks.check import Alert, Check, Kind
from exporter.checks.judge import Subject, judge
from exporter.figures.table import compute_figures
from exporter.metric import Settings
from exporter.model import Partition, PartitionFacts, Profile, Stage


@dataclass(frozen=True, slots=True)
class Content:
    """A content of a partition's files, and the threshold checks in breach for it."""

    stages: Mapping[Stage, Profile]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A partition whose content changed after it had been read. ``at_ns`` is the newest of the changes."""

    partition: Partition
    at_ns: int
    before: Content
    after: Content


def compare_contents(
    facts: PartitionFacts, checks: Sequence[Check], settings: Settings, now_ns: int
) -> Repair | None:
    """Judge a replaced partition's content before and after; ``None`` if nothing was replaced.

    By the day's own figures: what the days around it were at the time is unknown, so trends are
    left out on both sides.
    """
    old = {change.stage: change.before for change in facts.replaced if change.stage in facts.stages}
    if not old:
        return None
    stages = {
        stage: replace(known, profile=old.get(stage, known.profile), error=None, identity="")
        for stage, known in facts.stages.items()
    }
    own = [check for check in checks if check.kind is Kind.THRESHOLD]
    return Repair(
        partition=facts.partition,
        at_ns=max(change.at_ns for change in facts.replaced),
        before=_judged(replace(facts, stages=stages), own, settings, now_ns),
        after=_judged(facts, own, settings, now_ns),
    )


def _judged(facts: PartitionFacts, checks: Sequence[Check], settings: Settings, now_ns: int) -> Content:
    subject = Subject(
        partition=facts.partition,
        figures=compute_figures(facts, settings),
        trends={},
        due_ns=facts.due_ns,
        now_ns=now_ns,
        alertable=facts.alertable,
    )
    profiles = {stage: known.profile for stage, known in facts.stages.items() if known.profile is not None}
    return Content(profiles, judge(checks, subject))
