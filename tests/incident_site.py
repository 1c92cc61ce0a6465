"""A feed whose newest days lost a column, as its pages receive it."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from written import write_day

from exporter.cli.feeds import read_config
from exporter.cli.places import Places
from exporter.cli.wiring import build_refresher
from exporter.gate.acknowledge import Acknowledgement, acknowledge
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.incident import acknowledge_incident, incidents_of, touched_by
from exporter.gate.request import read_acknowledgement, read_incident_acknowledgement
from exporter.incidents.incident import Incident
from exporter.links import Links
from exporter.pages.site import Site
from exporter.pipeline.refresh import Refresher
from exporter.report.incidents import incidents_report

LAST = date(2025, 3, 10)
NOON = "2025-03-11T12:00:00Z"


class Shown:
    """The feed after a pass: its site, and people's answers."""

    def __init__(self, refresher: Refresher, folder: Path) -> None:
        self.refresher, self.folder = refresher, folder
        self.site = self.look()

    def look(self) -> Site:
        """Look once more."""
        snapshot = self.refresher.refresh().snapshot
        self.site = Site(
            snapshot,
            self.refresher.vitals,
            self.folder / "data",
            self.folder / "out" / AUDIT,
            Links(exporter="https://puffy.example"),
            name="Shop",
        )
        return self.site

    @property
    def lost(self) -> Incident:
        """The incident of the lost column."""
        (found,) = (one for one in self.site.snapshot.incidents if one.name == "column_missing")
        return found

    def answer(self, *, at: datetime | None = None, **said: object) -> None:
        """Acknowledge it."""
        report = incidents_report(self.site.snapshot)
        fields = {"incident": self.lost.id, "by": "Ann", "reason": "known", **said}
        given = read_incident_acknowledgement(fields, touched_by(report, incidents_of(report)[self.lost.id]))
        acknowledge_incident(AuditLog(self.site.audit), given, self._contents, at or datetime.now(UTC))

    def answer_day(self, day: date, **said: object) -> None:
        """Acknowledge a day."""
        now = datetime.now(UTC)
        fields = {"partition": day.isoformat(), "by": "Bea", "reason": "looked", **said}
        given: Acknowledgement = read_acknowledgement(
            fields, now, frozenset(one.name for one in self.site.snapshot.checks)
        )
        acknowledge(AuditLog(self.site.audit), given, self._contents, now)

    @property
    def _contents(self) -> dict[date, str]:
        return {view.partition: view.facts.content for view in self.site.snapshot.window}


def shown(folder: Path, *, bad: int = 2) -> Shown:
    """Write ten days, the newest of which are ``bad``, and look at them."""
    for back in range(10):
        write_day(folder / "data", LAST - timedelta(days=back), without=("referrer",) if back < bad else ())
    places = Places(folder / "data", folder / "out")
    refresher = build_refresher(read_config(None, None), places, None, NOON, threading.Event())
    refresher.judge.ledger = replace(refresher.judge.ledger, past=False)  # a second pass keeps them
    refresher.open_state = lambda: None  # nor does it begin again with a state of its own
    return Shown(refresher, folder)
