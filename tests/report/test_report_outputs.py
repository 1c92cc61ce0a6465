"""The files we leave: whole, bounded, each on its own."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from feeds import RULES
from made import CALENDAR, DAY, facts, profile

from exporter.checks.check import Severity
from exporter.durable import replace_file
from exporter.gate.answer import REPORT
from exporter.gate.entry import Held
from exporter.gate.gate import Status
from exporter.incidents.incident import DayState, Incident, Standing, Why
from exporter.incidents.words import Words
from exporter.links import Links
from exporter.pipeline.assemble import Assembler
from exporter.pipeline.snapshot import Snapshot
from exporter.pipeline.vitals import Vitals
from exporter.report.document import report_heading
from exporter.report.outputs import ALERTS, HISTORY, Outputs
from exporter.report.render import ReportRenderer


def snapshot(hours: int = 0, **raw: Any) -> Snapshot:
    """Return one partition, looked at some hours after it was due."""
    now = CALENDAR.due_ns(DAY) + (1 + hours * 3600) * 10**9
    return Assembler(RULES).assemble([], [facts(raw=profile(**raw))], as_of_ns=now, generated_ns=now)


def write(outputs: Outputs, shot: Snapshot) -> tuple[str, ...]:
    """Write all files of a snapshot."""
    return outputs.write(shot, report_heading(shot, Vitals()), ReportRenderer(Links()).render(shot))


def kept(folder: Path) -> list[str]:
    """Return the names in the history."""
    return sorted(path.name for path in (folder / HISTORY).iterdir())


def test_report_alerts_and_history_are_written(tmp_path: Path) -> None:
    """The folder is made where it lacks."""
    outputs = Outputs(tmp_path / "new" / "out")
    assert write(outputs, snapshot()) == ()
    assert json.loads((outputs.folder / REPORT).read_text())["status"] == "ok"
    assert (outputs.folder / ALERTS).read_text() == "OK - No alerts\n"
    assert kept(outputs.folder) == ["monitoring_report_20250306T060001Z.json"]


def test_a_report_that_says_the_same_is_not_kept_again(tmp_path: Path) -> None:
    """Across a restart too; one that says something else is."""
    outputs = Outputs(tmp_path)
    write(outputs, snapshot())
    write(outputs, snapshot(hours=1))
    write(Outputs(tmp_path), snapshot(hours=2))
    assert len(kept(tmp_path)) == 1
    assert json.loads((tmp_path / REPORT).read_text())["generated_at"] == "2025-03-06T08:00:01Z"
    write(outputs, snapshot(hours=3, malformed_rows=500))
    assert len(kept(tmp_path)) == 2


def test_the_history_is_bounded(tmp_path: Path) -> None:
    """The newest are kept."""
    outputs = Outputs(tmp_path, keep=3)
    for hours in range(6):
        write(outputs, snapshot(hours=hours, malformed_rows=hours))
    assert kept(tmp_path) == [f"monitoring_report_20250306T{6 + hours:02}0001Z.json" for hours in (3, 4, 5)]


def test_without_a_history_none_is_kept(tmp_path: Path) -> None:
    """A limit of zero switches it off."""
    write(Outputs(tmp_path, keep=0), snapshot())
    assert not (tmp_path / HISTORY).exists()


def test_one_file_that_cannot_be_written_costs_only_itself(tmp_path: Path) -> None:
    """The others are written, the failure is counted and told in a line."""
    (tmp_path / REPORT).mkdir()
    (tmp_path / REPORT / "in the way").touch()
    outputs = Outputs(tmp_path)
    (line,) = write(outputs, snapshot())
    assert line.startswith("report not written: ")
    assert outputs.errors == {"report": 1, "alerts": 0, "history": 0}
    assert (tmp_path / ALERTS).is_file()
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """Two writers and a reader at the same time: every content read is one that was written."""
    path = tmp_path / "file"
    contents = [bytes([letter]) * 300_000 for letter in b"ab"]
    replace_file(path, contents[0])

    def keep_writing(content: bytes) -> None:
        for _ in range(100):
            replace_file(path, content)

    writers = [Thread(target=keep_writing, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(path.read_bytes())
    assert seen <= set(contents)
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_writer_left_is_overwritten(tmp_path: Path) -> None:
    """The temporary name is always the same, so litter cannot grow."""
    path = tmp_path / "file"
    (tmp_path / ".file.tmp").write_text("half of")
    replace_file(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_a_cause_without_a_check_in_breach_is_in_status_and_alerts(tmp_path: Path) -> None:
    """People are notified of it, so the day is not fine."""
    outputs = Outputs(tmp_path)
    write(outputs, snapshot(repeated_headers=1, repeated_header_lines=(5,)))
    report = json.loads((tmp_path / REPORT).read_text())
    assert (report["status"], report["partitions"][str(DAY)]["status"], report["alerts"]) == (
        "warning",
        "warning",
        [],
    )
    (line,) = (tmp_path / ALERTS).read_text().splitlines()
    assert line.startswith(
        f"WARNING - PuffyIncident - {DAY} - cause=header_repeated owner=data-engineering - "
    )


@pytest.mark.parametrize("hours", [0, 5])
def test_the_alerts_file_follows_the_report(tmp_path: Path, hours: int) -> None:
    """A line for each firing alert."""
    outputs = Outputs(tmp_path)
    write(outputs, snapshot(hours=hours, longest_silence_seconds=9000, malformed_rows=500))
    lines = (tmp_path / ALERTS).read_text().splitlines()
    assert [line.split(" - ")[1] for line in lines] == ["PuffyMalformedRows", "PuffySilence"]
    assert lines[1].startswith(
        "WARNING - PuffySilence - 2025-03-05 - value=9000 limit=7200 owner=data-engineering - "
    )
    assert timedelta(hours=hours) >= timedelta()


def test_the_alerts_file_has_a_line_for_a_cause_without_an_alert(tmp_path: Path) -> None:
    """As the report's status, and that of the day, follow it too; information is left out."""
    outputs = Outputs(tmp_path)
    write(outputs, snapshot(repeated_headers=1, repeated_header_lines=(502,)))
    (line,) = (tmp_path / ALERTS).read_text().splitlines()
    assert line == (
        "WARNING - PuffyIncident - 2025-03-05 - cause=header_repeated "
        "owner=data-engineering - header repeated once in the raw file in line 502"
    )
    report = json.loads((tmp_path / REPORT).read_text())
    assert (report["status"], report["partitions"]["2025-03-05"]["status"]) == ("warning", "warning")
    write(outputs, snapshot(columns=(*profile().columns, "currency")))
    assert (tmp_path / ALERTS).read_text() == "OK - No alerts\n"
    assert json.loads((tmp_path / REPORT).read_text())["status"] == "ok"


