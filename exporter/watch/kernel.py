"""File events from the kernel, for all that listen in a process: one thread, one watch for each folder."""

import errno
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from exporter.watch.hearing import Hearer, tell
from exporter.watch.inotify import Inotify

log = logging.getLogger(__name__)

USED_UP = frozenset({errno.ENOSPC, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSYS})
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


@dataclass(slots=True)
class Kernel:
    """Tells each hearer of the folders that it attends to.

    Each call of ``attend`` names every folder to the kernel again, which keeps the watch where there is one:
    no event is lost between two, and a volume that is mounted again, as it looked before, is watched again.
    """

    _inotify: Inotify | None = None
    _watched: dict[Hearer, dict[Path, int]] = field(default_factory=dict)
    _ends: dict[int, dict[tuple[Hearer, Path], None]] = field(default_factory=dict)  # by watch, who hears
    _refused: set[tuple[Hearer, Path]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)  # never held while a path is looked up

    def attend(self, hearer: Hearer, folders: Iterable[Path]) -> None:
        """Watch those of a hearer's folders that are there. One thread at a time for each hearer.

        A folder that cannot be watched is logged. Raises OSError where the machine has no watches left.
        """
        inotify = self._begin()
        for folder in folders:
            try:
                self._watch(inotify, hearer, folder)
            except OSError as error:
                if error.errno in USED_UP:
                    self.forget(hearer)
                    raise
                self._hold(inotify, hearer, folder, None)
                self._note(hearer, folder, error)
            else:
                self._refused.discard((hearer, folder))

    def forget(self, hearer: Hearer) -> None:
        """Tell a hearer nothing any more."""
        with self._lock:
            folders = list(self._watched.get(hearer, ()))
        for folder in folders:
            self._hold(self._inotify, hearer, folder, None)
            self._refused.discard((hearer, folder))
        with self._lock:
            self._watched.pop(hearer, None)

    def close(self) -> None:
        """Tell nobody anything any more."""
        with self._lock:
            inotify, self._inotify = self._inotify, None
        if inotify is not None:
            inotify.end()

    def _begin(self) -> Inotify:
        with self._lock:
            if self._inotify is None:
                self._inotify = Inotify()
                threading.Thread(
                    target=self._listen, args=(self._inotify,), name="file events", daemon=True
                ).start()
            return self._inotify

    def _watch(self, inotify: Inotify, hearer: Hearer, folder: Path) -> None:
        held = self._watched.get(hearer, {}).get(folder)
        # Until the kernel names the watch that is held: another hearer may have ended it a moment ago.
        while (watch := inotify.add(folder)) != held:
            self._hold(inotify, hearer, folder, watch)
            held = watch

    def _hold(self, inotify: Inotify | None, hearer: Hearer, folder: Path, watch: int | None) -> None:
        """Keep a folder's watch in place of the one before, which ends if nobody else hears of it."""
        end = (hearer, folder)
        with self._lock:
            watched = self._watched.setdefault(hearer, {})
            before = watched.pop(folder, None)
            if watch is not None:
                watched[folder] = watch
                self._ends.setdefault(watch, {})[end] = None
            if before is None or before == watch:
                return
            ends = self._ends[before]
            del ends[end]
            if not ends:
                del self._ends[before]
                if inotify is not None:
                    inotify.remove(before)

    def _note(self, hearer: Hearer, folder: Path, error: OSError) -> None:
        if error.errno in ABSENT or (hearer, folder) in self._refused:
            return
        self._refused.add((hearer, folder))
        reason = (error.strerror or str(error)).lower()
        log.warning("folder not watched", extra={"folder": str(folder), "reason": reason})

    def _listen(self, inotify: Inotify) -> None:
        while events := inotify.read():
            if any(event.is_overflow for event in events):
                self._tell_everybody()
            # A file that is being written makes many events.
            for watch, name in dict.fromkeys(
                (event.watch, event.name) for event in events if event.is_change
            ):
                self._pass_on(watch, name)

    def _pass_on(self, watch: int, name: str) -> None:
        with self._lock:
            ends = list(self._ends.get(watch, ()))
        for hearer, folder in ends:
            tell(hearer, folder / name if name else folder)

    def _tell_everybody(self) -> None:
        log.warning("the kernel has dropped file events: looking at everything")
        with self._lock:
            hearers = list(self._watched)
        for hearer in hearers:
            tell(hearer, None)
