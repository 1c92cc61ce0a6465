"""Between verdicts and gate: which findings hold a partition, and what people have answered."""

from dataclasses import replace
from datetime import UTC, datetime

from exporter.checks.check import State
from exporter.gate.entry import Held
from exporter.gate.gate import Gate, Status
from exporter.model import NANOSECONDS, PartitionFacts
from exporter.pipeline.assemble import Rules
from exporter.pipeline.snapshot import PartitionView, Snapshot


def answered(facts: PartitionFacts, gate: Gate, rules: Rules) -> PartitionFacts:
    """Add to a partition's facts what people said of the content that it has."""
    partition, content = facts.partition, facts.content
    return replace(
        facts,
        acknowledged=frozenset(
            check.name for check in rules.checks if gate.is_acknowledged((partition, check.name, content))
        ),
        held=gate.is_held(partition, content),
        serves=gate.serves(partition, content),
    )


def findings(snapshot: Snapshot, at: datetime) -> list[Held]:
    """Return a hold for each blocking check that fires."""
    return [
        Held(
            at=at,
            partition=view.partition,
            check=alert.check.name,
            content=view.facts.content,
            severity=alert.severity.value,
            value=alert.value,
            limit=alert.limit,
        )
        for view in snapshot.window
        for alert in view.alerts
        if alert.check.blocking and alert.state is State.FIRING
    ]


def status_of(gate: Gate, snapshot: Snapshot) -> Status:
    """Return the gate with a word on the holds whose partition has been repaired since."""
    views = {view.partition: view for view in snapshot.window}
    return Status(
        holds=gate.holds,
        repaired=frozenset(
            held.key
            for held in gate.holds
            if (view := views.get(held.partition)) is not None
            and view.facts.content != held.content
            and not _blocks(view)
        ),
    )


def _blocks(view: PartitionView) -> bool:
    return any(alert.check.blocking and alert.state is not State.ACKNOWLEDGED for alert in view.alerts)


def moment(nanoseconds: int) -> datetime:
    """Return an instant of the clock."""
    return datetime.fromtimestamp(nanoseconds / NANOSECONDS, UTC)