def test_an_alerts_file_that_says_the_same_is_not_written_again(tmp_path: Path) -> None:
    """One that somebody removed or changed is, and so is one that says something else."""
    outputs, path = Outputs(tmp_path), tmp_path / ALERTS
    write(outputs, snapshot())
    written = path.stat().st_ino
    write(outputs, snapshot(hours=1))
    assert path.stat().st_ino == written
    path.write_text("mine\n")
    write(outputs, snapshot(hours=2))
    assert path.read_text() == "OK - No alerts\n"
    path.unlink()
    write(outputs, snapshot(hours=3))
    assert path.read_text() == "OK - No alerts\n"
    write(outputs, snapshot(hours=3, malformed_rows=500))
    assert path.read_text().startswith("WARNING - PuffyMalformedRows")


def held(day: date, check: str = "schema_mismatch", severity: str = "critical", content: str = "abc") -> Held:
    """Return a hold on a day."""
    return Held(datetime(2025, 3, 6, tzinfo=UTC), day, check, content, severity, 1.0, 1.0)


def open_incident(**how: Any) -> Incident:
    """Return a critical incident that people were notified of, whose only day is too old to alert."""
    old = DAY - timedelta(days=8)
    known = Incident(
        id="3ac85ea633",
        name="column_missing",
        subject="referrer",
        severity=Severity.CRITICAL,
        owner="data-engineering",
        since=old,
        days={old: DayState.BAD},
        state=Standing.OPEN,
        why=None,
        notified=True,
        words=Words("column referrer is missing", "", "", "", "column_missing"),
        checks={},
        held_by={old: ("schema_mismatch",)},
    )
    return replace(known, **how)


def written(folder: Path, shot: Snapshot) -> tuple[str, list[str]]:
    """Return the status and the lines of the alerts file."""
    write(Outputs(folder), shot)
    return json.loads((folder / REPORT).read_text())["status"], (folder / ALERTS).read_text().splitlines()


def test_an_open_incident_outlives_its_alerts_in_the_alerts_file_and_the_status(tmp_path: Path) -> None:
    """Nobody reacted, and its day is too old to alert: it is still open, and its load still held."""
    one = open_incident()
    shot = replace(snapshot(), incidents=(one,), gate=Status((held(one.last),)))
    status, lines = written(tmp_path, shot)
    assert status == "critical"
    assert lines == [
        (
            "CRITICAL - PuffyIncident - 2025-02-25 - cause=column_missing owner=data-engineering "
            "incident=3ac85ea633 - column referrer is missing - Load of 2025-02-25 is held. "
            "To release it: puffy-exporter gate ack 3ac85ea633 --by NAME --reason TEXT"
        )
    ]


