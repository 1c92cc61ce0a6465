"""The simulated pipeline as a process: history, the scripted incident, redelivered days."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from running import COMMAND, call, until

from exporter.demo.feed import newest_arrived

OPTIONS = ("--days", "10", "--every", "0.2", "--rerun-after", "0.3")


@contextmanager
def simulating(folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the verb; stop it at the end like a container, and check that it ends cleanly."""
    with log.open("w") as said:
        process = subprocess.Popen([*COMMAND, "simulate", "--dir", str(folder), *OPTIONS], stderr=said)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)
    assert code == 0, log.read_text()


def told(log: Path) -> list[tuple[str, str]]:
    """Return day and incident of each delivery so far."""
    return re.findall(r'event="?delivered.* partition=(\S+) incident=(\S+)', log.read_text())


def test_yesterdays_incident_follows_history_and_is_mended(tmp_path: Path) -> None:
    """The day before the newest loses a column, the newest has zero-value orders; then both come again."""
    folder, log = tmp_path / "data", tmp_path / "log"
    with simulating(folder, log):
        assert until(lambda: len(told(log)) >= 5, 30), log.read_text()
    newest = newest_arrived(datetime.now(UTC))
    before = newest - timedelta(days=1)
    assert told(log)[:5] == [
        (str(before), "lost_column"),
        (str(newest), "zero_value_orders"),
        (str(before), "none"),
        (str(newest), "none"),
        (str(newest), "dropped_rows"),
    ]
    assert len(list(folder.glob("events_*.csv"))) == 10
    assert not list(folder.rglob("*.tmp"))


def test_it_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    """A second start writes the missing day, and leaves the others alone."""
    folder, log = tmp_path / "data", tmp_path / "log"
    with simulating(folder, log):
        assert until(lambda: len(told(log)) >= 2, 30)
    kept = newest_arrived(datetime.now(UTC)) - timedelta(days=5)
    lost = kept + timedelta(days=1)
    (folder / f"events_{lost:%Y%m%d}.csv").unlink()
    os.utime(folder / f"events_{kept:%Y%m%d}.csv", (1, 1))
    with simulating(folder, log):
        assert until(lambda: str(lost) in log.read_text(), 30)
    assert (folder / f"events_{kept:%Y%m%d}.csv").stat().st_mtime == 1


def test_a_folder_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    """Generated days must not mix with real ones."""
    (tmp_path / "events_20250305.csv").write_text("x")
    found = call("simulate", "--dir", tmp_path)
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "is not empty" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["events_20250305.csv"]


@pytest.mark.parametrize("verb", ["simulate", "demo"])
def test_a_file_in_place_of_the_folder_is_one_line(tmp_path: Path, verb: str) -> None:
    """Also if its name looks like markup."""
    (file := tmp_path / "x[").mkdir()
    (file := file / "b]").write_text("x")
    found = call(verb, "--dir", file)
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert f"{file}: not a directory" in found.stderr
