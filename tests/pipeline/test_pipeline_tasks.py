"""Task records in the data directory, from the file to the alert."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import call
from written import write_day

LAST = date(2025, 3, 10)
START = datetime(2025, 3, 11, 6, 5, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Provide eight days, each with a run of a minute."""
    for back in range(8):
        write_day(tmp_path, LAST - timedelta(days=back))
        record(tmp_path, back, seconds=60, exit_code=0)
    return tmp_path


def record(data: Path, back: int, seconds: float | None, exit_code: int | None, hour: int = 0) -> None:
    """Write the record of a run on the morning after a day."""
    start = START - timedelta(days=back) + timedelta(hours=hour)
    run = {
        "task": "load",
        "partition": str(LAST - timedelta(days=back)),
        "started_at": start.isoformat(),
    }
    if seconds is not None:
        run |= {"ended_at": (start + timedelta(seconds=seconds)).isoformat(), "exit_code": exit_code}
    (data / "task_runs").mkdir(exist_ok=True)
    (data / "task_runs" / f"load_{back}_{hour}.json").write_text(json.dumps(run))


def report(data: Path, as_of: str, config: str = "") -> dict[str, Any]:
    """Make a pass and return the report."""
    written = data.parent / "puffy.yml"
    written.write_text(config)
    done = call("run", "--data.dir", data, "--config.file", written, "--as-of", as_of, "--write")
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = json.loads((data / "monitoring" / "monitoring_report.json").read_text())
    return told


def firing(told: dict[str, Any]) -> list[str]:
    """Return the checks that fire."""
    return [alert["check"] for alert in told["alerts"]]


def test_a_run_that_never_ended_fires_after_its_grace_and_a_rerun_ends_it(data: Path) -> None:
    """Until then it may still be running."""
    record(data, 0, seconds=None, exit_code=None, hour=1)
    assert firing(report(data, "2025-03-11T13:04:00Z")) == []
    told = report(data, "2025-03-11T13:06:00Z")
    assert firing(told) == ["task_unended"]
    assert told["alerts"][0]["labels"] == {"task": "load"}
    assert firing(report(data, "2025-03-11T13:06:00Z", "tasks: {unended_after: 7h}")) == []
    record(data, 0, seconds=50, exit_code=0, hour=2)
    assert firing(report(data, "2025-03-11T13:06:00Z")) == []


def test_a_run_of_several_times_the_usual_length_is_slow(data: Path) -> None:
    """Long before the configured limit; the factor is configurable."""
    record(data, 0, seconds=181, exit_code=0, hour=1)
    told = report(data, "2025-03-11T12:00:00Z")
    assert firing(told) == ["task_slow"]
    figures = told["partitions"][str(LAST)]["tasks"]["load"]
    assert (figures["duration_median_seconds"], figures["duration_limit_seconds"]) == (60, 180)
    assert firing(report(data, "2025-03-11T12:00:00Z", "tasks: {slow_factor: 4}")) == []
    assert firing(report(data, "2025-03-11T12:00:00Z", "tasks: {slow_floor: 5m}")) == []


def test_the_last_success_stays_known_after_a_failure(data: Path) -> None:
    """While the failure fires."""
    record(data, 0, seconds=5, exit_code=3, hour=1)
    told = report(data, "2025-03-11T12:00:00Z")
    assert firing(told) == ["task_failed"]
    figures = told["partitions"][str(LAST)]["tasks"]["load"]
    assert figures["last_success_timestamp_seconds"] == (START + timedelta(minutes=1)).timestamp()
