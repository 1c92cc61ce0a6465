"""Acknowledge days and incidents; revoke a standing acknowledgement."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import typer

from exporter.checks.deviation import Deviation
from exporter.cli.gating.where import Where, find_folders
from exporter.cli.gating.words import contents_shown, print_decision, to_the_second
from exporter.errors import UserError, reason_of
from exporter.gate.acknowledge import Acknowledgement, acknowledge
from exporter.gate.answer import About, alerts_of, ask, contents_of, read_book, read_report, reading
from exporter.gate.audit import AUDIT, AuditLog
from exporter.gate.days import read_days, runs_of_days
from exporter.gate.entry import StandingAcknowledgement
from exporter.gate.flag import FLAG, show_flag
from exporter.gate.gate import Gate
from exporter.gate.incident import (
    IncidentAcknowledgement,
    Touched,
    acknowledge_incident,
    find_id,
    incidents_of,
    is_incident,
    touched_by,
)
from exporter.gate.incident import revoke as revoke_standing
from exporter.gate.line import write_time
from exporter.gate.request import read_acknowledgement, read_incident_acknowledgement
from exporter.model import Partition

ANOMALY = "anomaly"  # the kind of a check in the report


def acknowledge_named(where: Where, said: Mapping[str, object]) -> int:
    """Acknowledge each given day and incident, and print what that ends."""
    folders = find_folders(where)
    report = read_report(folders.output)
    now = datetime.now(UTC)
    given = {name: value for name, value in said.items() if value is not None}
    named = _named_days(given)
    with reading(folders.output):  # all of it, before anything is recorded
        contents = contents_of(report)
        incidents = [_read_incident(report, known, given) for known in _named_incidents(report, given)]
        days = [_read_day(report, day, given, now) for day in named]
    log = AuditLog(folders.output / AUDIT)
    for incident in incidents:
        _acknowledge_incident(log, incident, contents, now)
    for day in days:
        _acknowledge_day(log, day, contents, now)
    decision = ask(folders, About())
    try:
        show_flag(folders.output, replace(decision.status, blind=decision.unjudged))
    except OSError as error:
        path, reason = folders.output / FLAG, reason_of(error)
        raise UserError(f"recorded, but {path} is outdated until the next pass: {reason}") from None
    print_decision(decision)
    return 0


def _named_days(given: Mapping[str, object]) -> tuple[Partition, ...]:
    return read_days([word for word in str(given["partition"]).split() if not is_incident(word)])


def _named_incidents(report: Mapping[str, Any], given: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
    incidents = incidents_of(report)
    words = [word for word in str(given["partition"]).split() if is_incident(word)]
    ids = [find_id(word, incidents) for word in words]
    _refuse_mixed(given, ids)
    yield from (incidents[known] for known in dict.fromkeys(ids))


@contextmanager
def _recording(log: AuditLog) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"not recorded: {log.path}: {reason_of(error)}") from None


def _refuse_mixed(given: Mapping[str, object], ids: Sequence[str]) -> None:
    """Reject options that do not apply to what is acknowledged."""
    if "standing" in given and not ids:
        raise UserError("--standing: only for an incident, as it covers later days")
    for name, option in (("checks", "--check"), ("content", "--content")):
        if name in given and ids:
            raise UserError(
                f"{option}: not allowed for an incident, which has its own; acknowledge the days instead"
            )


class _Incident(NamedTuple):
    """An incident to acknowledge, and the lines that say what that covers and what it does not."""

    given: IncidentAcknowledgement
    lines: tuple[str, ...]


class _Day(NamedTuple):
    """A day to acknowledge, and the lines that say what that covers and what it does not."""

    given: Acknowledgement
    lines: tuple[str, ...]


def _read_incident(
    report: Mapping[str, Any], incident: Mapping[str, Any], given: Mapping[str, object]
) -> _Incident:
    touched = touched_by(report, incident)
    fields = {name: value for name, value in given.items() if name != "partition"}
    acknowledgement = read_incident_acknowledgement(fields | {"incident": touched.id}, touched)
    head = f"incident {touched.id} ({touched.severity}): {incident['headline']}"
    return _Incident(acknowledgement, (head, *_coverage(report, touched)))


def _coverage(report: Mapping[str, Any], touched: Touched) -> Iterator[str]:
    """Yield what acknowledging an incident covers on each of its days, and what it does not."""
    covered: defaultdict[tuple[str, ...], list[Partition]] = defaultdict(list)
    rest: defaultdict[tuple[str, ...], list[Partition]] = defaultdict(list)
    for day, names in touched.days.items():
        follows, others = _reach(report, day, names)
        covered[*names, *follows].append(day)
        if others:
            rest[tuple(others)].append(day)
    for names, days in covered.items():
        yield f"{' '.join(runs_of_days(days))}: covers {', '.join(names)}"
    for names, days in rest.items():
        yield f"{' '.join(runs_of_days(days))}: not covered, and reported if they fire: {', '.join(names)}"


def _acknowledge_incident(
    log: AuditLog, incident: _Incident, contents: Mapping[Partition, str], now: datetime
) -> None:
    """Acknowledge an incident; print what that covers on each of its days, and what it does not."""
    with _recording(log):
        recorded = acknowledge_incident(log, incident.given, contents, now)
    for line in incident.lines:
        typer.echo(line)
    for entry in recorded:
        if isinstance(entry, StandingAcknowledgement):
            typer.echo(
                f"later days are acknowledged until {write_time(to_the_second(entry.until))},"
                f" if they are no worse than {entry.severity}{_same_side(entry)};"
                f" to end that: puffy-exporter gate revoke {entry.incident} --by NAME --reason TEXT"
            )
        else:
            content = contents_shown(entry) or "unknown"
            typer.echo(f"{entry.partition} acknowledged by {entry.by}: content {content}")
    standing = Gate(read_book(log.path.parent).entries, now).standing_acknowledgements
    if incident.given.touched.id not in {one.incident for one in standing}:
        typer.echo("its later days need an acknowledgement of their own; --standing covers them too")


def _same_side(entry: StandingAcknowledgement) -> str:
    return " and deviate to the same side" if entry.sides else ""


def _read_day(report: Mapping[str, Any], day: Partition, given: Mapping[str, object], now: datetime) -> _Day:
    fields = {name: value for name, value in given.items() if name != "standing"}
    known = report.get("partitions", {}).values()
    checks = frozenset(alert["check"] for one in known for alert in one["alerts"])
    acknowledgement = read_acknowledgement({**fields, "partition": day.isoformat()}, now, checks)
    named = acknowledgement.entry.checks
    return _Day(acknowledgement, tuple(_foretold(report, day, named) if checks.issuperset(named) else ()))


def _acknowledge_day(log: AuditLog, day: _Day, contents: Mapping[Partition, str], now: datetime) -> None:
    for line in day.lines:
        typer.echo(line)
    with _recording(log):
        recorded = acknowledge(log, day.given, contents, now)
    what = ", ".join(recorded.checks) or "all checks"
    shown = contents_shown(recorded)
    typer.echo(f"{recorded.partition} acknowledged by {recorded.by}: {what}, content {shown}")


def revoke(where: Where, incident: str, by: str, reason: str) -> int:
    """End a standing acknowledgement."""
    log = AuditLog(find_folders(where).output / AUDIT)
    with _recording(log):
        ended = revoke_standing(log, incident, by.strip(), reason.strip(), datetime.now(UTC))
    subject = f" of {ended.subject}" if ended.subject else ""
    typer.echo(
        f"the acknowledgement by {ended.by} for incident {ended.incident} ({ended.cause}{subject}) has ended:"
        " its next day needs a new one"
    )
    return 0


def _foretold(report: Mapping[str, Any], day: Partition, checks: tuple[str, ...]) -> Iterator[str]:
    """Yield what else an acknowledgement of single checks covers, and what keeps firing."""
    if not checks:
        return
    covered, rest = _reach(report, day, checks)
    if covered:
        yield f"{day}: covers {', '.join(covered)} as well, which follow from it"
    if rest:
        yield f"{day}: not covered, and reported if they fire: {', '.join(rest)}"


def _reach(report: Mapping[str, Any], day: Partition, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the breaches of a day that follow from the named ones, and those that do not."""
    alerts = {alert["check"]: alert for alert in alerts_of(report, day) if alert["state"] != "acknowledged"}
    causes = [alerts[check] for check in names if check in alerts]
    explained = {name for name in alerts for cause in causes if _follows(alerts[name], cause)}
    covered = sorted(explained - set(names))
    return covered, [name for name in alerts if name not in {*names, *covered}]


def _follows(alert: Mapping[str, Any], cause: Mapping[str, Any]) -> bool:
    """Return whether a breach in the report follows from another."""
    if alert["check"] not in cause["explains"]:
        return False
    if not alert["kind"] == cause["kind"] == ANOMALY:
        return True
    own, other = (Deviation(one["value"], one["limit"], one.get("expected")) for one in (alert, cause))
    return own.follows(other)
