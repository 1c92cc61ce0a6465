"""Acknowledging an incident: all its bad days at once, and later ones on request."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from exporter.checks.deviation import Side
from exporter.gate.acknowledge import NotAcknowledgedError, refuse_bad_words
from exporter.gate.audit import AuditLog, Book
from exporter.gate.entry import Acknowledged, Baseline, Entry, Revoked, StandingAcknowledgement
from exporter.gate.gate import Gate
from exporter.model import Partition

SHORTEST = 4  # characters of an id that suffice if no other id begins with them
STANDS_DAYS = 30  # that a standing acknowledgement lasts by default
LONGEST_DAYS = 366  # a permanent one would amount to a disabled check
MOST_NAMED = 5  # ids in a message

Json = Mapping[str, Any]

_ID = re.compile(rf"[0-9a-fA-F]{{{SHORTEST},}}")
_DAY = re.compile(r"\d{8}")  # a date without its dashes


class Touched(NamedTuple):
    """What acknowledging an incident affects: its bad days, and the names covered on each."""

    id: str
    cause: str
    subject: str
    severity: str
    last: Partition
    days: Mapping[Partition, tuple[str, ...]]
    begun: Partition  # the first day of a change of level, otherwise of the incident
    sides: tuple[Side, ...] = ()  # to which it deviates


@dataclass(frozen=True, slots=True)
class IncidentAcknowledgement:
    """A person's acknowledgement of an incident.

    With ``stands`` it covers later days too, until ``until``; without, ``until`` is when the acknowledgement
    of the days that are bad now expires.
    """

    touched: Touched
    by: str
    reason: str
    until: datetime | None = None
    baseline: Baseline | None = None
    stands: bool = False
    new_level: bool = False  # the new level is permanent


def is_incident(text: str) -> bool:
    """Return whether an argument can be the beginning of an incident's id and is not a day."""
    return _ID.fullmatch(text) is not None and _DAY.fullmatch(text) is None


def find_id(text: str, ids: Iterable[str]) -> str:
    """Return the one id that begins with a text. Raises NotAcknowledgedError."""
    known = sorted(set(ids))
    wanted = text.lower()
    found = [wanted] if wanted in known else [one for one in known if one.startswith(wanted)]
    if len(text) < SHORTEST:
        raise NotAcknowledgedError(f"incident: {text!r}: at least {SHORTEST} characters of its id are needed")
    if not found:
        listed = f", there are {_listed(known)}" if known else ", there are none"
        raise NotAcknowledgedError(f"incident: no id begins with {text!r}{listed}")
    if len(found) > 1:
        raise NotAcknowledgedError(f"incident: {text!r} is ambiguous, it could be {_listed(found)}")
    return found[0]


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return ", ".join(ids[:MOST_NAMED]) + more


def incidents_of(report: Json) -> Mapping[str, Json]:
    """Return the report's incidents by id; reports of earlier versions have none."""
    return {known["id"]: known for known in report.get("incidents", ())}


def touched_by(report: Json, incident: Json) -> Touched:
    """Return what acknowledging one of the report's incidents covers."""
    bad = [day for day, state in incident["days"].items() if state == "bad"]
    return Touched(
        id=incident["id"],
        cause=incident["cause"],
        subject=incident["subject"],
        severity=incident["severity"],
        last=date.fromisoformat(incident["last"]),
        days={date.fromisoformat(day): _names(report, incident, day) for day in bad},
        begun=_begun(report, incident),
        sides=tuple(sorted(_sides(report, incident))),
    )


def problem_of(report: Json, incident: Json, day: str) -> Json | None:
    """Return the report's entry for an incident's day, or ``None`` if the day is no longer judged."""
    key = (incident["cause"], incident["subject"])
    problems = report.get("partitions", {}).get(day, {}).get("problems", ())
    return next((known for known in problems if (known["cause"], known["subject"]) == key), None)


def _sides(report: Json, incident: Json) -> frozenset[Side]:
    """Return to which side it deviates on its days that are not repaired, as ``Problem.sides`` does."""
    days = (day for day, state in incident["days"].items() if state != "repaired")
    problems = (problem_of(report, incident, day) or {} for day in days)
    return frozenset(side for problem in problems for side in problem.get("sides", {}).items())


