"""What is known afterwards about a day or an incident, for its postmortem."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from exporter.errors import reason_of
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.entry import Entry
from exporter.gate.incident import find_id
from exporter.incidents.incident import Incident
from exporter.incidents.texts import texts_of
from exporter.links import Links
from exporter.model import Partition
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.report.instant import timestamp
from exporter.triage.explain import Json, explain, find_view
from exporter.triage.postmortem import Subject, postmortem
from exporter.triage.timeline import (
    Moment,
    from_entries,
    from_facts,
    from_reports,
    from_standing,
    in_order,
)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The sources of a postmortem: a snapshot, and the records in the output ``folder``."""

    snapshot: Snapshot
    folder: Path
    links: Links

    def of_day(self, day: Partition) -> str:
        """Return one day's postmortem in Markdown. Raises UserError if it is not judged."""
        view = find_view(self.snapshot, day)
        explanation = self._explained(view)
        entries, gaps = self._log()
        ids = frozenset(one.id for one in self.snapshot.incidents if day in one.days)
        traces = (
            *from_facts(view.facts),
            *from_reports(self.folder, day),
            *from_entries(entries, day, ids),
        )
        about = Subject(f"partition {day}", explanation["as_of"], gaps=gaps)
        return postmortem(about, [explanation], in_order(traces))

    def of_incident(self, text: str) -> str:
        """Return an incident's postmortem in Markdown; ``text`` is the beginning of its id.

        Days no longer judged have only their records. Raises UserError if there is no such
        incident.
        """
        known = {one.id: one for one in self.snapshot.incidents}
        incident = known[find_id(text, known)]
        views = {view.partition: view for view in self.snapshot.window if view.partition in incident.days}
        names = checks_of(incident, views.values())
        alerts = frozenset(check.alert for check in self.snapshot.checks if check.name in names) or None
        entries, gaps = self._log()
        traces = [
            Moment(moment.at, f"{day}: {moment.what}")
            for day in incident.days
            for moment in (
                *(from_facts(views[day].facts) if day in views else ()),
                *from_reports(self.folder, day, alerts),
                *from_entries(entries, day, frozenset()),
            )
        ]
        said = texts_of(self.snapshot.feed, incident)
        about = Subject(
            f"incident {incident.id}, {said.headline}",
            timestamp(self.snapshot.as_of_ns),
            (" ".join(said.text.splitlines()),),
            gaps,
        )
        days = [_narrowed(self._explained(view), names) for view in views.values()]
        standing = from_standing(entries, frozenset({incident.id}))
        return postmortem(about, days, in_order([*traces, *standing]))

    def _log(self) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
        """Return the entries of the gate's audit log, and what it can no longer say."""
        try:
            book = AuditLog(self.folder / AUDIT).read()
        except OSError as error:
            return (), (f"{AUDIT}: {reason_of(error)}",)
        return book.entries, () if book.damage is None else (book.damage,)

    def _explained(self, view: PartitionView) -> Json:
        return explain(self.snapshot, view, None, self.links)


def checks_of(incident: Incident, views: Iterable[PartitionView]) -> frozenset[str]:
    """Return the checks of an incident, on any of its days."""
    key = (incident.name, incident.subject)
    explained = (problem.names for view in views for problem in view.problems if problem.key == key)
    return frozenset(name for names in (*explained, *incident.checks.values()) for name in names)


def _narrowed(explanation: Json, names: frozenset[str]) -> Json:
    """Leave out checks in breach of other incidents."""
    return explanation | {"checks": [check for check in explanation["checks"] if check["check"] in names]}
