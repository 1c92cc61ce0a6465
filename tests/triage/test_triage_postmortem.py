"""A postmortem begins with what is known, in order, and is never overwritten."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from running import call
from written import content, put, write_day

from exporter.gate.audit import AuditLog
from exporter.gate.entry import Acknowledged, Held
from exporter.model import Stage
from exporter.triage.timeline import from_reports

LAST = date(2025, 3, 10)
EARLY, LATE = ("--as-of", "2025-03-11T08:00:00Z"), ("--as-of", "2025-03-11T11:00:00Z")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide ten days whose last was bad, was held and acknowledged, and has been repaired."""
    folder = tmp_path / "data"
    for back in range(10):
        write_day(folder, LAST - timedelta(days=back), without=() if back else ("referrer",))
    assert call("run", "--data.dir", folder, "--write", *EARLY).returncode == 0
    task = {
        "task": "dq",
        "partition": str(LAST),
        "started_at": "2025-03-11T06:05:00Z",
        "ended_at": "2025-03-11T06:09:00Z",
        "exit_code": 3,
    }
    (folder / "task_runs").mkdir()
    (folder / "task_runs" / "dq.json").write_text(json.dumps(task))
    log = folder / "monitoring" / "gate_audit.jsonl"
    log.unlink()
    at, before = datetime(2025, 3, 11, 8, tzinfo=UTC), LAST - timedelta(days=1)
    entries = [
        Held(at, LAST, "schema_mismatch", "c1", "critical", 1.0, 1.0),
        Held(at - timedelta(days=1), before, "zero_revenue", "c0", "critical", 0.0, 0.0),
        Acknowledged(at + timedelta(hours=2, minutes=30), LAST, ("c1",), "jo", "a | b"),
    ]
    AuditLog(log).append(lambda _: entries)
    write_day(folder, LAST, 120)
    time.sleep(1)  # reports of the same second have the same name
    assert call("run", "--data.dir", folder, "--write", *LATE).returncode == 0
    return folder


def test_the_timeline_joins_all_traces_in_order(data: Path) -> None:
    """Arrivals, tasks, alerts that began and ended, holds, acknowledgements, the repair."""
    done = call("postmortem", str(LAST), "--data.dir", data, *LATE)
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^\| (2025\S+ \S+) \| (.*) \|$", done.stdout, re.MULTILINE)
    assert rows == sorted(rows, key=lambda row: row[0])
    told = {what: at for at, what in rows}
    assert told["raw file arrives"] == told["due"] == "2025-03-11 06:00:00"
    assert told["task dq ends with exit code 3"] == "2025-03-11 06:09:00"
    assert told["PuffySchemaMismatch (critical) fires"] == "2025-03-11 08:00:00"
    assert told["PuffySchemaMismatch (critical) no longer fires"] == "2025-03-11 11:00:00"
    assert told["the load is held: schema_mismatch (critical)"] == "2025-03-11 08:00:00"
    assert told[r"jo acknowledges every check: a \| b"] == "2025-03-11 10:30:00"
    assert not any("zero_revenue" in what for what in told)
    assert "Incomplete" not in done.stdout
    assert told["raw content is seen to have changed"] == "2025-03-11 11:00:00"
    assert "First alert: 2025-03-11 08:00:00" in done.stdout
    assert "before the files were replaced: critical" in done.stdout
    assert "`task_failed`" in done.stdout
    assert "client-" not in done.stdout


def test_an_altered_line_of_the_audit_log_is_not_told(data: Path) -> None:
    """Its checksum says that somebody else may have written it: the document says which line is lost."""
    log = data / "monitoring" / "gate_audit.jsonl"
    log.write_text(log.read_text().replace('"by":"jo"', '"by":"bob"'))
    done = call("postmortem", str(LAST), "--data.dir", data, *LATE)
    assert "Incomplete: gate_audit.jsonl: line 3 cannot be read, so the holds are unknown" in done.stdout
    assert "the load is held: schema_mismatch" in done.stdout
    assert "bob" not in done.stdout


