"""An incident's acknowledgements in the gate's log at the time of the request."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from exporter.errors import reason_of
from exporter.gate.audit import AuditLog, Book
from exporter.gate.days import runs_of_days
from exporter.gate.entry import Acknowledged, Revoked, StandingAcknowledgement
from exporter.gate.gate import Gate
from exporter.incidents.incident import Incident
from exporter.model import NANOSECONDS, Partition
from exporter.pages.site import Site


@dataclass(frozen=True, slots=True)
class Said:
    """One acknowledgement: by whom, when and why, for what, until when, and why it is no longer in force."""

    at: datetime
    by: str
    reason: str
    about: str
    until: datetime | None
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The acknowledgements of one incident, newest first. ``problem``: why they are unknown."""

    said: tuple[Said, ...] = ()
    days: frozenset[Partition] = frozenset()  # that are acknowledged
    problem: str = ""


def answers_to(site: Site, incident: Incident, names: frozenset[str]) -> Answers:
    """Read an incident's acknowledgements; ``names`` are those of its cause and its checks."""
    try:
        book = AuditLog(site.audit).read()
    except OSError as error:
        reason = reason_of(error)
        return Answers(problem=f"{site.audit.name} cannot be read: {reason}")
    now = _now(site)
    said = [*_of_days(book, site, incident, names, now), *_beforehand(book, incident, now)]
    gate = Gate(book.entries, now)
    return Answers(
        said=tuple(sorted(said, key=lambda one: one.at, reverse=True)),
        days=frozenset(day for name, day in gate.incident_days if name == incident.id),
        problem=book.damage or "",
    )


def _now(site: Site) -> datetime:
    """Return the time for expiry: the page may be older than the newest acknowledgement."""
    return (
        datetime.fromtimestamp(site.snapshot.as_of_ns / NANOSECONDS, UTC)
        if site.is_what_if
        else datetime.now(UTC)
    )


def _of_days(
    book: Book, site: Site, incident: Incident, names: frozenset[str], now: datetime
) -> Iterator[Said]:
    """Yield the acknowledgements of bad days; those of many days at once are one."""
    made: dict[Said, list[Acknowledged]] = {}
    for entry in book.entries:
        if isinstance(entry, Acknowledged) and _is_about(entry, incident, names):
            made.setdefault(Said(entry.at, entry.by, entry.reason, "", entry.until), []).append(entry)
    contents = {view.partition: view.facts.content for view in site.snapshot.window}
    for said, entries in made.items():
        days = runs_of_days(entry.partition for entry in entries)
        ended = _why_over(entries, contents, now)
        yield Said(said.at, said.by, said.reason, ", ".join(days), said.until, ended)


def _is_about(entry: Acknowledged, incident: Incident, names: frozenset[str]) -> bool:
    if entry.incident:
        return entry.incident == incident.id
    return entry.partition in incident.days and (not entry.checks or not names.isdisjoint(entry.checks))


def _why_over(entries: Iterable[Acknowledged], contents: Mapping[Partition, str], now: datetime) -> str:
    if any(entry.has_lapsed(now) for entry in entries):
        return "it has expired"
    judged = [entry for entry in entries if entry.partition in contents]
    if judged and not any(contents[entry.partition] in entry.contents for entry in judged):
        return "it was for different content"
    return ""


def _beforehand(book: Book, incident: Incident, now: datetime) -> Iterator[Said]:
    """Yield the standing acknowledgements."""
    entries = book.entries
    ends = [one for one in entries if isinstance(one, Revoked) and one.incident == incident.id]
    standing = Gate(entries, now).standing_acknowledgements
    for entry in entries:
        if not isinstance(entry, StandingAcknowledgement) or entry.incident != incident.id:
            continue
        ended = "" if entry in standing else _why_ended(entry, ends, now)
        about = f"days after {entry.after} as well"
        yield Said(entry.at, entry.by, entry.reason, about, entry.until, ended)


def _why_ended(entry: StandingAcknowledgement, ends: Iterable[Revoked], now: datetime) -> str:
    end = min((one for one in ends if one.at >= entry.at), key=lambda one: one.at, default=None)
    if end is not None:
        return f"ended by {end.by} on {end.at:%Y-%m-%d}: {end.reason}"
    return "it has expired" if entry.has_lapsed(now) else "a newer one is in force"
