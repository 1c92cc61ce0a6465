"""Between verdicts and gate: which findings hold a partition, and which are acknowledged."""

from dataclasses import replace
from datetime import UTC, datetime

from exporter.causes.known import CAUSES
from exporter.gate.content import content_by_bytes, content_of
from exporter.gate.entry import Acknowledged, Held, Released, StandingAcknowledgement
from exporter.gate.gate import Gate, Status
from exporter.incidents.texts import severity_name
from exporter.model import NANOSECONDS, Partition, PartitionFacts
from exporter.pipeline.assemble import Rules
from exporter.pipeline.snapshot import Snapshot


def answered(facts: PartitionFacts, gate: Gate, rules: Rules) -> PartitionFacts:
    """Add to a partition's facts the acknowledgements of its content."""
    partition, content = facts.partition, _known_name(facts, gate)
    return replace(
        facts,
        content=content,
        acknowledged=frozenset(
            name
            for name in (*(check.name for check in rules.checks), *CAUSES)
            if gate.is_acknowledged((partition, name, content))
        ),
        standing=gate.acknowledged_beforehand(partition),
        held=gate.is_held(partition, content),
        serves=gate.serves(partition, content),
        new_level=gate.new_levels.get(partition, frozenset()),
    )


def _known_name(facts: PartitionFacts, gate: Gate) -> str:
    """Return the content's name, or that of earlier versions if the log only has that one."""
    known = gate.contents.get(facts.partition, frozenset())
    by_bytes = content_by_bytes(facts.stages)
    return by_bytes if by_bytes in known and facts.content not in known else facts.content


def findings(snapshot: Snapshot, at: datetime) -> list[Held]:
    """Return a hold for each day and check that blocks its load, whatever the day's age.

    Days not due yet, or whose files are still changing, are not recorded.
    """
    return [
        Held(
            at=at,
            partition=view.partition,
            check=alert.check.name,
            content=view.facts.content,
            severity=alert.severity.value,
            value=alert.value,
            limit=alert.limit,
            before=_content_before(view.facts),
        )
        for view in snapshot.window
        if view.facts.due_ns <= snapshot.as_of_ns and not view.facts.unsettled
        for alert in view.alerts
        if alert.blocks and alert.check.name not in view.facts.acknowledged
    ]


def acknowledgements_beforehand(snapshot: Snapshot, gate: Gate, at: datetime) -> list[Acknowledged]:
    """Return an acknowledgement for each day covered by a standing one, with the content found.

    So the log says who released the day, and the end of the standing one does not hold days loaded long ago.
    Days not due yet, or whose files are still changing, are not recorded.
    """
    found = []
    for view in snapshot.window:
        if view.facts.due_ns > snapshot.as_of_ns or view.facts.unsettled:
            continue
        day, content = view.partition, view.facts.content
        for problem in view.problems:
            answer = gate.acknowledged_beforehand_by(
                day, problem.key, severity_name(problem.severity), problem.sides
            )
            names = [name for name in problem.names if not gate.is_acknowledged((day, name, content))]
            if answer is not None and names:
                found.append(_in_advance(answer, day, content, tuple(names), at))
    return found


def _in_advance(
    answer: StandingAcknowledgement, day: Partition, content: str, names: tuple[str, ...], at: datetime
) -> Acknowledged:
    return Acknowledged(
        at=at,
        partition=day,
        contents=(content,),
        by=answer.by,
        reason=f"standing acknowledgement of {answer.at:%Y-%m-%d}: {answer.reason}",
        checks=names,
        incident=answer.incident,
    )


def restorations(snapshot: Snapshot, gate: Gate, at: datetime) -> list[Released]:
    """Return the ends of holds on days that have their earlier content back, which the held one had replaced.

    It must be good by itself: acknowledged content is not.
    """
    ends = []
    for view in snapshot.window:
        facts = view.facts
        holds = [held for held in gate.holds if held.partition == facts.partition]
        good = not facts.unsettled and not any(alert.blocks for alert in view.alerts)
        if holds and good and all(held.before == facts.content for held in holds):
            contents = {held.content for held in holds}
            ends.append(Released(at, facts.partition, tuple(sorted(contents)), facts.content))
    return ends


def _content_before(facts: PartitionFacts) -> str:
    """Return the content before the newest replacement of each file, or nothing if none was replaced."""
    old = {change.stage: change.before for change in facts.replaced if change.stage in facts.stages}
    if not old:
        return ""
    return content_of(
        {
            stage: replace(known, profile=old[stage], identity="") if stage in old else known
            for stage, known in facts.stages.items()
        }
    )


def status_of(gate: Gate, snapshot: Snapshot) -> Status:
    """Return the gate's status, with the holds whose partition has been repaired since."""
    views = {view.partition: view for view in snapshot.window}
    return Status(
        holds=gate.holds,
        repaired=frozenset(
            held.key
            for held in gate.holds
            if (view := views.get(held.partition)) is not None
            and view.facts.content != held.content
            and view.facts.is_readable
            and not any(alert.blocks for alert in view.alerts)
        ),
    )


def moment(nanoseconds: int) -> datetime:
    """Return an instant of the clock."""
    return datetime.fromtimestamp(nanoseconds / NANOSECONDS, UTC)
