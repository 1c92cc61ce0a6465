"""Whose turn it is to write."""

import fcntl
import os
from pathlib import Path

import pytest

from exporter.durable import lock


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
