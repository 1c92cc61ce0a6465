"""What happened to a partition and when, collected from all records."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exporter.gate.entry import Acknowledged, Entry, Held, Released, Revoked, StandingAcknowledgement
from exporter.incidents.incident import Incident, Standing
from exporter.incidents.texts import ENDS
from exporter.model import NANOSECONDS, Partition, PartitionFacts
from exporter.report.outputs import past_reports


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """Something that happened, in UTC."""

    at: datetime
    what: str


def from_facts(facts: PartitionFacts) -> Iterator[Moment]:
    """Yield the calendar, arrivals, replacements and task runs of a partition."""
    yield Moment(_instant(facts.day.end_ns), "the day ends")
    yield Moment(_instant(facts.due_ns), "due")
    for stage, known in facts.stages.items():
        if known.arrival_ns is not None:
            yield Moment(_instant(known.arrival_ns), f"{stage} file arrives")
        if known.arrival_ns is None or known.updated_ns > known.arrival_ns:
            yield Moment(_instant(known.updated_ns), f"{stage} file is written again")
    for change in facts.replaced:
        yield Moment(_instant(change.at_ns), f"{change.stage} content is seen to have changed")
    for run in facts.tasks.values():
        yield Moment(run.started_at.astimezone(UTC), f"task {run.task} starts")
        if run.ended_at is not None:
            yield Moment(run.ended_at.astimezone(UTC), f"task {run.task} ends with exit code {run.exit_code}")


def from_reports(
    folder: Path, partition: Partition, alerts_of_interest: frozenset[str] | None = None
) -> Iterator[Moment]:
    """Yield when a partition's alerts began and ended, by the report history in the output folder.

    All of them, or only the named ones.
    """
    before: frozenset[str] = frozenset()
    for path in past_reports(folder):
        report = _object(_read(path))
        at = _parse(report.get("as_of"))
        if at is None:
            continue
        alerts = report.get("alerts")
        firing = frozenset(
            f"{alert['alert']} ({alert['severity']})"
            for alert in (alerts if isinstance(alerts, list) else ())
            if _object(alert).keys() >= {"alert", "severity"}
            and alert.get("partition") == partition.isoformat()
            and (alerts_of_interest is None or alert["alert"] in alerts_of_interest)
        )
        yield from (Moment(at, f"{alert} fires") for alert in sorted(firing - before))
        yield from (Moment(at, f"{alert} no longer fires") for alert in sorted(before - firing))
        before = firing


def from_entries(
    entries: Iterable[Entry], partition: Partition, incidents: frozenset[str]
) -> Iterator[Moment]:
    """Yield holds of a partition, their ends, and acknowledgements of it or of its incidents, by id."""
    for entry in entries:
        if isinstance(entry, StandingAcknowledgement | Revoked):
            yield from from_standing((entry,), incidents)
        elif entry.partition == partition:
            yield Moment(entry.at, _entry_words(entry))


def from_standing(entries: Iterable[Entry], incidents: frozenset[str]) -> Iterator[Moment]:
    """Yield the standing acknowledgements of incidents, by id, and their ends."""
    for entry in entries:
        if isinstance(entry, StandingAcknowledgement | Revoked) and entry.incident in incidents:
            yield Moment(entry.at, _answer_words(entry))


def _entry_words(entry: Held | Released | Acknowledged) -> str:
    if isinstance(entry, Held):
        return f"the load is held: {entry.check} ({entry.severity})"
    if isinstance(entry, Released):
        return "the hold ends: content that had been judged good is back"
    about = ", ".join(entry.checks) or "every check"
    baseline = "" if entry.baseline is None else f", as baseline: {entry.baseline}"
    return f"{entry.by} acknowledges {about}{_until(entry.until)}{baseline}: {entry.reason}"


def _answer_words(entry: StandingAcknowledgement | Revoked) -> str:
    if isinstance(entry, Revoked):
        return f"{entry.by} ends the standing acknowledgement for incident {entry.incident}: {entry.reason}"
    later = f"later days of incident {entry.incident}{_until(entry.until)}"
    return f"{entry.by} acknowledges {later}: {entry.reason}"


def _until(until: datetime | None) -> str:
    return "" if until is None else f" until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def from_incidents(incidents: Iterable[Incident]) -> Iterator[Moment]:
    """Yield the ends of incidents."""
    for incident in incidents:
        if incident.state is not Standing.OPEN and incident.ended_ns is not None and incident.why is not None:
            yield Moment(_instant(incident.ended_ns), f"incident {incident.id} is {ENDS[incident.why]}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # a missing record means nothing
        return ""


def _object(text: object) -> dict[str, Any]:
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except (ValueError, RecursionError):
            return {}
    return text if isinstance(text, dict) else {}


def _parse(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _instant(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / NANOSECONDS, UTC)


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """Sort by time, without duplicates."""
    return sorted(set(moments))
