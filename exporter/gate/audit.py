"""The audit log: one line for each hold and acknowledgement, appended, synced, never rewritten."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exporter.durable import lock, sync_folder
from exporter.gate.entry import Entry
from exporter.gate.line import BrokenLineError, read_line, write_line

AUDIT = "gate_audit.jsonl"
MOST_LINES = 5  # unreadable ones that are named


@dataclass(frozen=True, slots=True)
class Book:
    """The log's entries in order, and its unreadable lines.

    A line without an end was begun by a killed writer: nobody was told that it was recorded, so it is not an
    entry. The next writer ends it, which makes it a broken line. A ``damaged`` line was whole
    once: its content is unknown, so the gate cannot be open.
    """

    entries: tuple[Entry, ...] = ()
    broken: int = 0
    damaged: tuple[int, ...] = ()  # numbers of lines

    @property
    def damage(self) -> str | None:
        """Describe what is unknown; ``None`` if everything recorded is readable."""
        if not self.damaged:
            return None
        lines = f"line{'s' * (len(self.damaged) > 1)} {', '.join(map(str, self.damaged[:MOST_LINES]))}"
        return f"{AUDIT}: {lines} cannot be read, so the holds are unknown; restore or remove them"


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The log of one output folder, shared by all processes that use it."""

    path: Path

    def read(self) -> Book:
        """Return the current log; a missing one is empty. Raises OSError."""
        try:
            return _parse(self.path.read_bytes())
        except FileNotFoundError:
            return Book()

    def about(self, *texts: str) -> tuple[Entry, ...]:
        """Return the entries that mention one of these texts: a day, an incident's id. Raises OSError.

        Only their lines are parsed, which matters once there are thousands.
        """
        try:
            *lines, _ = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return ()
        wanted = [text.encode() for text in texts]
        chosen = (line for line in lines if any(text in line for text in wanted))
        return _parse(b"".join(line + b"\n" for line in chosen)).entries

    def append(self, decide: Callable[[Book], Sequence[Entry]]) -> Book:
        """Pass the log to ``decide``, append the entries that it returns, and return the new log.

        The log is locked meanwhile, so that two writers never miss each other. What is returned has
        been synced to disk. Raises OSError if that fails; then nothing counts as written, unless the error
        says that it may.
        """
        with self._turn() as descriptor:
            data = _read_all(descriptor)
            book = _parse(data)
            added = tuple(decide(book))
            unfinished = bool(data) and not data.endswith(b"\n")
            if added:
                lines = b"".join(write_line(entry) for entry in added)
                try:
                    _write(descriptor, b"\n" + lines if unfinished else lines)
                    os.fsync(descriptor)
                except OSError as error:
                    _take_back(descriptor, len(data), error)
                    raise
            broken = book.broken + (unfinished and bool(added))
            return Book((*book.entries, *added), broken, book.damaged)

    @contextmanager
    def _turn(self) -> Iterator[int]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        created = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            lock(descriptor)
            if created:
                sync_folder(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)


def _parse(data: bytes) -> Book:
    *lines, unfinished = data.split(b"\n")
    entries: list[Entry] = []
    broken, damaged = 0, []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entries.append(read_line(line))
        except BrokenLineError:
            broken += 1
            if _was_whole(line):
                damaged.append(number)
    if b"\0" in unfinished:
        damaged.append(len(lines) + 1)
    return Book(tuple(entries), broken, tuple(damaged))


def _was_whole(line: bytes) -> bool:
    """Distinguish a damaged line from one that a killed writer never finished."""
    return line.rstrip().endswith(b"}") or b"\0" in line


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    data = b""
    while len(data) < size and (chunk := os.pread(descriptor, size - len(data), len(data))):
        data += chunk
    return data


def _take_back(descriptor: int, size: int, error: OSError) -> None:
    """Leave the log as it was: what a refused writer wrote would be read as an entry until the next restart.

    Raises OSError where that fails too.
    """
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        words = f"{error.strerror}, and the entry cannot be taken back: see gate history"
        raise OSError(error.errno, words) from None


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
