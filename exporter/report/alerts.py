"""The alerts file: a line for everything that is firing, open or held."""

from collections.abc import Iterator, Mapping

from exporter.causes.problem import Problem, rank
from exporter.checks.check import Alert, Severity
from exporter.checks.held import told_of
from exporter.gate.days import runs_of_days
from exporter.incidents.incident import Incident
from exporter.incidents.texts import held_line, since_words
from exporter.incidents.words import LONGEST_TITLE
from exporter.model import Partition
from exporter.pipeline.snapshot import Snapshot, worst
from exporter.plain import cut
from exporter.report.document import number

INCIDENT = "PuffyIncident"  # the alert in Prometheus
GATE = "PuffyGateClosed"
BLIND = "PuffyBlind"

Key = tuple[Partition, str]  # a day and a check


def alerts_text(snapshot: Snapshot) -> str:
    """Return one line per finding, or one saying that there are none or that nothing can be judged.

    These are the firing alerts, then causes and incidents that no alert speaks for, then held days that
    nothing before has named: unless it says OK, nothing is open and the gate is not closed.
    """
    lines = [] if snapshot.blind is None else [blind_line(snapshot.blind)]
    lines += [_alert_line(alert) for alert in snapshot.firing]
    lines += [_cause_line(day, problem) for day, problem in snapshot.lone_causes]
    unsaid = tuple(_unsaid(snapshot))
    lines += map(_incident_line, unsaid)
    lines += _gate_lines(snapshot, unsaid)
    return "".join(lines or ["OK - No alerts\n"])


def blind_line(reason: str) -> str:
    """Return the line that says why nothing can be judged."""
    return _line(Severity.CRITICAL, BLIND, reason)


def _line(severity: Severity | None, *parts: str) -> str:
    words = "" if severity is None else severity.value.upper()
    return " - ".join((words, *filter(None, parts))) + "\n"


def _alert_line(alert: Alert) -> str:
    figures = f"value={number(alert.value):.10g} limit={number(float(alert.limit)):.10g}"
    return _line(
        alert.severity,
        alert.check.alert,
        alert.partition.isoformat(),
        f"{figures} owner={alert.check.owner}",
        alert.check.summary,
        told_of(alert) or "",
    )


def _cause_line(day: Partition, problem: Problem) -> str:
    about = f"cause={problem.name} owner={problem.owner}"
    title = "" if problem.finding is None else cut(problem.finding.title, LONGEST_TITLE)
    return _line(problem.severity, INCIDENT, day.isoformat(), about, title)


def _incident_line(incident: Incident) -> str:
    about = f"cause={incident.name} owner={incident.owner} incident={incident.id}"
    words = (incident.words.title, since_words(incident), held_line(incident))
    return _line(incident.severity, INCIDENT, incident.last.isoformat(), about, *words)


def _unsaid(snapshot: Snapshot) -> Iterator[Incident]:
    """Yield the open incidents that no line of their severity speaks for: their days are too old to alert."""
    firing = {(alert.partition, alert.check.name): alert.severity for alert in snapshot.firing}
    for incident in snapshot.told:
        said = worst((*_severities(incident, firing), *_causes(incident, snapshot)))
        if said is None or rank(said) > rank(incident.severity):
            yield incident


def _severities(incident: Incident, firing: Mapping[Key, Severity]) -> Iterator[Severity]:
    for day, names in incident.checks.items():
        yield from (firing[day, name] for name in names if (day, name) in firing)


def _causes(incident: Incident, snapshot: Snapshot) -> Iterator[Problem]:
    for day, problem in snapshot.lone_causes:
        if problem.key == (incident.name, incident.subject) and day in incident.days:
            yield problem


def _gate_lines(snapshot: Snapshot, incidents: tuple[Incident, ...]) -> Iterator[str]:
    """Yield a line for each check that holds days which neither an alert nor an incident has named."""
    gate = snapshot.gate
    if gate.blind is not None and gate.blind != snapshot.blind:
        yield _line(Severity.CRITICAL, GATE, gate.blind)
    named = {(alert.partition, alert.check.name) for alert in snapshot.firing if alert.blocks}
    named |= {(day, name) for one in incidents for day, names in one.held_by.items() for name in names}
    for check, holds in gate.group():
        left = [held for held in holds if (held.partition, held.check) not in named]
        if not left:
            continue
        days = " ".join(runs_of_days(held.partition for held in left))
        repaired = " Its files are good now." if all(held.key in gate.repaired for held in left) else ""
        yield _line(
            worst(map(snapshot.severity_of, left)),
            GATE,
            max(held.partition for held in left).isoformat(),
            f"check={check}",
            f"Load of {days} is held.{repaired} "
            f"To release it: puffy-exporter gate ack {days} --by NAME --reason TEXT",
        )
