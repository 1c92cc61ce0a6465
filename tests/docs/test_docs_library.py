"""The page for Python programs shows real results."""

import doctest
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from golden import ROOT

from exporter.cli import main


def trips(day: date) -> str:
    """Return a day's trips: ids, times within the day, fares around 12.50, three of four paid by card."""
    lines = ["trip_id,started_at,fare,paid_by"]
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  written as UTC
    for trip in range(1000):
        when = midnight + timedelta(seconds=86 * trip)
        fare = "" if trip % 25 == 0 else f"{12 + trip % 2}.00"
        lines.append(
            f"{day:%y%m%d}-{trip},{when:%Y-%m-%dT%H:%M:%SZ},{fare},{'cash' if trip % 4 == 0 else 'card'}"
        )
    return "\n".join(lines) + "\n"


def test_the_page_runs_as_it_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On generated files, with init's contract for them."""
    data = tmp_path / "data"
    data.mkdir()
    for back in range(8):
        day = date(2025, 3, 7) - timedelta(days=back)
        (data / f"trips_{day}.csv").write_text(trips(day))
    monkeypatch.chdir(tmp_path)
    assert main(["init", "data"]) == 0
    (data / "newest.csv").write_text(trips(date(2025, 3, 7)))
    found = doctest.testfile(str(ROOT / "docs" / "library.md"), module_relative=False, verbose=False)
    assert found.attempted > 8
    assert found.failed == 0
