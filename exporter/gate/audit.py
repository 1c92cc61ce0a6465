"""The audit log: one line for each hold and acknowledgement, appended, synced, never rewritten."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exporter.durable import sync_folder, take_turn
from exporter.gate.entry import Entry
from exporter.gate.line import BrokenLineError, read_line, write_line

AUDIT = "gate_audit.jsonl"


@dataclass(frozen=True, slots=True)
class Book:
    """What the log says: its entries in order, and how many lines cannot be read.

    A line without an end is one that a killed writer began: nobody was told that it stands, so it is no
    entry. The next writer ends it, and from then on it is a broken line.
    """

    entries: tuple[Entry, ...] = ()
    broken: int = 0


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The log of one output folder, shared by every process that works on it."""

    path: Path

    def read(self) -> Book:
        """Return what the log says now; an absent log says nothing. Raises OSError."""
        try:
            return _parse(self.path.read_bytes())
        except FileNotFoundError:
            return Book()

    def append(self, decide: Callable[[Book], Sequence[Entry]]) -> Book:
        """Let ``decide`` look at the log and return what is to be added; return the log with it.

        Nobody else writes in between, so two writers never overlook each other. What is returned has
        reached the disk. Raises OSError where it cannot; then nothing counts as written.
        """
        with self._turn() as descriptor:
            data = _read_all(descriptor)
            book = _parse(data)
            added = tuple(decide(book))
            unfinished = bool(data) and not data.endswith(b"\n")
            if added:
                lines = b"".join(write_line(entry) for entry in added)
                _write(descriptor, b"\n" + lines if unfinished else lines)
                os.fsync(descriptor)
            return Book((*book.entries, *added), book.broken + (unfinished and bool(added)))

    @contextmanager
    def _turn(self) -> Iterator[int]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        created = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            take_turn(descriptor)
            if created:
                sync_folder(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)


def _parse(data: bytes) -> Book:
    *lines, _unfinished = data.split(b"\n")
    entries: list[Entry] = []
    broken = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            entries.append(read_line(line))
        except BrokenLineError:
            broken += 1
    return Book(tuple(entries), broken)


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    data = b""
    while len(data) < size and (chunk := os.pread(descriptor, size - len(data), len(data))):
        data += chunk
    return data


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
