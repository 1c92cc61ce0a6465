"""Whose turn it is to write."""

import fcntl
import os
from pathlib import Path

import pytest

from exporter.durable import lock, remove_unfinished


def test_a_lock_that_is_kept_is_an_error_after_a_while(tmp_path: Path) -> None:
    """An OSError, as every reason why an output cannot be written; free again, it is taken at once."""
    keeper, waiting = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    try:
        fcntl.flock(keeper, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="locked by another process"):
            lock(waiting, patience=0.1)
        fcntl.flock(keeper, fcntl.LOCK_UN)
        lock(waiting, patience=0)
    finally:
        os.close(keeper)
        os.close(waiting)


def test_what_somebody_is_writing_is_not_removed_as_left_over(tmp_path: Path) -> None:
    """Another process that starts must not take the file away from under it; later it is removed."""
    (tmp_path / ".report.tmp").touch()
    writer = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(writer, fcntl.LOCK_EX)
    with pytest.raises(OSError, match="locked by another process"):
        remove_unfinished(tmp_path, ".*.tmp")
    assert (tmp_path / ".report.tmp").exists()
    os.close(writer)
    remove_unfinished(tmp_path, ".*.tmp")
    assert list(tmp_path.iterdir()) == []
