"""When a file counts as complete."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from exporter.model import NANOSECONDS, SourceFile, Stage, Stamp
from exporter.pipeline.settling import Settling

NOW = 1_700_000_000 * NANOSECONDS


def source(age_seconds: float, size: int = 10) -> SourceFile:
    """Return a file changed this long ago."""
    stamp = Stamp(size, NOW - round(age_seconds * NANOSECONDS), 0, 1)
    return SourceFile(date(2025, 3, 5), Stage.RAW, Path("events_20250305.csv"), stamp)


def test_an_old_file_stands_still_at_first_sight() -> None:
    """A restart over a full directory does not wait."""
    assert Settling(2).seconds_to_wait(source(2.0), wall_ns=NOW, monotonic=0) == 0


def test_a_fresh_file_is_waited_for_by_its_age() -> None:
    """Half a second of two has passed, so 1.5 seconds remain."""
    assert Settling(2).seconds_to_wait(source(0.5), wall_ns=NOW, monotonic=0) == 1.5


def test_a_file_that_keeps_changing_is_waited_for_anew() -> None:
    """Each change starts the wait again."""
    settling = Settling(2)
    assert settling.seconds_to_wait(source(0.0), wall_ns=NOW, monotonic=0) == 2
    assert settling.seconds_to_wait(source(0.0, size=20), wall_ns=NOW, monotonic=1.5) == 2


def test_a_time_in_the_future_is_settled_by_watching() -> None:
    """Another machine's fast clock must not delay a file for hours."""
    settling = Settling(2)
    ahead = source(-3600)
    assert settling.seconds_to_wait(ahead, wall_ns=NOW, monotonic=10) == 2
    assert settling.seconds_to_wait(ahead, wall_ns=NOW, monotonic=11.5) == 0.5
    assert settling.seconds_to_wait(ahead, wall_ns=NOW, monotonic=12) == 0


def test_a_clock_that_jumps_back_does_not_wait_longer_than_watching_takes() -> None:
    """The monotonic clock decides when the wall clock cannot."""
    settling = Settling(2)
    fresh = source(0.5)
    settling.seconds_to_wait(fresh, wall_ns=NOW, monotonic=0)
    assert settling.seconds_to_wait(fresh, wall_ns=NOW - 3600 * NANOSECONDS, monotonic=2) == 0


def test_what_is_no_longer_waited_for_is_forgotten() -> None:
    """Memory does not grow with files that came and went."""
    settling = Settling(2)
    settling.seconds_to_wait(source(0.0), wall_ns=NOW, monotonic=0)
    settling.forget_all_but([])
    assert settling.seconds_to_wait(replace(source(-5)), wall_ns=NOW, monotonic=100) == 2
