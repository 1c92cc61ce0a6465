"""The gate during a pass: the log, and what the pass adds to it. Fails closed."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from exporter.errors import reason_of
from exporter.gate.audit import AUDIT, AuditLog, Book
from exporter.gate.entry import Acknowledged, Entry, Held, Released
from exporter.gate.flag import show_flag
from exporter.gate.gate import Gate, Status

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Keeper:
    """The gate of one output folder. Without a folder, or if it cannot be written, holds live in memory.

    If the log is unreadable, the last state stays in force; a hold that cannot be recorded is in force anyway
    and is retried at the next pass. Both are counted in ``errors``. A log only grows: entries
    that have disappeared from it stay in force, and are written again.
    """

    folder: Path | None = None
    records: bool = True  # a what-if does not change anything
    errors: int = 0
    _book: Book = field(default_factory=Book)
    _unrecorded: tuple[Held, ...] = ()

    @property
    def damage(self) -> str | None:
        """Describe the damage to the log, ``None`` without any."""
        return self._book.damage

    @property
    def broken(self) -> int:
        """How many lines of the log cannot be read."""
        return self._book.broken

    def look(self, now: datetime) -> Gate:
        """Return the gate according to the log."""
        if self.folder is not None:
            audit, known = AuditLog(self.folder / AUDIT), self._book.entries
            lost = self._try(audit.read) and not set(known) <= set(self._book.entries)
            if lost:
                log.error("audit log entries lost", extra={"folder": str(self.folder)})
                self.errors += 1
                self._book = replace(self._book, entries=tuple(dict.fromkeys((*known, *self._book.entries))))
            if lost and self.records:
                self._try(
                    lambda: audit.append(lambda book: [one for one in known if one not in book.entries])
                )
        return self._gate(now)

    def hold(self, found: Sequence[Held], now: datetime) -> Gate:
        """Record new findings; return the gate including them."""
        wanted = Gate(self._book.entries, now).missing([*self._unrecorded, *found])
        self._unrecorded = wanted
        if self.folder is not None and self.records and wanted:
            audit = AuditLog(self.folder / AUDIT)
            # Another process may have recorded them since, or a person may have acknowledged them.
            if self._try(lambda: audit.append(lambda book: Gate(book.entries, now).missing(wanted))):
                self._unrecorded = ()
        return self._gate(now)

    def acknowledge(self, find: Callable[[Gate], Sequence[Acknowledged]], now: datetime) -> Gate:
        """Record what standing acknowledgements cover; ``find`` derives it from the gate.

        It is called again when the log is written: a standing acknowledgement may have just ended.
        """
        if self.folder is not None and self.records and find(self._gate(now)):
            audit = AuditLog(self.folder / AUDIT)
            self._try(lambda: audit.append(lambda book: find(Gate(book.entries, now))))
        return self._gate(now)

    def release(self, ends: Sequence[Released], now: datetime) -> Gate:
        """Record that holds have ended by themselves; if that fails, they remain."""
        if self.folder is not None and self.records and ends:
            audit = AuditLog(self.folder / AUDIT)

            def still_held(book: Book) -> Sequence[Entry]:
                held = {(hold.partition, hold.content) for hold in Gate(book.entries, now).holds}
                return [
                    end for end in ends if any((end.partition, content) in held for content in end.contents)
                ]

            self._try(lambda: audit.append(still_held))
        return self._gate(now)

    def show(self, status: Status) -> None:
        """Write or remove the flag."""
        if self.folder is None or not self.records:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            show_flag(self.folder, status)
        except OSError as error:
            self._complain(error)

    def _gate(self, now: datetime) -> Gate:
        return Gate((*self._book.entries, *self._unrecorded), now)

    def _try(self, step: Callable[[], Book]) -> bool:
        try:
            self._book = step()
        except OSError as error:
            self._complain(error)
            return False
        return True

    def _complain(self, error: OSError) -> None:
        self.errors += 1
        reason = reason_of(error)
        log.error("gate not written or read", extra={"folder": str(self.folder), "reason": reason})
