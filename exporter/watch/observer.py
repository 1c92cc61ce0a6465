"""File events below the data directory, from the kernel or, where that is silent, by polling."""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from exporter.watch.mode import Mode
from exporter.watch.mounts import file_system_of, is_deaf

log = logging.getLogger(__name__)

Identity = tuple[int, int]  # device and inode of a folder

RENEW_SECONDS = 55.0  # less than the usual rescan, so that each rescan renews them

# Reading a file is an event too: without this list our own reading would wake us for ever.
CHANGES: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileAttribEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]


def choose_mode(directory: Path, wanted: Mode) -> Mode:
    """Return how to watch: what is wanted, or what the file system allows."""
    if wanted is not Mode.AUTO:
        return wanted
    kind = file_system_of(directory)
    if is_deaf(kind):
        log.info("polling, because inotify is silent here", extra={"file_system": kind})
        return Mode.POLLING
    return Mode.INOTIFY


class Watch:
    """Calls ``notify`` when a file of interest changes in one of the folders.

    Folders may be absent, vanish and come back: ``attend`` looks whether they are still the ones that are
    watched. ``concerns`` is given a path and says whether it is of interest, so that what we write ourselves
    never wakes us.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        notify: Callable[[], None],
        *,
        concerns: Callable[[Path], bool],
        mode: Mode,
        poll_seconds: float = 5.0,
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self.mode = mode
        self._folders = tuple(dict.fromkeys(folders))
        self._handler = _Handler(notify, concerns)
        self._poll_seconds = poll_seconds
        self._renew_seconds = renew_seconds
        self._observer: BaseObserver | None = None
        self._watched: Mapping[Path, Identity] = {}
        self._since = 0.0  # when the watches were set, by the monotonic clock

    def attend(self) -> None:
        """Watch the folders that are there now; to be called before each look. Cheap where nothing changed.

        Watches are renewed now and then: a volume that is mounted again looks as it did, with the same
        device and inode, though the kernel has dropped its watches.

        A folder that cannot be watched is logged; the regular rescan catches what happens in it.
        """
        there = {folder: identity for folder in self._folders if (identity := _identify(folder)) is not None}
        alive = self._observer is None or self._observer.is_alive()
        if there == self._watched and alive and time.monotonic() - self._since < self._renew_seconds:
            return
        self.stop()
        if not there:
            return
        try:
            self._observer = self._start(there)
        except OSError as error:
            if self.mode is Mode.POLLING:
                log.warning("folders not watched", extra={"reason": error.strerror or str(error)})
                return
            # Too many watches or open files on this machine, or a folder that vanished a moment ago.
            log.warning("inotify cannot be used, polling", extra={"reason": error.strerror or str(error)})
            self.mode = Mode.POLLING
            self.attend()
            return
        self._watched, self._since = there, time.monotonic()

    def stop(self) -> None:
        """Watch nothing any more."""
        observer, self._observer, self._watched = self._observer, None, {}
        if observer is not None:
            observer.stop()
            observer.join()

    def _start(self, folders: Mapping[Path, Identity]) -> BaseObserver:
        polling = self.mode is Mode.POLLING
        observer: BaseObserver = PollingObserver(timeout=self._poll_seconds) if polling else Observer()
        try:
            for folder in folders:
                observer.schedule(self._handler, str(folder), event_filter=CHANGES, follow_symlink=True)
            observer.start()
        except BaseException:
            observer.unschedule_all()
            if observer.is_alive():
                observer.stop()
            raise
        return observer


class _Handler(FileSystemEventHandler):
    def __init__(self, notify: Callable[[], None], concerns: Callable[[Path], bool]) -> None:
        self._notify = notify
        self._concerns = concerns

    def on_any_event(self, event: FileSystemEvent) -> None:
        paths = (os.fsdecode(path) for path in (event.src_path, event.dest_path) if path)
        if any(self._concerns(Path(path)) for path in paths):
            self._notify()


def _identify(folder: Path) -> Identity | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
