"""An engine that reads files locally while the requested one is unavailable."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from exporter.engine.engine import EngineError, Health
from exporter.engine.kind import Closable
from exporter.engine.local import LOCAL
from exporter.model import PartFile
from exporter.profiling.format import Advance, Found, Work

log = logging.getLogger(__name__)


@dataclass
class Fallback:
    """Logs each switch once; figures are the same either way."""

    engine: Closable
    _reason: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _local: threading.Semaphore | None = None
    _closed: bool = False

    def abreast(self, threads: int) -> int:
        """Return the engine's number; local threads are rationed for files that fall back to them."""
        self._local = self._local or threading.Semaphore(threads)
        return self.engine.abreast(threads)

    def read(self, files: Sequence[PartFile], work: Work, threads: int, advance: Advance) -> Found:
        """Read files with the engine, or else with a thread of this process."""
        read = _Undone(advance)
        try:
            found = self.engine.read(files, work, threads, read.advance)
        except EngineError as error:
            if self._closed:  # nothing is restarted while the process exits
                raise
            self._note(str(error))
        else:
            self._note("")
            return found
        read.undo()
        with self._local or threading.Semaphore():
            return LOCAL.read(files, work, threads, advance)

    def health(self) -> Health | None:
        """Return the engine's health."""
        health = self.engine.health()
        if health is not None:
            self._note(health.reason)
        return health

    def close(self) -> None:
        """Close the engine's connections."""
        self._closed = True
        self.engine.close()

    def _note(self, reason: str) -> None:
        with self._lock:
            before, self._reason = self._reason, reason
        if reason and not before:
            log.warning("engine unavailable, reading files locally", extra={"reason": reason})
        elif before and not reason:
            log.info("engine used again")


@dataclass
class _Undone:
    """Reports progress, and can take it back."""

    inner: Advance
    read: int = 0

    def advance(self, size: int) -> None:
        self.read += size
        self.inner(size)

    def undo(self) -> None:
        self.inner(-self.read)
