"""The page of one day: whether it can be trusted, why not, and everything known about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.gate.audit import AuditLog
from exporter.model import Partition, Stage, TaskRun
from exporter.pages.day_causes import causes_of, incidents_of
from exporter.pages.day_checks import checks_of
from exporter.pages.day_explained import explained, find_day, text_of
from exporter.pages.day_figures import figure_sections, size
from exporter.pages.day_rows import REJECTED, find_source, shown_by
from exporter.pages.front import Trust, tone_of, verdict
from exporter.pages.grid import day_cell
from exporter.pages.html import render
from exporter.pages.site import Document, Kind, Site, Visit
from exporter.pipeline.snapshot import PartitionView, Snapshot
from exporter.triage.timeline import Moment, from_entries, from_facts, from_incidents, in_order

MOST_MOMENTS = 100


@dataclass(frozen=True, slots=True)
class GateState:
    """Whether the day may be loaded, and what it waits for."""

    closed: bool
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileLine:
    """One stage's file."""

    stage: str
    path: str
    size: str
    format: str
    modified_ns: int | None = None
    arrived_ns: int | None = None
    clock: str = ""
    fingerprint: str = ""
    error: str = ""


def _make(site: Site, visit: Visit) -> Document:
    snapshot = site.snapshot
    view = find_day(snapshot, visit.values["day"])
    explanation, shown = explained(site, view), shown_by(view, snapshot)
    older, newer = _beside(snapshot, view)
    moments = _moments(site, view)
    return Document(
        render(
            "day.html",
            site=site,
            here="../",
            root=f"../{site.root}",
            day=view.partition,
            older=older,
            newer=newer,
            headline=_headline(view, snapshot),
            gate=gate_of(view, snapshot),
            causes=tuple(causes_of(view, site)),
            sections=tuple(figure_sections(view, snapshot)),
            checks=checks_of(view, snapshot, explanation, shown),
            reasons=explanation["reject_reasons"],
            repaired=explanation.get("repaired"),
            shown=shown,
            rejected=REJECTED,
            moments=moments[-MOST_MOMENTS:],
            tasks=tuple(sorted(view.facts.tasks.values(), key=lambda run: run.started_at)),
            task_state=_task_state,
            files=tuple(_files(site, view)),
            beside=view.facts.beside,
            text=text_of(explanation),
        )
    )


def _beside(snapshot: Snapshot, view: PartitionView) -> tuple[Partition | None, Partition | None]:
    """Return the judged days before and after."""
    days = [known.partition for known in snapshot.window]
    place = days.index(view.partition)
    return days[place - 1] if place else None, days[place + 1] if place + 1 < len(days) else None


def _headline(view: PartitionView, snapshot: Snapshot) -> Trust:
    cell, name = day_cell(view), f"{view.partition:%A} {view.partition}"
    rest = "" if view.facts.alertable else "It is too old to raise alerts."
    if snapshot.blind is not None:
        return Trust(
            "critical", f"{name}: nothing can be judged now; this is the last known state.", snapshot.blind
        )
    if view.facts.due_ns > snapshot.as_of_ns:
        return Trust("waiting", f"{name} is not due yet.", "")
    return Trust(tone_of(cell), f"{name} {verdict(view, cell)}", rest)


def gate_of(view: PartitionView, snapshot: Snapshot) -> GateState:
    """Return whether the day may be loaded, as ``puffy-exporter gate wait --partition`` would."""
    gate = snapshot.gate
    blind = gate.blind or snapshot.blind
    if blind is not None:
        return GateState(closed=True, lines=(blind,))
    holds = [held for held in gate.holds if held.partition == view.partition]
    lines = [f"{held.check} ({held.severity}), {gate.since_words(held)}" for held in holds]
    on_record = {held.check for held in holds} | view.facts.acknowledged
    covered = {
        alert.check.name
        for problem in view.problems
        if problem.key in view.facts.standing
        for alert in problem.alerts
    }
    lines += [
        f"{alert.check.name} ({alert.severity}), not on record yet"
        for alert in view.alerts
        if alert.blocks and alert.check.name not in on_record | covered
    ]
    if Stage.RAW not in view.facts.stages:
        lines.append("the raw file is missing")
    return GateState(bool(lines), tuple(lines))


def _moments(site: Site, view: PartitionView) -> list[Moment]:
    incidents = incidents_of(site, view.partition)
    ids = frozenset(incident.id for incident in incidents)
    try:
        entries = AuditLog(site.audit).about(view.partition.isoformat(), *ids)
    except OSError:  # an absent trace means nothing
        entries = ()
    return in_order(
        (
            *from_facts(view.facts),
            *from_entries(entries, view.partition, ids),
            *from_incidents(incidents),
        )
    )


def _task_state(run: TaskRun) -> str:
    if run.exit_code is not None:
        return "ok" if run.exit_code == 0 else "failed"
    return "never ended" if run.unended else "running"


def _files(site: Site, view: PartitionView) -> Iterator[FileLine]:
    for stage in site.snapshot.stages:
        table, known = site.snapshot.tables.get(stage), view.facts.stages.get(stage)
        form = "" if table is None else f"{table.form.format}, {table.form.encoding}"
        path = "" if table is None else table.path.format(view.partition)
        if known is None:
            yield FileLine(stage.value, path, "not there", form)
            continue
        found = None if table is None else find_source(site, table, known, view)
        yield FileLine(
            stage=stage.value,
            path=path if found is None else found.path.relative_to(site.directory).as_posix(),
            size=size(known.size_bytes),
            format=form,
            modified_ns=known.updated_ns,
            arrived_ns=known.arrival_ns,
            clock="by the exporter's clock" if known.arrival_clock == "seen" else "by the file's time",
            fingerprint="" if known.profile is None else known.profile.fingerprint,
            error=known.error or "",
        )


PAGE: Kind[Site] = Kind("partitions/{day}", _make)
