"""The snapshot as what the status page shows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import exporter
from exporter.checks.check import Alert, State
from exporter.checks.held import told_of
from exporter.checks.units import finding_words
from exporter.gate.days import runs_of_days
from exporter.gate.entry import Held
from exporter.gate.gate import SINGLE_LINES, Status
from exporter.incidents.incident import Incident, Standing
from exporter.incidents.telling import severity_name, tell
from exporter.metric import Figures
from exporter.model import NANOSECONDS
from exporter.pipeline.snapshot import PartitionView, Snapshot, worst
from exporter.pipeline.vitals import Vitals
from exporter.server.index import FeedLine
from exporter.server.page import AlertLine, IncidentLine, PartitionLine, StatusPage


def status_model(
    snapshot: Snapshot, vitals: Vitals, directory: Path, telemetry_path: str, root: str = ""
) -> StatusPage:
    """Pick what a person wants to see first; ``root`` leads from the page to the exporter's own."""
    return StatusPage(
        title="puffy-exporter",
        version=exporter.__version__,
        status=_status(snapshot, vitals),
        as_of=datetime.fromtimestamp(snapshot.as_of_ns / NANOSECONDS, UTC),
        feed=snapshot.feed,
        data_directory=str(directory),
        refreshed_at=None
        if vitals.last_success_at is None
        else datetime.fromtimestamp(vitals.last_success_at, UTC),
        refresh_seconds=vitals.last_pass_seconds,
        partitions=tuple(_partition(view) for view in snapshot.window),
        incidents=tuple(
            _incident(snapshot.feed, incident)
            for incident in snapshot.incidents
            if incident.state is Standing.OPEN and (incident.told or incident.severity is None)
        ),
        alerts=tuple(_alert(alert) for alert in snapshot.firing),
        holds=tuple(_holds(snapshot.gate)),
        problems=vitals.problems if snapshot.blind is None else (snapshot.blind, *vitals.problems),
        telemetry_path=telemetry_path,
        root=root,
        stages=snapshot.stages,
        revenue=snapshot.revenue,
    )


def feed_line(name: str, snapshot: Snapshot, vitals: Vitals, problems: Sequence[str]) -> FeedLine:
    """Pick what the list of feeds says of one."""
    newest = max((view.partition for view in snapshot.window), default=None)
    blind = () if snapshot.blind is None else (snapshot.blind,)
    status = _status(snapshot, vitals)
    return FeedLine(
        feed=snapshot.feed,
        name=name,
        status="warning" if problems and status == "ok" else status,
        newest=newest,
        firing=len(snapshot.firing),
        holds=len(snapshot.gate.holds),
        closed=snapshot.gate.closed,
        problems=(*problems, *blind, *vitals.problems),
    )


def _status(snapshot: Snapshot, vitals: Vitals) -> str:
    """Return the worst that is known, of the days and of the exporter itself."""
    if snapshot.blind or vitals.blind:
        return "critical"
    return worst(snapshot.firing) or ("ok" if vitals.last_pass_succeeded else "warning")


def _holds(gate: Status) -> Iterator[str]:
    """Yield a line for each hold; many days of one check are one line."""
    for check, holds in gate.group():
        days = {held.partition for held in holds}
        if len(days) > SINGLE_LINES:
            yield f"{check} on {len(days)} days: {', '.join(runs_of_days(days))}"
        else:
            yield from (_hold(held, repaired=held.key in gate.repaired) for held in holds)


def _hold(held: Held, *, repaired: bool) -> str:
    since = f"{held.at:%Y-%m-%d %H:%M} UTC"
    return f"{held.partition} {held.check}, since {since}" + (", repaired since" if repaired else "")


def _partition(view: PartitionView) -> PartitionLine:
    figures = view.figures
    standing = tuple(alert for alert in view.alerts if alert.state is not State.ACKNOWLEDGED)
    return PartitionLine(
        partition=view.partition,
        status=worst(standing) or "ok",
        raw_rows=_rows(figures, "raw"),
        clean_rows=_rows(figures, "clean"),
        reject_rows=_rows(figures, "rejects"),
        reject_ratio=figures.get("puffy_partition_reject_ratio", {}).get(()),
        raw_revenue=figures.get("puffy_partition_revenue", {}).get(("raw",)),
        firing=sum(alert.state is State.FIRING for alert in view.alerts),
    )


def _rows(figures: Figures, stage: str) -> int | None:
    rows = figures.get("puffy_partition_rows", {}).get((stage,))
    return None if rows is None else int(rows)


def _incident(feed: str, incident: Incident) -> IncidentLine:
    said = tell(feed, incident)
    return IncidentLine(
        id=incident.id,
        severity=severity_name(incident.severity),
        headline=said.headline,
        text=said.text,
        next_step=said.next_step,
        owner=incident.owner,
    )


def _alert(alert: Alert) -> AlertLine:
    return AlertLine(
        severity=alert.severity,
        alert=alert.check.alert,
        partition=alert.partition,
        figures=finding_words(alert),
        owner=alert.check.owner,
        summary=" ".join(filter(None, (alert.check.summary, told_of(alert)))),
    )
