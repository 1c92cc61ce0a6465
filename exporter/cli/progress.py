"""A progress bar for a first pass over a large directory, on a terminal, and only if it takes a while."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from exporter.pipeline.intake import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE_SECONDS = 1.0


@contextmanager
def read_progress() -> Iterator[Progress | None]:
    """Give a callback that draws a bar on stderr once reading takes longer than a second."""
    if not sys.stderr.isatty():
        yield None
        return
    drawn = _Drawn()
    try:
        yield drawn.advance
    finally:
        drawn.stop()


class _Drawn:
    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.bar: Bar | None = None
        self.task: TaskID | None = None

    def advance(self, done: int, total: int) -> None:
        """Draw how far the reading is, in bytes."""
        if self.bar is None:
            if time.monotonic() - self.begun < PATIENCE_SECONDS:
                return
            self._start()
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()

    def _start(self) -> None:
        from rich.console import Console  # noqa: PLC0415  only where it is drawn
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
        from rich.progress import Progress as NewBar  # noqa: PLC0415

        columns = (TextColumn("reading event files"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self.bar = NewBar(*columns, console=Console(stderr=True), transient=True)
        self.bar.start()
        self.task = self.bar.add_task("reading")
