"""The real days, morning by morning as they arrived: every reported incident with its text."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from golden import matches
from incidents_told import text_of

from exporter.cli import main

FIRST, DAYS = date(2025, 2, 23), 14
MOST_TOLD = 12  # reported problems, eight or nine of which have separate causes


@pytest.mark.sample
def test_the_real_days_are_told_in_these_words(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each incident is reported once, on the morning when it opens; ids are stable, and none ends by age."""
    told: dict[str, str] = {}
    ends: list[tuple[str, str]] = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        arrive(data, tmp_path / "data", day)
        report = look(tmp_path / "data", tmp_path / "out", day + timedelta(days=1))
        for one in report["incidents"]:
            if one["notifiable"] and one["id"] not in told:
                told[one["id"]] = f"{day + timedelta(days=1)}\n{text_of([one])}"
        ends = [(one["id"], one["why"]) for one in report["incidents"] if one["why"] is not None]
    capsys.readouterr()
    assert len(told) <= MOST_TOLD
    assert {why for _, why in ends} == {"next_day_good"}, "nobody repaired or answered for anything"
    assert matches("tests/acceptance/words/real-days.txt", "\n".join(told.values()))


def arrive(data: Path, folder: Path, day: date) -> None:
    """Copy a day's files, with their times, without summaries about later days."""
    for path in data.rglob(f"events_{day:%Y%m%d}*.csv"):
        there = folder / path.relative_to(data)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there)


def look(folder: Path, output: Path, as_of: date) -> dict[str, Any]:
    """Make a pass as of a morning, on the state of the mornings before."""
    places = ["--data.dir", str(folder), "--output.dir", str(output)]
    assert main(["run", *places, "--as-of", f"{as_of}T09:00:00Z"]) == 0
    report: dict[str, Any] = json.loads((output / "monitoring_report.json").read_text())
    return report
