"""What survives a restart: profiles by content, first arrivals, replaced contents, values. One SQLite file.

Several processes may use the file at once. Its content can be rebuilt from the event files, except for the
first arrivals and notified incidents; so a corrupt file is set aside and started over, and the caller is
informed.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from exporter.errors import UserError
from exporter.model import Partition, Profile, Replaced, Stage, Stamp
from exporter.store.codec import decode_profile, encode_profile
from exporter.store.daybook import KeptDay, load_days, write_days
from exporter.store.migrations import MIGRATIONS

Key = tuple[Partition, Stage]
Result = TypeVar("Result")

KEPT_CONTENTS = 5  # profiles kept of one file's successive contents
KEPT_CHANGES = 10_000
KEPT_BROKEN = 3
BUSY_SECONDS = 10.0  # to wait for another process that locks the file
LARGEST_INTEGER = 2**63  # of SQLite integers; an inode can be larger


class StateError(OSError):
    """The state cannot be written or read right now. The caller still has what was to be stored."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What was last read of a partition's stage."""

    partition: Partition
    stage: Stage
    stamp: Stamp
    spec: str  # scanner version and settings
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ContentChange:
    """Content that was replaced after it was read. ``before`` and ``after`` are fingerprints."""

    partition: Partition
    stage: Stage
    at_ns: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the first content with rows arrived, and by which clock: ``mtime`` or ``seen``."""

    at_ns: int
    clock: str = "mtime"


@dataclass(frozen=True, slots=True)
class FileRead:
    """One reading of a file, to be stored."""

    partition: Partition
    stage: Stage
    stamp: Stamp
    spec: str
    profile: Profile
    arrival: Arrival | None
    at_ns: int
    same: bool = False  # same content as known, although the bytes may differ


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything stored, at one moment."""

    files: Mapping[Key, KnownFile] = field(default_factory=dict)
    profiles: Mapping[Key, Profile] = field(default_factory=dict)
    arrivals: Mapping[Key, Arrival] = field(default_factory=dict)
    changes: tuple[ContentChange, ...] = ()
    replaced: Mapping[Key, Replaced] = field(default_factory=dict)
    first_partition: Partition | None = None
    shrunk: Mapping[Key, int] = field(default_factory=dict)  # since when, in nanoseconds since the epoch


