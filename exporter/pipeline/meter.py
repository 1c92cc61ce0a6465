"""Progress of reading many files, reported meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

Progress = Callable[[int, int], None]  # bytes read so far, bytes to read in all


@dataclass(slots=True)
class Meter:
    """Adds up what several threads have read."""

    total: int
    progress: Progress | None
    _done: int = 0
    _lock: Lock = field(default_factory=Lock)

    def begin(self, size: int) -> "FileMeter":
        """Return the meter of one file of so many bytes."""
        return FileMeter(self, size)

    def add(self, size: int) -> None:
        """Count more bytes, and report."""
        if self.progress is None or size == 0:
            return
        with self._lock:
            self._done += size
            self.progress(self._done, self.total)


@dataclass(slots=True)
class FileMeter:
    """The progress of one file, which may be reported not at all, in parts, or taken back."""

    meter: Meter
    size: int
    _done: int = 0

    def add(self, size: int) -> None:
        """Count more bytes."""
        self._done += size
        self.meter.add(size)

    def end(self) -> None:
        """Count what has not been reported."""
        self.add(self.size - self._done)
