"""No cause is claimed wrongly: every claim over weeks of healthy and real days, each verified."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exporter.causes.known import CAUSES
from exporter.cli import main
from exporter.demo.plan import demo_plan, write_pipeline
from exporter.demo.rows import Recipe

LAST = date(2025, 6, 29)
DAYS = 120
Claim = tuple[str, str, str]  # cause, subject, day

HEALTHY: set[Claim] = set()
PLANNED: set[Claim] = {
    ("file_empty", "", "2025-05-30"),
    ("hours_missing", "", "2025-06-17"),  # the silent afternoon
    ("column_missing", "referrer", "2025-06-28"),
}
REAL: set[Claim] = {
    *(("column_missing", "referrer", f"2025-03-{day:02}") for day in range(4, 9)),
    ("hours_missing", "", "2025-03-07"),  # 10:49 to 13:42, not one row
}


def claims(folder: Path, output: Path, as_of: str) -> set[Claim]:
    """Return which causes are claimed for which days, reported or not."""
    places = ["--data.dir", str(folder), "--output.dir", str(output), "--as-of", as_of]
    assert main(["run", *places]) == 0
    report: dict[str, Any] = json.loads((output / "monitoring_report.json").read_text())
    return {
        (incident["cause"], incident["subject"], day)
        for incident in report["incidents"]
        if incident["cause"] in CAUSES
        for day, how in incident["days"].items()
        if how == "bad"
    }


def test_healthy_days_have_no_cause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Four months of the simulated shop."""
    write_pipeline(tmp_path / "data", LAST, DAYS, Recipe(rows=400), plan={})
    assert claims(tmp_path / "data", tmp_path / "out", "2025-06-30T09:00:00Z") == HEALTHY
    capsys.readouterr()


def test_planned_faults_have_their_causes_and_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo's plan says what went wrong on which day."""
    write_pipeline(tmp_path / "data", LAST, 35, Recipe(rows=1200), plan=demo_plan(LAST))
    assert claims(tmp_path / "data", tmp_path / "out", "2025-06-30T09:00:00Z") == PLANNED
    capsys.readouterr()


@pytest.mark.sample
def test_real_days_have_these_causes_and_no_others(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fourteen days, of which the last five lack a column, and one has a silence of three hours."""
    assert claims(data, tmp_path, "2025-03-09") == REAL
    capsys.readouterr()