def test_a_file_that_is_there_is_left_alone(data: Path, tmp_path: Path) -> None:
    """Somebody may have spent an evening on it."""
    target = tmp_path / "postmortem.md"
    assert call("postmortem", str(LAST), "--output", target, "--data.dir", data, *LATE).returncode == 0
    assert target.read_text().startswith("# Postmortem: partition 2025-03-10\n")
    target.write_text("filled in")
    done = call("postmortem", str(LAST), "--output", target, "--data.dir", data, *LATE)
    assert done.returncode == 1
    assert "already exists" in done.stderr
    assert target.read_text() == "filled in"


def test_a_fine_partition_has_a_short_one(data: Path) -> None:
    """Nothing is made up."""
    done = call("postmortem", "2025-03-05", "--data.dir", data, *LATE)
    assert done.returncode == 0
    assert "In breach now: nothing" in done.stdout
    assert "First alert: none in the kept reports" in done.stdout


def test_broken_traces_tell_nothing(tmp_path: Path) -> None:
    """And break nothing: neither a report cut in half nor a folder without any."""
    assert list(from_reports(tmp_path, LAST)) == []
    history = tmp_path / "history"
    history.mkdir()
    alert = {"alert": "PuffyX", "severity": "warning", "partition": str(LAST)}
    odd = {"as_of": "2025-03-11T07:00:00Z", "alerts": [alert, 3, {}]}
    (history / "monitoring_report_1.json").write_text('{"as_of": "2025-0')
    (history / "monitoring_report_2.json").write_text(json.dumps(odd))
    (history / "monitoring_report_3.json").write_text('{"as_of": 3, "alerts": 4}')
    (moment,) = from_reports(tmp_path, LAST)
    assert (moment.at, moment.what) == (datetime(2025, 3, 11, 7, tzinfo=UTC), "PuffyX (warning) fires")


def test_a_postmortem_of_an_incident_is_about_all_of_its_days(tmp_path: Path) -> None:
    """In one timeline, in order; what other incidents of these days are about is left out."""
    folder = tmp_path / "data"
    bad = [LAST - timedelta(days=1), LAST]
    for back in range(10):
        day = LAST - timedelta(days=back)
        write_day(folder, day, without=("referrer",) if day in bad else ())
    text = content(LAST, 100, without=("referrer",))
    for number in range(5):
        text = text.replace(f"\nclient-{number},", "\n,")
    put(folder, LAST, Stage.RAW, text)
    where = ("--data.dir", folder)
    assert call("run", *where, "--write", *LATE).returncode == 0
    report = json.loads((folder / "monitoring" / "monitoring_report.json").read_bytes())
    (one,) = (known for known in report["incidents"] if known["cause"] == "column_missing")
    assert (
        call("gate", "ack", one["id"], *where, "--by", "Ann", "--reason", "known", "--standing").returncode
        == 0
    )
    done = call("postmortem", one["id"][:4], *where, *LATE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"# Postmortem: incident {one['id']}, {one['headline']}\n")
    rows = re.findall(r"^\| (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \| (.*) \|$", done.stdout, re.MULTILINE)
    assert [at for at, _ in rows] == sorted(at for at, _ in rows)
    for day in bad:
        assert f"{day}: due" in {what for _, what in rows}
        assert any(what.startswith(f"{day}: Ann acknowledges column_missing, ") for _, what in rows)
        assert f"- {day} `schema_mismatch`: " in done.stdout
    later = [what for _, what in rows if what.startswith("Ann acknowledges later days of incident ")]
    assert len(later) == 1
    problems = report["partitions"][str(LAST)]["problems"]
    other = {known["cause"] for known in problems if known["cause"] != "column_missing"}
    assert other
    assert not any(f"{LAST} `{name}`: " in done.stdout for name in other)


def test_a_postmortem_of_no_incident_is_one_line(data: Path) -> None:
    """With those that there are."""
    done = call("postmortem", "beefbeef", "--data.dir", data, *LATE)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no id begins with 'beefbeef'" in done.stderr
