"""What survives a restart: profiles, first arrivals, replaced contents, incidents, values. One SQLite file.

Several processes may use the file at once. A corrupt file is set aside and started over, and the caller is
informed. The profiles are then read from the event files again. These do not say when they first arrived,
what they held before they were replaced, since when they have been smaller, which incidents have left the
window or have been notified, nor the values of days that have left it: all that is lost.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from exporter.errors import UserError
from exporter.model import Partition, Profile, Stage
from exporter.store.daybook import KeptDay, load_days, write_days
from exporter.store.files import (
    FileRead,
    Key,
    Memory,
    delete_days,
    load_files,
    load_profile,
    write_files,
    write_shrunk,
)
from exporter.store.looks import LastLook, write_looks
from exporter.store.migrations import MIGRATIONS

Result = TypeVar("Result")

KEPT_BROKEN = 3
BUSY_SECONDS = 10.0  # to wait for another process that locks the file


class StateError(OSError):
    """The state cannot be written or read right now. The caller still has what was to be stored."""


class State:
    """The state file. Thread-safe; threads take turns."""

    def __init__(self, path: Path, opened: tuple[sqlite3.Connection, Memory], rebuilt: str | None) -> None:
        self.path = path
        self.rebuilt = rebuilt  # why the previous file was set aside
        self._connection = opened[0]
        self._found: Memory | None = opened[1]
        self._turn = threading.Lock()
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path) -> "State":
        """Open the file, or create it, or set a corrupt one aside and start over.

        Raises UserError for a file of a newer version, StateError where the folder cannot be written.
        """
        try:
            return cls(path, _connect(path), None)
        except sqlite3.DatabaseError as error:
            if not _is_corruption(error):
                raise StateError(f"{path}: {error}") from None
            reason = f"{path.name} was corrupt ({error})"
        kept = _set_aside(path)
        try:
            return cls(path, _connect(path), f"{reason}; kept as {kept.name}, started over")
        except sqlite3.DatabaseError as error:
            raise StateError(f"{path}: {error}") from None

    def load(self) -> Memory:
        """Return everything remembered of all files, except their profiles. Raises StateError."""
        found, self._found = self._found, None  # at the start it has just been loaded
        return self._run(load_files) if found is None else found

    def load_profiles(self, contents: Iterable[tuple[Key, str, str | None]]) -> Mapping[Key, Profile]:
        """Return the profiles of files by fingerprint, and by spec unless that is ``None``.

        What is not stored or cannot be decoded is left out. Raises StateError.
        """

        def load(connection: sqlite3.Connection) -> Mapping[Key, Profile]:
            found = {
                key: load_profile(connection, key, fingerprint, spec) for key, fingerprint, spec in contents
            }
            return {key: profile for key, profile in found.items() if profile is not None}

        return self._run(load)

    def forget(self, days: Collection[Partition]) -> None:
        """Delete what is remembered of these days' files, except the trends' values. Raises StateError."""
        self._run(lambda connection: delete_days(connection, days))

    def note_shrunk(self, shrunk: Mapping[Key, int]) -> None:
        """Store which files have shrunk, and since when. Raises StateError."""
        self._run(lambda connection: write_shrunk(connection, shrunk))

    def note_looks(self, looks: Mapping[Stage, LastLook]) -> None:
        """Store when these stages were last listed. Raises StateError."""
        self._run(lambda connection: write_looks(connection, looks))

    def load_incidents(self) -> Mapping[str, bytes]:
        """Return the incidents as written, by id. Raises StateError."""
        return self._run(lambda connection: dict(connection.execute("SELECT id, body FROM incident")))

    def note_incidents(self, bodies: Mapping[str, bytes]) -> None:
        """Store these incidents by id, replacing all others. Raises StateError."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM incident")
            connection.executemany("INSERT INTO incident VALUES (?, ?)", bodies.items())
            connection.execute("COMMIT")

        self._run(write)

    def load_days(self) -> Mapping[Partition, KeptDay]:
        """Return the stored values of days. Raises StateError."""
        return self._run(load_days)

    def note_days(self, changed: Mapping[Partition, KeptDay], gone: Iterable[Partition]) -> None:
        """Store the values of these days, replacing known ones, and remove others. Raises StateError."""
        self._run(lambda connection: write_days(connection, changed, gone))

    def remember(self, reads: Sequence[FileRead]) -> None:
        """Write readings in one transaction: all of them or none. Raises StateError."""
        self._run(lambda connection: write_files(connection, reads))

    def close(self) -> None:
        """Close the file and checkpoint its write-ahead log."""
        with self._turn, contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()

    def _refuse_if_lost(self) -> None:
        """Raise StateError if the file has been deleted or replaced: what is written would be lost."""
        try:
            inode = self.path.stat().st_ino
        except OSError:
            inode = None
        if inode != self._inode:
            raise StateError(f"{self.path}: deleted or replaced while in use; restart to start a new one")

    def _run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        with self._turn:
            self._found = None
            self._refuse_if_lost()
            try:
                return work(self._connection)
            except (sqlite3.Error, OverflowError, TypeError, ValueError) as error:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.rollback()
                raise StateError(f"{self.path}: {error}") from None


def _connect(path: Path) -> tuple[sqlite3.Connection, Memory]:
    """Return a connection, and what is remembered: reading it now shows unexpected rows before any pass."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )  # threads take turns, see State
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # A lost last transaction after a power cut only means that a file is read again.
        connection.execute("PRAGMA synchronous = NORMAL")
        _check(connection)
        _migrate(connection, path)
        return connection, load_files(connection)
    except (ValueError, TypeError) as error:  # rows that no version has written
        connection.close()
        raise sqlite3.DatabaseError(f"unexpected content: {error}") from None
    except BaseException:
        connection.close()
        raise


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError("database disk image is malformed")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")  # two processes may start at the same time
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise UserError(
            f"{path}: written by a newer version (state {version}, this one knows up to {len(MIGRATIONS)}); "
            "upgrade, or move the file away"
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        for statement in script.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("COMMIT")


def _is_corruption(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by ourselves, from the result of quick_check
        return True
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or code == sqlite3.SQLITE_ERROR


def _set_aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    kept = path.with_name(f"{path.name}.corrupt-{stamp}")
    path.replace(kept)
    for companion in ("-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    for old in sorted(path.parent.glob(f"{path.name}.corrupt-*"))[:-KEPT_BROKEN]:
        old.unlink(missing_ok=True)
    return kept
