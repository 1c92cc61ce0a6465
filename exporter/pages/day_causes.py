"""What is wrong with a day, each problem once, with the evidence."""

from collections.abc import Iterator
from dataclasses import dataclass

from exporter.history.contributions import Breakdown
from exporter.incidents.incident import Incident
from exporter.incidents.words import percent
from exporter.model import Partition
from exporter.pages.site import Site
from exporter.pipeline.snapshot import PartitionView
from exporter.plain import capitalised, plain
from exporter.report.incidents import problem_document

WHOLE = 10  # below this, a number is rounded


@dataclass(frozen=True, slots=True)
class PartLine:
    """One value's contribution to a total, usual and on the day, and its part of the change."""

    value: str
    usual: str
    found: str
    change: str
    contribution: str


@dataclass(frozen=True, slots=True)
class CauseCard:
    """One problem. ``anchor`` is its anchor on the page, empty if its check's line is the anchor."""

    anchor: str
    name: str
    title: str
    subject: str
    severity: str
    state: str
    confidence: str  # empty for a check that no cause explains
    lines: tuple[str, ...]
    next_step: str
    evidence: tuple[tuple[str, str], ...]
    explains: tuple[str, ...]  # checks
    owner: str
    page: str
    runbook: str
    incident: Incident | None
    parts: tuple[PartLine, ...] = ()
    parts_title: str = ""


def causes_of(view: PartitionView, site: Site) -> Iterator[CauseCard]:
    """Yield causes first, then unexplained checks, each worst first."""
    taken: set[str] = set()
    for problem in view.causes_first:
        said, document = view.words[problem.key], problem_document(problem, view.words)
        is_new = problem.cause is not None and problem.name not in taken
        taken.add(problem.name)
        yield CauseCard(
            anchor=problem.name if is_new else "",
            name=problem.name,
            title=capitalised(said.title),
            subject=problem.subject,
            severity=document["severity"],
            state=document["state"],
            confidence=document.get("confidence", ""),
            lines=tuple(filter(None, (said.seen, said.impact))),
            next_step=said.next_step,
            evidence=tuple(_evidence(document.get("evidence", {}))),
            explains=tuple(name for name in document["explains"] if name != problem.name),
            owner=problem.owner,
            page=said.page,
            runbook=said.runbook,
            incident=_incident(site, problem.key, view.partition),
            parts=() if problem.breakdown is None else tuple(_parts(problem.breakdown)),
            parts_title="" if problem.breakdown is None else _title(problem.breakdown),
        )


def incidents_of(site: Site, day: Partition) -> tuple[Incident, ...]:
    """Return the incidents that affect a day."""
    return tuple(incident for incident in site.snapshot.incidents if day in incident.days)


def _incident(site: Site, key: tuple[str, str], day: Partition) -> Incident | None:
    return next((one for one in incidents_of(site, day) if (one.name, one.subject) == key), None)


def _title(breakdown: Breakdown) -> str:
    return f"{breakdown.trend} by {breakdown.column}{' host' if breakdown.type == 'url' else ''}"


def _parts(breakdown: Breakdown) -> Iterator[PartLine]:
    """Yield the values with the largest changes, then all but the first of them together."""
    named = [(plain(part.value) or "none", part) for part in breakdown.parts]
    for name, part in (*named, (f"all but {named[0][0]}", breakdown.others)):
        ratio = part.ratio
        yield PartLine(
            value=name,
            usual=f"{part.usual:,.4g}" if part.usual < WHOLE else f"{part.usual:,.0f}",
            found=f"{part.found:,.0f}",
            change="new" if ratio is None else percent(ratio),
            contribution=percent(breakdown.share(part)).lstrip("+"),
        )


def _evidence(evidence: dict[str, float | str]) -> Iterator[tuple[str, str]]:
    for name, value in evidence.items():
        text = value if isinstance(value, str) else f"{value:,.10g}"
        if text:
            yield name.replace("_", " "), text
