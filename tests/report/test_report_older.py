"""Days of earlier reports: what they were worth is read back, and nothing that cannot be trusted."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from feeds import RULES
from written import write_day

from exporter.cli import main
from exporter.errors import UserError
from exporter.history.trend import ROWS
from exporter.model import Partition
from exporter.report.older import read_days
from exporter.store.daybook import KeptDay
from exporter.store.state import State

LAST = date(2025, 6, 30)
ONE_DAY = timedelta(days=1)
KNOWN = 20  # days


def write_report(path: Path, rows: dict[str, float], at: str, **changes: Any) -> Path:
    """Write a report of days with so many rows each."""
    partitions = {
        day: {
            "content": f"content of {day}",
            "stages": {"raw": {"rows": count}},
            "trend": {"events": {"value": count}},
            "baseline": {"excluded": {}},
        }
        for day, count in rows.items()
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"generated_at": at, "partitions": partitions} | changes))
    return path


def read(*paths: Path) -> dict[str, KeptDay]:
    """Return the days of reports by date."""
    return {str(day): kept for day, kept in read_days(paths, RULES.trends).items()}


def rows_of(kept: KeptDay) -> float:
    """Return a day's rows."""
    return kept.values[ROWS.metric, ROWS.labels]


def test_the_newest_report_of_a_day_counts(tmp_path: Path) -> None:
    """Whatever their files are called."""
    write_report(tmp_path / "a.json", {"2025-03-01": 30.0, "2025-03-02": 20.0}, "2025-03-04T08:00:00Z")
    write_report(tmp_path / "b.json", {"2025-03-01": 10.0}, "2025-03-02T08:00:00Z")
    found = read(tmp_path)
    assert {day: rows_of(kept) for day, kept in found.items()} == {"2025-03-01": 30.0, "2025-03-02": 20.0}
    assert found["2025-03-01"].content == "content of 2025-03-01"


@pytest.mark.parametrize(
    ("reason", "kept"), [("no rows", "no rows"), ("schema mismatch", "schema mismatch"), ("held", None)]
)
def test_a_fault_of_the_file_stays_and_what_people_said_does_not(
    tmp_path: Path, reason: str, kept: str | None
) -> None:
    """The audit log says what people say of a day now."""
    path = write_report(tmp_path / "a.json", {"2025-03-01": 1.0, "2025-03-02": 2.0}, "2025-03-03")
    report = json.loads(path.read_text())
    report["partitions"]["2025-03-02"]["baseline"]["excluded"] = {"2025-03-01": reason}
    path.write_text(json.dumps(report))
    assert read(path)["2025-03-01"].excluded == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a report"),
        ('{"partitions": {"2025-03-01": {}}}', "not a report of this version"),
        ('{"partitions": {"yesterday": 1}}', "not a report of this version"),
    ],
)
def test_what_is_no_report_is_named(tmp_path: Path, text: str, words: str) -> None:
    """With its path."""
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(UserError, match=rf"a\.json: {words}"):
        read(path)


def test_a_folder_without_reports_and_a_missing_file_are_named(tmp_path: Path) -> None:
    """Nothing is remembered of a typing error."""
    with pytest.raises(UserError, match="no report in this folder"):
        read(tmp_path)
    with pytest.raises(UserError, match="no such file"):
        read(tmp_path / "a.json")


def remembered(output: Path) -> set[Partition]:
    """Return the days that the state remembers."""
    state = State.open(output / "state.db")
    try:
        return set(state.load_days())
    finally:
        state.close()


def test_days_whose_files_are_gone_come_back_from_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into a new state; days that it knows from their files stay as they are."""
    data, old, new = tmp_path / "data", tmp_path / "old", tmp_path / "new"
    days = [LAST - number * ONE_DAY for number in range(KNOWN)]
    for day in days:
        write_day(data, day)
    places = ["--data.dir", str(data), "--output.dir"]
    assert main(["run", *places, str(old), "--as-of", f"{LAST + ONE_DAY}T09:00:00Z", "--write"]) == 0
    for day in days[5:]:
        for path in data.rglob(f"*{day:%Y%m%d}*"):
            path.unlink()
    page = tmp_path / "history.om"
    report = old / "monitoring_report.json"
    arguments = ["backfill", *places, str(new), "--output", str(page), "--reports", str(report)]
    assert main(arguments) == 0
    assert f"{KNOWN} of {KNOWN} days from reports stored, 0 were known already" in capsys.readouterr().err
    assert remembered(new) >= set(days)
    assert main(arguments) == 0
    assert f"0 of {KNOWN} days from reports stored, {KNOWN} were known already" in capsys.readouterr().err


def test_nothing_is_remembered_as_of_the_past(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A question about another time changes no state."""
    write_day(tmp_path / "data", LAST)
    report = write_report(tmp_path / "a.json", {"2025-03-01": 1.0}, "2025-03-03")
    places = ["--data.dir", str(tmp_path / "data"), "--output.dir", str(tmp_path / "out")]
    assert main(["backfill", *places, "--as-of", "2025-07-02", "--reports", str(report)]) == 1
    assert "combined with --as-of" in capsys.readouterr().err
