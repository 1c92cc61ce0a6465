"""What happened to a day is told in words, from the gate's log and from its incidents."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from exporter.gate.audit import AuditLog
from exporter.gate.entry import Acknowledged, Entry, Held, Released, Revoked, StandingAcknowledgement
from exporter.incidents.incident import DayState, Incident, Standing, Why
from exporter.incidents.words import Words
from exporter.triage.timeline import from_entries, from_incidents

DAY, OTHER = date(2025, 3, 5), date(2025, 3, 6)
AT, LATER = datetime(2025, 3, 7, 7, tzinfo=UTC), datetime(2025, 3, 9, tzinfo=UTC)
ENTRIES: tuple[Entry, ...] = (
    Held(AT, DAY, "silence", "abc", "critical", 1.0, 0.0),
    Released(AT, DAY, ("abc",), "def"),
    Acknowledged(AT, DAY, ("abc",), "ada", "known outage", ("silence",), LATER, "exclude"),
    Acknowledged(AT, DAY, ("abc",), "bob", "fine"),
    StandingAcknowledgement(AT, "1234567890", "gap", "", "warning", DAY, LATER, "eve", "every week"),
    Revoked(AT, "1234567890", "eve", "fixed"),
    Held(AT, OTHER, "silence", "abc", "critical", 1.0, 0.0),
    Revoked(AT, "ffffffffff", "eve", "another"),
)
INCIDENT = Incident(
    id="1234567890",
    name="gap",
    subject="",
    severity=None,
    owner="team",
    since=DAY,
    days={DAY: DayState.BAD},
    state=Standing.OPEN,
    why=None,
    notified=True,
    words=Words("a gap", "", "", "", "gap"),
    checks={},
)


def test_entries_are_told_as_sentences_and_those_of_others_are_not() -> None:
    """Who answered, for what, until when and why."""
    assert [moment.what for moment in from_entries(ENTRIES, DAY, frozenset({"1234567890"}))] == [
        "the load is held: silence (critical)",
        "the hold ends: content that had been judged good is back",
        "ada acknowledges silence until 2025-03-09 00:00 UTC, as baseline: exclude: known outage",
        "bob acknowledges every check: fine",
        "eve acknowledges later days of incident 1234567890 until 2025-03-09 00:00 UTC: every week",
        "eve ends the standing acknowledgement for incident 1234567890: fixed",
    ]
    assert list(from_entries(ENTRIES, date(2025, 3, 7), frozenset())) == []


def test_the_end_of_an_incident_is_told_once_it_has_come() -> None:
    """An open one says nothing."""
    ended = replace(INCIDENT, state=Standing.RESOLVED, why=Why.REPAIRED, ended_ns=1741250000 * 10**9)
    assert [moment.what for moment in from_incidents((INCIDENT, ended))] == [
        "incident 1234567890 is repaired"
    ]


def test_the_log_is_asked_about_a_day_and_an_incident_alone(tmp_path: Path) -> None:
    """A line of another day is not parsed, be it broken; one that is cut off is no entry."""
    log = AuditLog(tmp_path / "gate_audit.jsonl")
    assert log.about("2025-03-05") == ()
    log.append(lambda _: ENTRIES)
    with log.path.open("a") as file:
        file.write('{"partition":"2025-03-05"}\n{"partition":"2025-03-05"')
    assert log.about("2025-03-05", "1234567890") == ENTRIES[:6]
    assert log.about("2025-03-06") == (ENTRIES[6],)
