"""Progress of reading: a bar on a terminal, otherwise lines on request."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exporter.pipeline.meter import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE_SECONDS = 1.0
LINE_SECONDS = 10.0  # between two lines if there is no terminal
MEGABYTE = 10**6


@contextmanager
def read_progress() -> Iterator[Progress | None]:
    """Provide a callback that draws a bar on stderr once reading takes longer than a second."""
    if not sys.stderr.isatty():
        yield None
        return
    with _drawn(PATIENCE_SECONDS) as progress:
        yield progress


@contextmanager
def told_progress() -> Iterator[Progress]:
    """Provide a callback that draws a bar on a terminal's stderr, or else writes a line now and then."""
    if not sys.stderr.isatty():
        yield _Lines().advance
        return
    with _drawn(0.0) as progress:
        yield progress


@contextmanager
def _drawn(patience: float) -> Iterator[Progress]:
    drawn = _Drawn(patience)
    try:
        yield drawn.advance
    finally:
        drawn.stop()


class _Drawn:
    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.begun = time.monotonic()
        self.bar: Bar | None = None
        self.task: TaskID | None = None

    def advance(self, done: int, total: int) -> None:
        """Draw the progress in bytes."""
        if self.bar is None:
            if time.monotonic() - self.begun < self.patience:
                return
            self._start()
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def stop(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.stop()

    def _start(self) -> None:
        from rich import console, progress  # noqa: PLC0415  slow to load; only if a bar is drawn

        columns = (
            progress.TextColumn("reading event files"),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
        )
        self.bar = progress.Progress(*columns, console=console.Console(stderr=True), transient=True)
        self.bar.start()
        self.task = self.bar.add_task("reading")


class _Lines:
    def __init__(self) -> None:
        self.begun = self.written = time.monotonic()

    def advance(self, done: int, total: int) -> None:
        """Write the progress, unless it was written recently."""
        now = time.monotonic()
        if now - self.written < LINE_SECONDS:
            return
        self.written = now
        sys.stderr.write(f"{progress_words(done, total, now - self.begun)}\n")


def progress_words(done: int, total: int, seconds: float) -> str:
    """Describe the progress of reading after some seconds; sizes in bytes."""
    words = f"read {done / MEGABYTE:,.0f} of {total / MEGABYTE:,.0f} MB"
    if done <= 0 or seconds <= 0:
        return words
    rate = done / seconds
    return f"{words}, {rate / MEGABYTE:,.0f} MB/s, {max(0.0, total - done) / rate:,.0f} s left"