class State:
    """The state file. Thread-safe; threads take turns."""

    def __init__(self, path: Path, connection: sqlite3.Connection, rebuilt: str | None) -> None:
        self.path = path
        self.rebuilt = rebuilt  # why the previous file was set aside
        self._connection = connection
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
        """Return everything stored. What cannot be decoded is left out, and read from its file again."""
        return self._run(_load)

    def note_shrunk(self, shrunk: Mapping[Key, int]) -> None:
        """Store which files have shrunk, and since when. Raises StateError."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM shrunk")
            connection.executemany(
                "INSERT INTO shrunk VALUES (?, ?, ?)",
                [(partition.isoformat(), stage.value, since) for (partition, stage), since in shrunk.items()],
            )
            connection.execute("COMMIT")

        self._run(write)

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

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for read in reads:
                _remember(connection, read)
            connection.execute(
                "DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?", (KEPT_CHANGES,)
            )
            connection.execute("COMMIT")

        self._run(write)

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
            self._refuse_if_lost()
            try:
                return work(self._connection)
            except (sqlite3.Error, OverflowError, TypeError, ValueError) as error:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.rollback()
                raise StateError(f"{self.path}: {error}") from None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )  # threads take turns, see State
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # A lost last transaction after a power cut only means that a file is read again.
        connection.execute("PRAGMA synchronous = NORMAL")
        _check(connection)
        _migrate(connection, path)
        _load(connection)  # reads every row, so that errors show now and not in the middle of a pass
    except (ValueError, TypeError) as error:  # rows that no version has written
        connection.close()
        raise sqlite3.DatabaseError(f"unexpected content: {error}") from None
    except BaseException:
        connection.close()
        raise
    return connection


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


def _remember(connection: sqlite3.Connection, read: FileRead) -> None:
    key = (read.partition.isoformat(), read.stage.value)
    fingerprint, stamp = read.profile.fingerprint, read.stamp
    known = connection.execute(
        "SELECT fingerprint FROM file WHERE partition = ? AND stage = ?", key
    ).fetchone()
    if known is not None and known[0] != fingerprint and not read.same:
        connection.execute(
            "INSERT INTO change (partition, stage, at_ns, before, after) VALUES (?, ?, ?, ?, ?)",
            (*key, read.at_ns, known[0], fingerprint),
        )
    connection.execute(
        "INSERT OR REPLACE INTO profile VALUES (?, ?, ?, ?, ?, ?)",
        (*key, fingerprint, read.spec, encode_profile(read.profile), read.at_ns),
    )
    connection.execute(
        """INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (partition, stage) DO UPDATE SET
            arrival_clock = CASE arrival_ns WHEN 0 THEN excluded.arrival_clock ELSE arrival_clock END,
            arrival_ns = CASE arrival_ns WHEN 0 THEN excluded.arrival_ns ELSE arrival_ns END,
            size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns,
            inode = excluded.inode, fingerprint = excluded.fingerprint, spec = excluded.spec""",
        (
            *key,
            stamp.size,
            stamp.mtime_ns,
            stamp.ctime_ns,
            _signed(stamp.inode),
            fingerprint,
            read.spec,
            0 if read.arrival is None else read.arrival.at_ns,
            "mtime" if read.arrival is None else read.arrival.clock,
        ),
    )
    connection.execute(
        """DELETE FROM profile WHERE partition = ? AND stage = ? AND (fingerprint, spec) NOT IN (
            SELECT fingerprint, spec FROM profile WHERE partition = ? AND stage = ?
            ORDER BY read_ns DESC LIMIT ?)""",
        (*key, *key, KEPT_CONTENTS),
    )


def _load(connection: sqlite3.Connection) -> Memory:
    files: dict[Key, KnownFile] = {}
    profiles: dict[Key, Profile] = {}
    arrivals: dict[Key, Arrival] = {}
    known: set[Partition] = set()
    rows = connection.execute(
        """SELECT file.partition, file.stage, size, mtime_ns, ctime_ns, inode, fingerprint, spec,
            arrival_ns, arrival_clock, body
        FROM file LEFT JOIN profile USING (partition, stage, fingerprint, spec)"""
    )
    for partition, stage, size, mtime_ns, ctime_ns, inode, fingerprint, spec, arrival_ns, clock, body in rows:
        key = (date.fromisoformat(partition), Stage(stage))
        known.add(key[0])
        if arrival_ns:
            arrivals[key] = Arrival(arrival_ns, clock)
        profile = None if body is None else decode_profile(body)
        if profile is not None:
            stamp = Stamp(size, mtime_ns, ctime_ns, inode % (2 * LARGEST_INTEGER))
            files[key] = KnownFile(*key, stamp, spec, fingerprint)
            profiles[key] = profile
    changes = tuple(
        ContentChange(date.fromisoformat(partition), Stage(stage), at_ns, before, after)
        for partition, stage, at_ns, before, after in connection.execute(
            "SELECT partition, stage, at_ns, before, after FROM change ORDER BY id"
        )
    )
    shrunk = {
        (date.fromisoformat(partition), Stage(stage)): since_ns
        for partition, stage, since_ns in connection.execute("SELECT partition, stage, since_ns FROM shrunk")
    }
    return Memory(
        files,
        profiles,
        arrivals,
        changes,
        _load_replaced(connection),
        min(known, default=None),
        shrunk,
    )


def _load_replaced(connection: sqlite3.Connection) -> dict[Key, Replaced]:
    """Return what each file's newest change replaced, if that content's profile is still stored."""
    rows = connection.execute(
        """SELECT change.partition, change.stage, at_ns, body
        FROM change JOIN profile ON profile.partition = change.partition AND profile.stage = change.stage
            AND profile.fingerprint = change.before
        WHERE change.id IN (SELECT max(id) FROM change GROUP BY partition, stage)
        ORDER BY profile.read_ns"""
    )
    replaced: dict[Key, Replaced] = {}
    for partition, stage, at_ns, body in rows:
        profile = decode_profile(body)
        if profile is not None:
            key = (date.fromisoformat(partition), Stage(stage))
            replaced[key] = Replaced(key[1], at_ns, profile)
    return replaced


def _signed(number: int) -> int:
    return number - 2 * LARGEST_INTEGER if number >= LARGEST_INTEGER else number
