"""A whole pipeline: quiet on healthy days, with incidents that stand out."""

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.demo.days import arrivals
from exporter.demo.incidents import Incident
from exporter.demo.plan import Plan, demo_plan, write_pipeline
from exporter.demo.rows import Recipe

LAST = date(2025, 3, 8)
SMALL = Recipe(rows=40)
RENAMED = Incident.RENAMED_ID_COLUMN


def back(days: int) -> date:
    """Return the day so many days before the last."""
    return LAST - timedelta(days=days)


def judge(directory: Path, last: date = LAST) -> dict[date, set[str]]:
    """Run the exporter as of the morning after; return the checks in breach by partition."""
    as_of = f"{last + timedelta(days=1)}T08:00:00Z"
    command = [
        sys.executable,
        "-m",
        "exporter",
        "run",
        "--data.dir",
        str(directory),
        "--as-of",
        as_of,
        "--write",
    ]
    subprocess.run(command, check=True, capture_output=True)
    report: dict[str, Any] = json.loads((directory / "monitoring" / "monitoring_report.json").read_text())
    return {
        date.fromisoformat(partition): {alert["check"] for alert in content["alerts"]}
        for partition, content in report["partitions"].items()
    }


def thresholds(breaches: dict[date, set[str]]) -> dict[date, set[str]]:
    """Leave trends out, and days with nothing left."""
    kept = {day: {check for check in checks if "anomaly" not in check} for day, checks in breaches.items()}
    return {day: checks for day, checks in kept.items() if checks}


def test_the_plan_covers_every_day_in_order() -> None:
    """A plan has one entry per day, oldest first, whatever its length."""
    for days in (1, 10, 35, 60):
        assert list(demo_plan(LAST, days)) == [back(ahead) for ahead in reversed(range(days))]


def test_every_incident_has_its_day() -> None:
    """Five weeks show each incident, and most days show none but the renamed column."""
    plan = demo_plan(LAST)
    assert {incident for incidents in plan.values() for incident in incidents} == set(Incident)
    quiet = [day for day, incidents in plan.items() if not set(incidents) - {RENAMED}]
    assert len(quiet) > 0.6 * len(plan)


def test_the_newest_days_tell_the_story() -> None:
    """The last day has a warning, the one before loses a column, the third is clean."""
    plan = demo_plan(LAST)
    assert [set(plan[back(days)]) - {RENAMED} for days in range(3)] == [
        {Incident.ZERO_VALUE_ORDERS},
        {Incident.LOST_COLUMN},
        set(),
    ]


def test_a_renamed_column_stays_renamed() -> None:
    """Once renamed, the column keeps its new name up to the last day."""
    renamed = [RENAMED in incidents for incidents in demo_plan(LAST).values()]
    assert renamed == sorted(renamed)
    assert renamed.count(True) == 10


def test_a_pipeline_has_a_file_per_day_and_stage(tmp_path: Path) -> None:
    """Each planned day but the missing one has raw, clean and rejects, and no temporary file stays."""
    write_pipeline(tmp_path, LAST, 35, SMALL)
    missing = next(day for day, what in demo_plan(LAST).items() if Incident.MISSING in what)
    for folder, ending in ((".", ""), ("raw_clean", "_clean"), ("raw_rejects", "_bad")):
        names = {path.name for path in (tmp_path / folder).glob("*.csv")}
        expected = {f"events_{back(days):%Y%m%d}{ending}.csv" for days in range(35)}
        assert names == expected - {f"events_{missing:%Y%m%d}{ending}.csv"}
    assert [path.name for path in tmp_path.rglob(".*")] == []


