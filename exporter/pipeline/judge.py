"""Judges what a pass has found, with what people have acknowledged: verdicts, gate, incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from exporter.discover.calendar import Calendar, Window
from exporter.feed import Feed
from exporter.gate.gate import Gate
from exporter.gate.keeper import Keeper
from exporter.incidents.incident import Incident
from exporter.incidents.ledger import Ledger
from exporter.model import Partition, PartitionFacts
from exporter.pipeline.answers import (
    acknowledgements_beforehand,
    answered,
    findings,
    moment,
    restorations,
    status_of,
)
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.daybook import Daybook
from exporter.pipeline.due import due_days
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.store.state import State


@dataclass(frozen=True, slots=True)
class Found:
    """What a pass has found, and as of when it is judged. ``blind`` says why nothing can be judged."""

    facts: Mapping[Partition, PartitionFacts]
    window: Window
    as_of_ns: int
    generated_ns: int
    blind: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that the verdicts depend on, besides the clock."""

    facts: Mapping[Partition, PartitionFacts]
    window: Window
    basis: tuple[object, ...]  # of the gate


@dataclass(slots=True)
class Judge:
    """Judges one pass after another: what has not changed since the last is not judged again."""

    assembler: Assembler
    keeper: Keeper = field(default_factory=Keeper)
    ledger: Ledger = field(default_factory=Ledger)
    daybook: Daybook = field(default_factory=Daybook)
    _judged: tuple[Assembler, _Known] | None = None  # last
    _folded: tuple[tuple[PartitionView, ...], int, frozenset[tuple[str, Partition]]] | None = None  # last

    @property
    def state_errors(self) -> int:
        """How often incidents and days could not be stored."""
        return self.ledger.errors + self.daybook.errors

    @property
    def problems(self) -> list[str]:
        """What is wrong with the audit log, one line each."""
        if self.keeper.damage is not None:
            return [self.keeper.damage]
        if self.keeper.broken:
            return [f"gate audit log: {self.keeper.broken} lines cannot be read"]
        return []

    def begin_again(self, state: State) -> None:
        """Continue with what the state remembers."""
        self.ledger = Ledger(state, past=self.ledger.past, errors=self.ledger.errors)
        self.daybook = Daybook(state, errors=self.daybook.errors)

    def judge(self, found: Found, calendar: Calendar, feed: Feed) -> Snapshot:
        """Judge, record what blocks loads, and judge again if that changed anything."""
        now, at = moment(found.as_of_ns), moment(found.generated_ns)
        before = self.keeper.look(now)
        snapshot = self._verdicts(found, before)
        gate = self.keeper.hold(findings(snapshot, at), now)
        if gate.standing_acknowledgements:
            judged = snapshot
            gate = self.keeper.acknowledge(lambda log: acknowledgements_beforehand(judged, log, at), now)
        ends = restorations(snapshot, gate, at)
        if ends:
            gate = self.keeper.release(ends, now)
        if gate.holds != before.holds:
            snapshot = self._verdicts(found, gate)
        status = replace(status_of(gate, snapshot), blind=found.blind or self.keeper.damage)
        self.keeper.show(status)
        # While blind it is unknown what has ended: known incidents remain.
        incidents = self.ledger.incidents if found.blind is not None else self._fold(snapshot, gate, feed)
        next_due = calendar.next_due(found.as_of_ns)
        snapshot = replace(
            snapshot,
            gate=status,
            blind=found.blind,
            incidents=incidents,
            next_due=(next_due, calendar.due_ns(next_due)),
        )
        self.daybook.note(snapshot, feed)
        return snapshot

    def _verdicts(self, found: Found, gate: Gate) -> Snapshot:
        """Return the snapshot of what is known; if nothing changed, the last one as of now."""
        known = _Known(found.facts, found.window, gate.basis)
        before, self._judged = self._judged, None
        again: Snapshot | None = None
        if before is not None and before[0] is self.assembler and before[1] == known:
            again = self.assembler.repeat(as_of_ns=found.as_of_ns, generated_ns=found.generated_ns)
        if again is None:
            facts = {day: answered(there, gate, self.assembler.rules) for day, there in found.facts.items()}
            past = self.daybook.before(min(facts), gate, self.assembler.rules) if facts else {}
            again = self.assembler.assemble(
                [facts[day] for day in found.window.lead_in],
                [facts[day] for day in found.window.exposed],
                as_of_ns=found.as_of_ns,
                generated_ns=found.generated_ns,
                past=past,
            )
        self._judged = (self.assembler, known)
        return again

    def _fold(self, snapshot: Snapshot, gate: Gate, feed: Feed) -> tuple[Incident, ...]:
        """Return the incidents; if nothing changed, those of the last pass."""
        due = sum(view.facts.due_ns <= snapshot.as_of_ns for view in snapshot.window)
        before, self._folded = self._folded, (snapshot.views, due, gate.incident_days)
        if before is None or before[0] is not snapshot.views or before[1:] != self._folded[1:]:
            days = due_days(snapshot, feed.service.period)
            return self.ledger.update(feed.id, days, snapshot.as_of_ns, gate.incident_days)
        return self.ledger.again()
