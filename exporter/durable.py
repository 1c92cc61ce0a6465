"""Outputs are written completely or not at all."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_SECONDS = 5.0  # to wait for another process, which holds a lock for milliseconds unless it hangs
LOCK_RETRY_SECONDS = 0.01


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file atomically: readers see the old or the new content, even after a crash.

    The temporary name is always the same, so the next process overwrites what a killed one leaves behind; two
    writers take turns. On OSError no temporary file is left.
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


def remove_unfinished(folder: Path, pattern: str) -> None:
    """Remove what killed processes left, unless somebody is writing there. Raises OSError."""
    with _turn(folder, patience=0):
        for left in folder.glob(pattern):
            left.unlink(missing_ok=True)


@contextmanager
def _turn(folder: Path, patience: float = LOCK_SECONDS) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lock(descriptor, patience)
        yield
    finally:
        os.close(descriptor)


def lock(descriptor: int, patience: float = LOCK_SECONDS) -> None:
    """Lock a file or folder; raises OSError if another process holds the lock for too long."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise OSError(errno.EAGAIN, f"locked by another process for {patience:g} s") from None
            time.sleep(LOCK_RETRY_SECONDS)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Sync a folder's entries to disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
