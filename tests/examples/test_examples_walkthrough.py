"""The walk through the gate, run like a reader would."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from running import clean_environment

from exporter.demo.days import write_day
from exporter.demo.incidents import Incident

SCRIPT = Path(__file__).parents[2] / "examples" / "gate_walkthrough.sh"
LAST = date(2025, 3, 8)
THREE_DAYS = ["2025-03-06", "2025-03-07", "2025-03-08"]


def walk(*arguments: str | Path) -> list[str]:
    """Walk through and return what is recorded at the end: ``hold DAY`` or ``ack DAY``."""
    done = subprocess.run(
        [SCRIPT, *arguments],
        env=clean_environment() | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    record = done.stdout.partition("== What is on record\n")[2].splitlines()
    return [" ".join(line.split()[1:3]) for line in record]


def story(days: list[str]) -> list[str]:
    """Return what must be recorded when these days are bad and the middle one is bad again."""
    middle = days[len(days) // 2]
    return [*(f"hold {day}" for day in days), *(f"ack {day}" for day in days), f"hold {middle}"]


def test_the_walk_on_generated_days() -> None:
    """Closed by three days, opened one by one, unchanged by a repair, closed by other bad content."""
    assert walk() == story(THREE_DAYS)


def test_the_walk_leaves_the_directory_alone(tmp_path: Path) -> None:
    """It works on a copy; one bad day is enough for it."""
    for number in range(8):
        bad = [Incident.LOST_COLUMN] if number == 0 else []
        write_day(tmp_path, LAST - timedelta(days=number), incidents=bad)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert walk(tmp_path, "2025-03-09") == story(["2025-03-08"])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.sample
def test_the_walk_on_the_real_sample(sample: Path) -> None:
    """All five days that upstream really lost, including the two that no longer raise alerts."""
    assert walk(sample, "2025-03-09") == story(["2025-03-04", "2025-03-05", *THREE_DAYS])


def test_the_walk_stops_where_nothing_is_held(tmp_path: Path) -> None:
    """On a directory without bad days it reports what it expected."""
    for number in range(8):
        write_day(tmp_path, LAST - timedelta(days=number))
    done = subprocess.run(
        [SCRIPT, tmp_path, "2025-03-09"],
        env=clean_environment() | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "exit code 0, expected 3\n")
