"""File events from the kernel, for all that listen in a process: one thread, one watch for each folder."""

import errno
import functools
import itertools
import logging
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from exporter.watch.hearing import Hearer, tell

if TYPE_CHECKING:  # Linux alone has it
    from watchdog.observers.inotify_c import CallbackId, InotifyEvent, InotifyFD, Mask, WatchDescriptor

log = logging.getLogger(__name__)

USED_UP = frozenset({errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSYS})
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


@dataclass(frozen=True, slots=True)
class _End:
    """Where the events of a watch go: a hearer, with the folder as that hearer has named it."""

    hearer: Hearer
    folder: Path

    def on_event(self, event: "InotifyEvent") -> None:
        """Tell of a change. Rights of a folder say nothing about the files in it."""
        if not (event.is_attrib and event.is_directory):
            tell(self.hearer, self.folder / os.fsdecode(event.name) if event.name else self.folder)

    def on_watch_deleted(self, wd: "WatchDescriptor") -> None:
        """Tell nothing: the event before it has said that the folder is gone."""

    def on_queue_overflow(self) -> None:
        """Have everything looked at; watchdog has logged that the kernel dropped events."""
        tell(self.hearer, None)


_Held = tuple["WatchDescriptor", "CallbackId"]


@dataclass(slots=True)
class Kernel:
    """Tells each hearer of the folders that it attends to.

    Each call of ``attend`` names every folder to the kernel again, which keeps the watch where there is one:
    no event is lost between two, and a volume that is mounted again, as it looked before, is watched again.

    The instance of inotify is our own, not the one that watchdog shares: that one never ends, and whoever
    else watches a folder on it would change for which events we hear.
    """

    _inotify: "InotifyFD | None" = None
    _held: dict[Hearer, dict[Path, _Held]] = field(default_factory=dict)
    _refused: set[tuple[Hearer, Path]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)  # never held while a path is looked up

    def attend(self, hearer: Hearer, folders: Iterable[Path]) -> None:
        """Watch those of a hearer's folders that are there. One thread at a time for each hearer.

        A folder that cannot be watched is logged. Raises OSError if the machine has no watches left.
        """
        inotify = self._begin()
        held = self._held.setdefault(hearer, {})
        for folder in folders:
            now: _Held | None = None
            try:
                now = self._watch(inotify, _End(hearer, folder))
            except OSError as error:
                if inotify is not self._inotify:  # closed meanwhile
                    return
                if error.errno in USED_UP:
                    self.forget(hearer)
                    raise
                self._note(hearer, folder, error)
            else:
                self._refused.discard((hearer, folder))
            before = held.pop(folder, None)
            if now is not None:
                held[folder] = now
            if before is not None:  # only now: the watch must not end in between
                inotify.remove_callbacks([before])

    def forget(self, hearer: Hearer) -> None:
        """Tell a hearer nothing any more."""
        held, inotify = self._held.pop(hearer, {}), self._inotify
        self._refused.difference_update([end for end in list(self._refused) if end[0] == hearer])
        if inotify is not None:
            inotify.remove_callbacks(list(held.values()))

    def close(self) -> None:
        """Tell nobody anything any more."""
        with self._lock:
            inotify, self._inotify = self._inotify, None
            self._held.clear()
        if inotify is not None:
            inotify.stop()

    def _begin(self) -> "InotifyFD":
        with self._lock:
            if self._inotify is None:
                self._inotify = _new_inotify()
            if self._inotify.ident is None:  # also where the machine had no thread for it the last time
                self._inotify.start()
            return self._inotify

    def _watch(self, inotify: "InotifyFD", end: _End) -> _Held:
        """Name a folder to the kernel. Raises OSError."""
        from watchdog.observers.inotify_c import CallbackId  # noqa: PLC0415  Linux alone has it

        # watchdog looks the path up under its lock, where one that hangs would keep everybody from hearing.
        end.folder.stat()
        number = CallbackId(next(self._numbers))
        watch = inotify.add_callback(os.fsencode(end.folder), _mask(), end, number)
        if watch < 0:  # watchdog takes a folder that may not be read for one that is watched
            inotify.remove_callbacks([(watch, number)])
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return watch, number

    def _note(self, hearer: Hearer, folder: Path, error: OSError) -> None:
        if error.errno in ABSENT or (hearer, folder) in self._refused:
            return
        self._refused.add((hearer, folder))
        reason = (error.strerror or str(error)).lower()
        log.warning("folder not watched", extra={"folder": str(folder), "reason": reason})


def _new_inotify() -> "InotifyFD":
    """Return an instance that is not started. Raises OSError if the machine can have none."""
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    from watchdog.utils import UnsupportedLibcError  # noqa: PLC0415  with the next

    try:
        from watchdog.observers.inotify_c import InotifyFD  # noqa: PLC0415  Linux alone has it
    except UnsupportedLibcError as error:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from error
    # It takes three open files, and leaves the first open if there is none for the others.
    with open(os.devnull, "rb"), open(os.devnull, "rb"), open(os.devnull, "rb"):  # noqa: PTH123
        pass
    inotify = InotifyFD()
    inotify.name = "file events"
    return inotify


@functools.cache
def _mask() -> "Mask":
    """Return what is an event to us.

    watchdog's own set lacks the moving of the folder itself, and has the reading of files: our own reading
    would wake us for ever.
    """
    from watchdog.observers.inotify_c import InotifyConstants, Mask  # noqa: PLC0415  Linux alone has it

    return Mask(
        InotifyConstants.IN_MODIFY
        | InotifyConstants.IN_ATTRIB
        | InotifyConstants.IN_CLOSE_WRITE
        | InotifyConstants.IN_MOVE
        | InotifyConstants.IN_CREATE
        | InotifyConstants.IN_DELETE
        | InotifyConstants.IN_DELETE_SELF
        | InotifyConstants.IN_MOVE_SELF
        | InotifyConstants.IN_ONLYDIR
    )
