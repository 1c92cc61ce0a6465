"""File events below data directories, from the kernel, or by polling if that reports nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exporter.errors import reason_of
from exporter.watch.kernel import Kernel
from exporter.watch.mode import Mode
from exporter.watch.mounts import file_system_of, is_deaf
from exporter.watch.polling import Poller

log = logging.getLogger(__name__)


def choose_mode(directory: Path, wanted: Mode) -> Mode:
    """Return how to watch: as configured, or as the file system allows."""
    if wanted is not Mode.AUTO:
        return wanted
    kind = file_system_of(directory)
    if is_deaf(kind):
        log.info("polling, because inotify reports nothing here", extra={"file_system": kind})
        return Mode.POLLING
    return Mode.INOTIFY


@dataclass(frozen=True, slots=True)
class Observer:
    """The source of file events for all watches of a process: two threads for any number of folders."""

    kernel: Kernel = field(default_factory=Kernel)
    poller: Poller = field(default_factory=Poller)

    def close(self) -> None:
        """Stop notifying all watches."""
        self.kernel.close()
        self.poller.close()


class Watch:
    """Calls ``notify`` when a file of interest changes in one of the folders.

    Folders may be absent, vanish and come back: ``attend`` checks whether they are still the ones
    watched. ``concerns`` returns whether a path is of interest, so that our own writes
    never wake us. Both are called on the observer's threads.
    """

    def __init__(
        self,
        observer: Observer,
        folders: Sequence[Path],
        notify: Callable[[], None],
        *,
        concerns: Callable[[Path], bool],
        mode: Mode,
        poll_seconds: float = 5.0,
    ) -> None:
        self.mode = mode
        self._observer = observer
        self._folders = tuple(dict.fromkeys(folders))
        self._notify = notify
        self._concerns = concerns
        self._poll_seconds = poll_seconds

    def attend(self) -> None:
        """Watch the currently existing folders; to be called before each pass. Cheap if nothing changed.

        Arrivals between a pass and the next ``attend`` are reported too: watches do not end meanwhile. A
        folder that cannot be watched is logged; the regular rescan covers it.
        """
        if self.mode is not Mode.POLLING:
            try:
                self._observer.kernel.attend(self._hear, self._folders)
            except OSError as error:  # no watches or open files left on this machine, or it is not Linux
                reason = reason_of(error)
                log.warning("inotify cannot be used, polling", extra={"reason": reason})
                self.mode = Mode.POLLING
        if self.mode is Mode.POLLING:
            self._observer.poller.attend(self._hear, self._folders, self._poll_seconds)

    def stop(self) -> None:
        """Stop watching."""
        self._observer.kernel.forget(self._hear)
        self._observer.poller.forget(self._hear)

    def _hear(self, path: Path | None) -> None:
        """Handle a changed path, or ``None`` if any may have changed."""
        if path is None or self._concerns(path):
            self._notify()
