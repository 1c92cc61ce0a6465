"""When repaired files arrive, everything that the bad ones affected is corrected, and a note remains."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from running import Exporter, call, until
from written import content, put, write_day

from exporter.model import Stage
from exporter.report.schema import report_schema

LAST = date(2025, 3, 10)
BAD = LAST - timedelta(days=2)
DAYS = [LAST - timedelta(days=back) for back in reversed(range(12))]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide twelve days, the last but two of which lacks a column."""
    folder = tmp_path / "data"
    for number, day in enumerate(DAYS):
        write_day(folder, day, 100 + number % 3, without=("referrer",) if day == BAD else ())
    return folder


def run(data: Path, as_of: str) -> dict[str, Any]:
    """Make a pass and return the report."""
    done = call("run", "--data.dir", data, "--as-of", as_of, "--write")
    assert (done.returncode, done.stderr) == (0, "")
    report: dict[str, Any] = json.loads((data / "monitoring" / "monitoring_report.json").read_text())
    Draft202012Validator(report_schema()).validate(report)
    return report


def firing(report: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the alerts that fire, by partition and check."""
    return {(alert["partition"], alert["check"]) for alert in report["alerts"]}


def test_a_repaired_day_ends_its_alerts_and_mends_its_neighbours(data: Path) -> None:
    """The day is in later baselines again, also across a restart."""
    before = run(data, "2025-03-11T08:00:00Z")
    assert (str(BAD), "schema_mismatch") in firing(before)
    assert before["partitions"][str(LAST)]["baseline"]["excluded"] == {str(BAD): "schema mismatch"}
    assert before["partitions"][str(LAST)]["trend"]["clean_revenue"]["baseline_count"] == 6
    assert "repaired" not in before["partitions"][str(BAD)]

    write_day(data, BAD, 110)
    after = run(data, "2025-03-11T09:00:00Z")
    assert firing(after) == set()
    assert after["partitions"][str(LAST)]["baseline"]["excluded"] == {}
    assert after["partitions"][str(LAST)]["trend"]["clean_revenue"]["baseline_count"] == 7
    note = after["partitions"][str(BAD)]["repaired"]
    assert note["repaired_at"] == "2025-03-11T09:00:00Z"
    assert note["before"]["status"] == "critical"
    assert note["before"]["rows"] == {"raw": 100, "clean": 0, "rejects": 100}
    assert "schema_mismatch" in note["before"]["checks"]
    assert note["after"] == {
        "status": "ok",
        "rows": {"raw": 110, "clean": 106, "rejects": 4},
        "revenue": {"raw": 100, "clean": 100, "rejects": 100},
        "checks": [],
    }
    assert [day for day, known in after["partitions"].items() if "repaired" in known] == [str(BAD)]
    assert run(data, "2025-03-11T10:00:00Z")["partitions"] == after["partitions"]


def test_explain_tells_of_the_repair(data: Path) -> None:
    """Later readers see what it was."""
    run(data, "2025-03-11T08:00:00Z")
    write_day(data, BAD, 110)
    text = call("explain", str(BAD), "--data.dir", data, "--as-of", "2025-03-11T09:00:00Z").stdout
    assert "content replaced, noticed 2025-03-11T09:00:00Z" in text
    assert "before critical, raw 100 rows, clean 0 rows, rejects 100 rows; in breach: " in text
    assert "after  ok, raw 110 rows" in text


def test_a_day_made_worse_is_told_the_same_way(data: Path) -> None:
    """A replacement is reported without judgement; a single stage may be replaced."""
    run(data, "2025-03-11T08:00:00Z")
    put(data, LAST, Stage.RAW, content(LAST, 300))
    report = run(data, "2025-03-11T09:00:00Z")
    note = report["partitions"][str(LAST)]["repaired"]
    assert (note["before"]["status"], note["after"]["status"]) == ("ok", "warning")
    assert note["after"]["checks"] == ["unaccounted_rows"]
    assert (str(LAST), "unaccounted_rows") in firing(report)


def test_the_running_exporter_takes_a_repair_in(data: Path, tmp_path: Path) -> None:
    """Without a restart: fewer alerts, and other baseline members."""
    (tmp_path / "puffy.yml").write_text("watch: {settle_seconds: 0.1, shrink_grace: 0s}\n")
    exporter = Exporter(tmp_path, "--as-of", "2025-03-11T09:00:00Z")
    try:
        assert (exporter.value('puffy_report_alerts{severity="critical"}') or 0) > 0
        write_day(data, BAD, 110)
        assert until(lambda: exporter.value('puffy_report_alerts{severity="critical"}') == 0)
        member = f'baseline="yes",lag="2",member="{BAD}",partition="{LAST}"'
        assert until(lambda: exporter.value(f"puffy_partition_window_info{{{member}}}") == 1)
        report = json.loads(exporter.get("/api/v1/report")[1])
        assert report["partitions"][str(BAD)]["repaired"]["before"]["status"] == "critical"
    finally:
        exporter.stop()