@pytest.mark.parametrize(
    "how",
    [
        {"state": Standing.ACKNOWLEDGED, "why": Why.ACKNOWLEDGED},
        {"state": Standing.RESOLVED, "why": Why.NEXT_DAY_GOOD, "good_days": 1},
        {"notified": False},
        {"severity": None},
    ],
    ids=["acknowledged", "over", "nobody was notified", "information"],
)
def test_what_waits_for_nobody_is_not_in_the_alerts_file(tmp_path: Path, how: dict[str, Any]) -> None:
    """An incident that has ended, that was old when it was found, or that is only worth knowing."""
    shot = replace(snapshot(), incidents=(open_incident(**how),))
    assert written(tmp_path, shot) == ("ok", ["OK - No alerts"])


def test_an_incident_has_no_line_beside_those_of_its_alerts(tmp_path: Path) -> None:
    """Unless it has been worse than they are: the status is that of the incident."""
    shot = snapshot(malformed_rows=500)
    (alert,) = shot.firing
    assert alert.severity is Severity.WARNING
    same = open_incident(severity=Severity.WARNING, checks={DAY: (alert.check.name,)}, held_by={})
    status, (line,) = written(tmp_path, replace(shot, incidents=(same,)))
    assert (status, line.split(" - ")[1]) == ("warning", "PuffyMalformedRows")
    worse = replace(same, severity=Severity.CRITICAL)
    status, lines = written(tmp_path, replace(shot, incidents=(worse,)))
    assert (status, [line.split(" - ")[:2] for line in lines]) == (
        "critical",
        [["WARNING", "PuffyMalformedRows"], ["CRITICAL", "PuffyIncident"]],
    )


def test_an_incident_has_no_line_beside_that_of_its_cause(tmp_path: Path) -> None:
    """A cause without a check in breach has its own line while it is recent."""
    shot = snapshot(repeated_headers=1, repeated_header_lines=(5,))
    ((day, cause),) = shot.lone_causes
    one = open_incident(
        name=cause.name, subject=cause.subject, severity=cause.severity, days={day: DayState.BAD}, held_by={}
    )
    assert len(written(tmp_path, replace(shot, incidents=(one,)))[1]) == 1
    other = replace(one, days={day - timedelta(days=9): DayState.BAD})
    assert len(written(tmp_path, replace(shot, incidents=(other,)))[1]) == 2


def test_held_days_that_nothing_else_names_are_in_the_alerts_file(tmp_path: Path) -> None:
    """A stricter rule holds days that are too old to alert: no incident tells anybody."""
    days = [DAY - timedelta(days=number) for number in (9, 8, 6)]
    gate = Status(tuple(held(day, "raw_row_count") for day in days))
    status, lines = written(tmp_path, replace(snapshot(), gate=gate))
    assert status == "critical"
    assert lines == [
        (
            "CRITICAL - PuffyGateClosed - 2025-02-27 - check=raw_row_count - Load of 2025-02-24..2025-02-25 "
            "2025-02-27 is held. To release it: puffy-exporter gate ack 2025-02-24..2025-02-25 2025-02-27 "
            "--by NAME --reason TEXT"
        )
    ]


def test_a_held_day_that_is_good_now_is_a_warning(tmp_path: Path) -> None:
    """It only waits for a person; so is one that a check's only limit, a warning, holds."""
    one = held(DAY - timedelta(days=9))
    repaired = Status((one,), frozenset({one.key}))
    status, (line,) = written(tmp_path, replace(snapshot(), gate=repaired))
    assert (status, line.split(" - ")[0]) == ("warning", "WARNING")
    assert "is held. Its files are good now. To release it" in line
    mild = Status((held(DAY - timedelta(days=9), severity="warning"),))
    assert written(tmp_path, replace(snapshot(), gate=mild))[0] == "warning"


def test_a_damaged_audit_log_is_not_ok(tmp_path: Path) -> None:
    """The gate is closed although the days can be judged; while they cannot be, one line says so."""
    shot = replace(snapshot(), gate=Status(blind="the audit log is shorter than before"))
    assert written(tmp_path, shot) == (
        "critical",
        ["CRITICAL - PuffyGateClosed - the audit log is shorter than before"],
    )
    blind = replace(snapshot(), blind="no days", gate=Status(blind="no days"))
    assert written(tmp_path, blind) == ("critical", ["CRITICAL - PuffyBlind - no days"])


def test_a_held_day_whose_alert_fires_is_named_once(tmp_path: Path) -> None:
    """Its alert says that it is held; another held day has a line of its own."""
    shot = snapshot(columns=profile().columns[1:])
    blocking = [alert.check.name for alert in shot.firing if alert.blocks]
    assert blocking
    holds = [held(DAY, name) for name in blocking]
    lines = written(tmp_path, replace(shot, gate=Status(tuple(holds))))[1]
    assert not any(" - PuffyGateClosed - " in line for line in lines)
    older = held(DAY - timedelta(days=9), blocking[0])
    lines = written(tmp_path, replace(shot, gate=Status((older, *holds))))[1]
    assert [line.split(" - ")[2] for line in lines if " - PuffyGateClosed - " in line] == ["2025-02-24"]