def test_the_dq_step_reports_after_the_newest_day(tmp_path: Path) -> None:
    """One summary and one manifest cover all days, stamped after the last file came."""
    write_pipeline(tmp_path, LAST, 5, SMALL)
    summary, manifest = sorted((tmp_path / "dq_reports").iterdir())
    assert len(summary.read_text().splitlines()) == 6
    assert len(json.loads(manifest.read_text())) == 5
    stamp = datetime.strptime(f"{summary.stem[-16:-1]}+0000", "%Y%m%dT%H%M%S%z")
    assert stamp > arrivals(LAST, SMALL).dq
    assert manifest.stem[-16:] == summary.stem[-16:]


def test_each_day_was_sorted_and_loaded(tmp_path: Path) -> None:
    """Two task runs per day that is there: the DQ step between the files' arrivals, the load after it."""
    write_pipeline(tmp_path, LAST, 3, SMALL, {back(1): (Incident.MISSING,)})
    records = [json.loads(path.read_text()) for path in sorted((tmp_path / "task_runs").iterdir())]
    assert [(record["task"], record["partition"]) for record in records] == [
        (task, str(back(days))) for task in ("dq", "load") for days in (2, 0)
    ]
    for record in records:
        assert set(record) == {"task", "partition", "started_at", "ended_at", "exit_code"}
        assert record["exit_code"] == 0
        started, ended = (datetime.fromisoformat(record[key]) for key in ("started_at", "ended_at"))
        times = arrivals(date.fromisoformat(record["partition"]), SMALL)
        assert started < ended
        assert (started, ended) == (times.raw, times.dq) if record["task"] == "dq" else started > times.dq


@pytest.mark.parametrize("plan", [{}, {LAST: (Incident.EMPTY,)}])
def test_a_plan_given_is_followed(tmp_path: Path, plan: Plan) -> None:
    """Days that the plan does not name are healthy."""
    write_pipeline(tmp_path, LAST, 2, SMALL, plan)
    empty = (tmp_path / f"events_{LAST:%Y%m%d}.csv").read_text().count("\n") == 1
    assert empty == (LAST in plan)
    assert (tmp_path / f"events_{back(1):%Y%m%d}.csv").read_text().count("\n") > 30


def test_no_days_leave_nothing(tmp_path: Path) -> None:
    """A pipeline whose only day is missing writes no report either."""
    write_pipeline(tmp_path, LAST, 1, SMALL, {LAST: (Incident.MISSING,)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("recipe", [SMALL, Recipe(rows=1200, seed=11)])
def test_healthy_days_breach_nothing(tmp_path: Path, recipe: Recipe) -> None:
    """Three weeks without incidents breach no limit, and hardly a trend looks odd."""
    write_pipeline(tmp_path, LAST, 21, recipe, {})
    breaches = judge(tmp_path)
    assert len(breaches) == 21
    assert thresholds(breaches) == {}
    odd = sum(len(checks) for checks in breaches.values())
    assert odd <= 0.02 * 21 * 8


def test_incidents_breach_their_checks_alone(tmp_path: Path) -> None:
    """In the demo each incident breaches the checks made for it, and no other day breaches a limit."""
    write_pipeline(tmp_path, LAST, 35, Recipe(rows=400))
    assert thresholds(judge(tmp_path)) == {
        back(0): {"checkout_zero_value", "checkout_corrupt_items"},
        back(1): {"schema_mismatch", "reject_ratio", "revenue_gap", "referrer_null"},
        back(4): {"checkout_duplicate_transaction_id"},
        back(12): {"silence"},
        back(14): {"missing_client_id", "reject_ratio"},
        back(15): {"missing_client_id", "reject_ratio"},
        back(18): {"partition_late"},
        back(24): {"checkout_corrupt_items"},
        back(27): {"partition_missing", "stage_missing"},
        back(30): {"partition_empty"},
    }


def test_lost_rows_show_in_the_trend(tmp_path: Path) -> None:
    """A third of the rows lost breaches no limit, only the trend of events."""
    write_pipeline(tmp_path, LAST, 10, SMALL, {LAST: (Incident.DROPPED_ROWS,)})
    assert "anomaly_events" in judge(tmp_path)[LAST]