def _begun(report: Json, incident: Json) -> Partition:
    """Return the day on which a change of level began, which was reported some days later."""
    problems = (problem_of(report, incident, day) or {} for day in incident["days"])
    days = [problem["evidence"]["since"] for problem in problems if "since" in problem.get("evidence", {})]
    return date.fromisoformat(min([*incident["days"], *days]))


def _names(report: Json, incident: Json, day: str) -> tuple[str, ...]:
    problem = problem_of(report, incident, day)
    if problem is not None:
        checks = problem["explains"]
    else:  # the day is no longer judged; incidents of earlier versions do not know what holds it
        checks = incident.get("held_by", {}).get(day) or incident["checks"]
    return tuple(dict.fromkeys((incident["cause"], *checks)))


def acknowledge_incident(
    log: AuditLog, given: IncidentAcknowledgement, contents: Mapping[Partition, str], now: datetime
) -> tuple[Acknowledged | StandingAcknowledgement, ...]:
    """Acknowledge an incident, completely or not at all; return what was recorded.

    Raises NotAcknowledgedError if it is rejected, and OSError if it cannot be recorded.
    """
    touched = given.touched
    standing = _standing(given, now)
    if not touched.days and not standing:
        raise NotAcknowledgedError(
            f"incident {touched.id}: nothing to acknowledge, all its days are repaired or acknowledged"
        )
    said = [_acknowledged(given, day, names, now) for day, names in sorted(touched.days.items())]
    entries: tuple[Acknowledged | StandingAcknowledgement, ...] = (*said, *standing)
    for entry in entries:
        refuse_bad_words(entry, now)
    made: list[Acknowledged | StandingAcknowledgement] = []

    def decide(book: Book) -> Sequence[Entry]:
        holds = Gate(book.entries, now).holds
        for entry in said:
            seen = {hold.content for hold in holds if hold.partition == entry.partition}
            seen |= {contents[entry.partition]} if entry.partition in contents else set()
            made.append(replace(entry, contents=tuple(sorted(seen))))
        made.extend(standing)
        return made

    log.append(decide)
    return tuple(made)


def _acknowledged(
    given: IncidentAcknowledgement, day: Partition, names: tuple[str, ...], now: datetime
) -> Acknowledged:
    return Acknowledged(
        at=now,
        partition=day,
        contents=(),
        by=given.by,
        reason=given.reason,
        checks=names,
        until=None if given.stands else given.until,
        baseline="include" if given.new_level else given.baseline,
        incident=given.touched.id,
        new_level=given.touched.begun if given.new_level else None,
    )


def _standing(given: IncidentAcknowledgement, now: datetime) -> tuple[StandingAcknowledgement, ...]:
    if not given.stands:
        return ()
    until = given.until or now + timedelta(days=STANDS_DAYS)
    if until > now + timedelta(days=LONGEST_DAYS):
        raise NotAcknowledgedError(f"until: an acknowledgement lasts at most {LONGEST_DAYS} days")
    touched = given.touched
    return (
        StandingAcknowledgement(
            at=now,
            incident=touched.id,
            cause=touched.cause,
            subject=touched.subject,
            severity=touched.severity,
            after=touched.last,
            until=until,
            by=given.by,
            reason=given.reason,
            sides=touched.sides,
        ),
    )


def revoke(log: AuditLog, text: str, by: str, reason: str, now: datetime) -> StandingAcknowledgement:
    """End a standing acknowledgement; return it.

    ``text`` is the beginning of its incident's id. Raises NotAcknowledgedError and OSError.
    """
    ended: list[StandingAcknowledgement] = []

    def decide(book: Book) -> Sequence[Entry]:
        standing = {one.incident: one for one in Gate(book.entries, now).standing_acknowledgements}
        if not standing:
            raise NotAcknowledgedError(f"{text}: no standing acknowledgement is in force")
        ended.append(standing[find_id(text, standing)])
        entry = Revoked(now, ended[0].incident, by, reason)
        refuse_bad_words(entry, now)
        return [entry]

    log.append(decide)
    return ended[0]
