"""Outputs reach the disk whole or not at all."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_TURN_SECONDS = 5.0  # that another process may keep a lock; a write takes milliseconds
_RETRY_SECONDS = 0.02


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new, also after a crash.

    The temporary name is always the same, so what a killed process leaves is overwritten by the next one; two
    writers take turns. Raises OSError, and leaves no temporary file then.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with _turn(path.parent):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        take_turn(descriptor)
        yield
    finally:
        os.close(descriptor)


def take_turn(descriptor: int, seconds: float = LONGEST_TURN_SECONDS) -> None:
    """Lock an open file or folder for this process alone, until it is closed.

    Raises TimeoutError, which is an OSError, where another process keeps it locked for longer.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, "locked by another process") from None
            time.sleep(_RETRY_SECONDS)
        else:
            return


def remove_leftovers(folder: Path, names: str) -> int:
    """Remove what ``replace_file`` left when its process was killed; return how many files.

    ``names`` is the pattern of the files that were to be written: a folder may hold the files of others.

    Writers hold the same lock, so a file that is being written stays. Raises OSError.
    """
    pattern = f".{names}.tmp"
    if not any(folder.glob(pattern)):
        return 0
    with _turn(folder):
        leftovers = list(folder.glob(pattern))
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
    return len(leftovers)


def sync_folder(folder: Path) -> None:
    """Let a folder's entries reach the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
