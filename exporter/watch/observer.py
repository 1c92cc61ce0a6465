"""File events below data directories, from the kernel or, where that is silent, by polling."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exporter.watch.kernel import Kernel
from exporter.watch.mode import Mode
from exporter.watch.mounts import file_system_of, is_deaf
from exporter.watch.polling import Poller

log = logging.getLogger(__name__)


def choose_mode(directory: Path, wanted: Mode) -> Mode:
    """Return how to watch: what is wanted, or what the file system allows."""
    if wanted is not Mode.AUTO:
        return wanted
    kind = file_system_of(directory)
    if is_deaf(kind):
        log.info("polling, because inotify reports nothing here", extra={"file_system": kind})
        return Mode.POLLING
    return Mode.INOTIFY


@dataclass(frozen=True, slots=True)
class Observer:
    """Where all watches of a process hear of file events: two threads, however many folders there are."""

    kernel: Kernel = field(default_factory=Kernel)
    poller: Poller = field(default_factory=Poller)

    def close(self) -> None:
        """Tell no watch anything any more."""
        self.kernel.close()
        self.poller.close()


class Watch:
    """Calls ``notify`` when a file of interest changes in one of the folders.

    Folders may be absent, vanish and come back: ``attend`` looks whether they are still the ones that are
    watched. ``concerns`` is given a path and says whether it is of interest, so that what we write ourselves
    never wakes us. Both are called on the observer's threads.
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
        """Watch the folders that are there now; to be called before each look. Cheap where nothing changed.

        What comes in between a look and the next ``attend`` is heard of as well: no watch ends for it. A
        folder that cannot be watched is logged; the regular rescan catches what happens in it.
        """
        if self.mode is not Mode.POLLING:
            try:
                self._observer.kernel.attend(self._hear, self._folders)
            except OSError as error:  # no watches or open files left on this machine, or it is no Linux
                reason = (error.strerror or str(error)).lower()
                log.warning("inotify cannot be used, polling", extra={"reason": reason})
                self.mode = Mode.POLLING
        if self.mode is Mode.POLLING:
            self._observer.poller.attend(self._hear, self._folders, self._poll_seconds)

    def stop(self) -> None:
        """Watch nothing any more."""
        self._observer.kernel.forget(self._hear)
        self._observer.poller.forget(self._hear)

    def _hear(self, path: Path | None) -> None:
        """Take a path that has changed, or ``None`` if any may have."""
        if path is None or self._concerns(path):
            self._notify()
