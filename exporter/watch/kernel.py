"""File events from the kernel, for all listeners of a process: one thread, one watch per folder."""

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

from exporter.errors import reason_of
from exporter.watch.listening import Listener, notify

if TYPE_CHECKING:  # Linux only
    from watchdog.observers.inotify_c import CallbackId, InotifyEvent, InotifyFD, Mask, WatchDescriptor

log = logging.getLogger(__name__)

USED_UP = frozenset({errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSYS})
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


@dataclass(frozen=True, slots=True)
class _End:
    """The target of a watch's events: a listener, with the folder as named by it."""

    listener: Listener
    folder: Path

    def on_event(self, event: "InotifyEvent") -> None:
        """Report a change. A folder's permissions do not affect the files in it."""
        if not (event.is_attrib and event.is_directory):
            notify(self.listener, self.folder / os.fsdecode(event.name) if event.name else self.folder)

    def on_watch_deleted(self, wd: "WatchDescriptor") -> None:
        """Ignore it: the event before has reported that the folder is gone."""

    def on_queue_overflow(self) -> None:
        """Have everything checked; watchdog has logged that the kernel dropped events."""
        notify(self.listener, None)


_Held = tuple["WatchDescriptor", "CallbackId"]


@dataclass(slots=True)
class Kernel:
    """Notifies each listener about the folders that it watches.

    Each call of ``attend`` adds every folder to the kernel again, which keeps an existing watch:
    no event is lost between calls, and a volume that is mounted again is watched again.

    The inotify instance is our own, not watchdog's shared one: that one never ends, and any other user
    of a folder on it would change which events we receive.
    """

    _inotify: "InotifyFD | None" = None
    _held: dict[Listener, dict[Path, _Held]] = field(default_factory=dict)
    _refused: set[tuple[Listener, Path]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)  # never held while a path is resolved

    def attend(self, listener: Listener, folders: Iterable[Path]) -> None:
        """Watch those of a listener's folders that exist. One thread at a time per listener.

        Folders that cannot be watched are logged. Raises OSError if the machine has no watches left.
        """
        inotify = self._begin()
        held = self._held.setdefault(listener, {})
        for folder in folders:
            now: _Held | None = None
            try:
                now = self._watch(inotify, _End(listener, folder))
            except OSError as error:
                if inotify is not self._inotify:  # closed meanwhile
                    return
                if error.errno in USED_UP:
                    self.forget(listener)
                    raise
                self._note(listener, folder, error)
            else:
                self._refused.discard((listener, folder))
            before = held.pop(folder, None)
            if now is not None:
                held[folder] = now
            if before is not None:  # only now: the watch must not end in between
                inotify.remove_callbacks([before])

    def forget(self, listener: Listener) -> None:
        """Stop notifying a listener."""
        held, inotify = self._held.pop(listener, {}), self._inotify
        self._refused.difference_update([end for end in list(self._refused) if end[0] == listener])
        if inotify is not None:
            inotify.remove_callbacks(list(held.values()))

    def close(self) -> None:
        """Stop notifying all listeners."""
        with self._lock:
            inotify, self._inotify = self._inotify, None
            self._held.clear()
        if inotify is not None:
            inotify.stop()

    def _begin(self) -> "InotifyFD":
        with self._lock:
            if self._inotify is None:
                self._inotify = _new_inotify()
            if self._inotify.ident is None:  # also if no thread could be started last time
                self._inotify.start()
            return self._inotify

    def _watch(self, inotify: "InotifyFD", end: _End) -> _Held:
        """Add a folder to the kernel's watches. Raises OSError."""
        from watchdog.observers.inotify_c import CallbackId  # noqa: PLC0415  Linux only

        # watchdog resolves the path under its lock, where one that hangs would block all listeners.
        end.folder.stat()
        number = CallbackId(next(self._numbers))
        watch = inotify.add_callback(os.fsencode(end.folder), _mask(), end, number)
        if watch < 0:  # watchdog treats an unreadable folder as watched
            inotify.remove_callbacks([(watch, number)])
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return watch, number

    def _note(self, listener: Listener, folder: Path, error: OSError) -> None:
        if error.errno in ABSENT or (listener, folder) in self._refused:
            return
        self._refused.add((listener, folder))
        reason = reason_of(error)
        log.warning("folder not watched", extra={"folder": str(folder), "reason": reason})


def _new_inotify() -> "InotifyFD":
    """Return an instance that is not started. Raises OSError if none can be created."""
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    from watchdog.utils import UnsupportedLibcError  # noqa: PLC0415  with the next

    try:
        from watchdog.observers.inotify_c import InotifyFD  # noqa: PLC0415  Linux only
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
    """Return the events that we use.

    watchdog's own set lacks moves of the folder itself, and includes reads of files: our own reads
    would wake us forever.
    """
    from watchdog.observers.inotify_c import InotifyConstants, Mask  # noqa: PLC0415  Linux only

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
