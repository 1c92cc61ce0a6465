"""Changes of files that the kernel does not report: folders are listed repeatedly.

watchdog's snapshots of a folder would cost more than twice the processor time at rest. By themselves they do
not compare change times, so that a file rewritten with the size and modification time of the one
before would go unnoticed; and they treat a folder whose listing fails with EINVAL as empty.
"""

import errno
import logging
import os
import stat
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.watch.listening import Listener, notify

log = logging.getLogger(__name__)

SLOW_SECONDS = 5.0  # a slower listing, as on a hanging mount, is abandoned

Entry = tuple[int, ...]  # the parts of a ``stat`` that differ after a change
Entries = Mapping[str, Entry]


@dataclass(slots=True, eq=False)
class _Polled:
    """The content of a listener's folders at the last listing; ``None`` for a missing one."""

    listener: Listener
    folders: tuple[Path, ...]
    seconds: float
    due_at: float = 0.0  # on the monotonic clock
    is_busy: bool = False
    entries: dict[Path, Entries | None] = field(default_factory=dict)

    def look(self) -> list[Path]:
        """List the folders again; return what has changed."""
        changed: list[Path] = []
        for folder in self.folders:
            try:
                now = list_entries(folder)
            except OSError:  # often temporary, on a network: the last listing counts until then
                continue
            before = self.entries.get(folder)
            self.entries[folder] = now
            if (now is None) != (before is None):
                changed.append(folder)
            old, new = before or {}, now or {}
            changed += [folder / name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
        return changed


@dataclass(slots=True)
class Poller:
    """Lists every listener's folders in turn. One that hangs is abandoned and delays no other."""

    slow_seconds: float = SLOW_SECONDS
    _polled: dict[Listener, _Polled] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _is_running: bool = False

    def attend(self, listener: Listener, folders: Iterable[Path], seconds: float) -> None:
        """Notify a listener of changes in its folders from now on, listing them periodically."""
        if listener in self._polled:
            return
        polled = _Polled(listener, tuple(folders), seconds)
        polled.look()  # now: later arrivals are changes
        polled.due_at = time.monotonic() + seconds
        with self._changed:
            if not self._is_running:
                threading.Thread(target=self._run, name="polling", daemon=True).start()
                self._is_running = True  # only if it could be started
            self._polled[listener] = polled
            self._changed.notify_all()

    def forget(self, listener: Listener) -> None:
        """Stop notifying a listener."""
        with self._changed:
            self._polled.pop(listener, None)
            self._changed.notify_all()

    def close(self) -> None:
        """Stop notifying all listeners."""
        with self._changed:
            self._polled.clear()
            self._changed.notify_all()

    def _run(self) -> None:
        while (polled := self._next()) is not None:
            looking = threading.Thread(target=self._look, args=(polled,), name="poll", daemon=True)
            try:
                looking.start()
            except RuntimeError as error:  # no thread is left, for now
                reason = {"reason": str(error)}
                log.error("folders not listed", extra=reason)  # noqa: TRY400  the reason says it all
                self._look_later(polled)
            else:
                looking.join(self.slow_seconds)

    def _next(self) -> _Polled | None:
        """Wait for the next one to be due; ``None`` once there are no listeners."""
        with self._changed:
            while self._polled:
                idle = [polled for polled in self._polled.values() if not polled.is_busy]
                first = min(idle, key=lambda polled: polled.due_at, default=None)
                left = None if first is None else first.due_at - time.monotonic()
                if first is not None and left is not None and left <= 0:
                    first.is_busy = True
                    return first
                self._changed.wait(left)
            self._is_running = False
            return None

    def _look(self, polled: _Polled) -> None:
        try:
            for path in polled.look():
                if self._polled.get(polled.listener) is polled:
                    notify(polled.listener, path)
        finally:
            self._look_later(polled)

    def _look_later(self, polled: _Polled) -> None:
        with self._changed:
            polled.is_busy, polled.due_at = False, time.monotonic() + polled.seconds
            self._changed.notify_all()


def list_entries(folder: Path) -> Entries | None:
    """Return each entry's fingerprint, or ``None`` if the folder does not exist. Raises OSError."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: _entry(entry) for entry in entries}
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise


def _entry(entry: os.DirEntry[str]) -> Entry:
    """Links are followed: a redirected link has another file. Of a folder only itself counts."""
    try:
        status = entry.stat()
    except OSError:  # a broken link
        return ()
    if stat.S_ISDIR(status.st_mode):
        return status.st_dev, status.st_ino
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
