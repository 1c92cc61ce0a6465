"""What the state keeps of files: how each was last read, its contents, its first arrival."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from exporter.model import Partition, Profile, Stage, Stamp
from exporter.store.codec import decode_profile, encode_profile
from exporter.store.looks import LastLook, load_looks

Key = tuple[Partition, Stage]

KEPT_CONTENTS = 5  # profiles kept of one file's successive contents
KEPT_CHANGES = 10_000
LARGEST_INTEGER = 2**63  # of SQLite integers; an inode can be larger


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
    """Everything stored at one moment, except the profiles: most are of days long past."""

    files: Mapping[Key, KnownFile] = field(default_factory=dict)
    arrivals: Mapping[Key, Arrival] = field(default_factory=dict)
    changes: tuple[ContentChange, ...] = ()
    first_partition: Partition | None = None
    shrunk: Mapping[Key, int] = field(default_factory=dict)  # since when, in nanoseconds since the epoch
    looks: Mapping[Stage, LastLook] = field(default_factory=dict)


def load_files(connection: sqlite3.Connection) -> Memory:
    """Return everything remembered of all files, whether their profiles can be decoded or not."""
    files: dict[Key, KnownFile] = {}
    arrivals: dict[Key, Arrival] = {}
    rows = connection.execute(
        """SELECT partition, stage, size, mtime_ns, ctime_ns, inode, fingerprint, spec,
            arrival_ns, arrival_clock
        FROM file"""
    )
    for partition, stage, size, mtime_ns, ctime_ns, inode, fingerprint, spec, arrival_ns, clock in rows:
        key = (date.fromisoformat(partition), Stage(stage))
        if arrival_ns:
            arrivals[key] = Arrival(arrival_ns, clock)
        stamp = Stamp(size, mtime_ns, ctime_ns, inode % (2 * LARGEST_INTEGER))
        files[key] = KnownFile(*key, stamp, spec, fingerprint)
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
    first = min((partition for partition, _ in files), default=None)
    return Memory(files, arrivals, changes, first, shrunk, load_looks(connection))


def load_profile(
    connection: sqlite3.Connection, key: Key, fingerprint: str, spec: str | None
) -> Profile | None:
    """Return a stored profile, ``None`` if there is none that can be decoded.

    Without ``spec``, any of this content: the one read last.
    """
    rows = connection.execute(
        """SELECT body FROM profile
        WHERE partition = ? AND stage = ? AND fingerprint = ? AND spec = coalesce(?, spec)
        ORDER BY read_ns DESC""",
        (key[0].isoformat(), key[1].value, fingerprint, spec),
    )
    return next((profile for (body,) in rows if (profile := decode_profile(body)) is not None), None)


def delete_days(connection: sqlite3.Connection, days: Iterable[Partition]) -> None:
    """Delete everything that is remembered of the files of these days, in one transaction."""
    rows = [(day.isoformat(),) for day in days]
    connection.execute("BEGIN IMMEDIATE")
    for table in ("file", "profile", "change"):
        connection.executemany(f"DELETE FROM {table} WHERE partition = ?", rows)  # noqa: S608  names of ours
    connection.execute("COMMIT")


def _signed(number: int) -> int:
    return number - 2 * LARGEST_INTEGER if number >= LARGEST_INTEGER else number


def write_files(connection: sqlite3.Connection, reads: Iterable[FileRead]) -> None:
    """Write readings in one transaction: all of them or none."""
    connection.execute("BEGIN IMMEDIATE")
    for read in reads:
        _write(connection, read)
    connection.execute("DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?", (KEPT_CHANGES,))
    connection.execute("COMMIT")


def write_shrunk(connection: sqlite3.Connection, shrunk: Mapping[Key, int]) -> None:
    """Write which files have shrunk and since when, in place of what was known."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM shrunk")
    connection.executemany(
        "INSERT INTO shrunk VALUES (?, ?, ?)",
        [(partition.isoformat(), stage.value, since) for (partition, stage), since in shrunk.items()],
    )
    connection.execute("COMMIT")


def _write(connection: sqlite3.Connection, read: FileRead) -> None:
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
    # The content read last gets the highest read_ns even if the clock does not move (--as-of) or is set back,
    # because the oldest contents are deleted below.
    connection.execute(
        """INSERT OR REPLACE INTO profile VALUES (?, ?, ?, ?, ?, max(?, (
            SELECT coalesce(max(read_ns) + 1, 0) FROM profile WHERE partition = ? AND stage = ?)))""",
        (*key, fingerprint, read.spec, encode_profile(read.profile), read.at_ns, *key),
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
