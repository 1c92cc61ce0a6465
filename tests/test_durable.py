"""What reaches the disk, whose turn it is, and what a killed writer leaves."""

import fcntl
import os
from pathlib import Path

import pytest

from exporter.durable import remove_leftovers, replace_file, take_turn


def test_a_lock_that_is_kept_is_an_error_after_a_while(tmp_path: Path) -> None:
    """An OSError, as every reason why an output cannot be written; free again, it is taken at once."""
    keeper, waiting = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    try:
        fcntl.flock(keeper, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="locked by another process"):
            take_turn(waiting, seconds=0.1)
        fcntl.flock(keeper, fcntl.LOCK_UN)
        take_turn(waiting, seconds=0)
    finally:
        os.close(keeper)
        os.close(waiting)


def test_leftovers_of_a_killed_writer_are_removed_and_nothing_else(tmp_path: Path) -> None:
    """Only temporary names of the outputs asked for: the folder may hold the files of others."""
    replace_file(tmp_path / "kept_1.json", b"{}")
    for name in (".kept_2.json.tmp", ".other.tmp", "kept_3.json.tmp"):
        (tmp_path / name).write_bytes(b"")
    assert remove_leftovers(tmp_path, "kept_*.json") == 1
    assert remove_leftovers(tmp_path, "kept_*.json") == 0
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [
        ".other.tmp",
        "kept_1.json",
        "kept_3.json.tmp",
    ]


def test_a_folder_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    """The history begins with the first report."""
    assert remove_leftovers(tmp_path / "history", "*.json") == 0
