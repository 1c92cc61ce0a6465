"""Messages to other systems and their delivery state: a separate SQLite file next to the state.

Separate, because the state may be set aside and started over at any time, which is harmless there but would
lose pending messages here; and because a sender that locks the file must never delay a pass.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from exporter.errors import UserError
from exporter.model import Stage
from exporter.pipeline.vitals import PushHealth
from exporter.plain import plain

OUTBOX = "outbox.db"
BUSY_SECONDS = 5.0
BROKEN = (sqlite3.Error, ValueError)  # what reading a damaged file raises

TABLES = """
CREATE TABLE IF NOT EXISTS item (  -- the newest message on each subject
    peer TEXT NOT NULL,
    subject TEXT NOT NULL,
    channel TEXT NOT NULL,
    digest TEXT NOT NULL,
    event BLOB NOT NULL,
    queued_at REAL NOT NULL,
    accepted_at REAL,  -- NULL: still to be sent
    invocation TEXT,
    problem TEXT,  -- of the last attempt
    PRIMARY KEY (peer, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS peer (
    name TEXT PRIMARY KEY,
    attempted_at REAL,
    succeeded_at REAL,
    pushes INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (  -- rows and bytes ever seen, also of partitions that left the report
    partition TEXT NOT NULL,
    stage TEXT NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (partition, stage)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A message on one subject; a newer one on the same subject replaces it.

    ``renew_seconds``: sent again, though unchanged, once the peer accepted it so long ago.
    """

    subject: str
    channel: str  # messages that may share a request
    event: Mapping[str, Any]
    renew_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The delivery state of one subject. Times are seconds since the epoch."""

    subject: str
    accepted_at: float | None
    invocation: str | None
    problem: str | None


class Outbox:
    """The open file, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises UserError if that cannot be done."""
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(TABLES)
        except BROKEN as error:
            raise UserError(f"{path}: {plain(str(error))}; move the file away to start over") from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, peer: str, items: Sequence[Item]) -> int:
        """Queue messages that are new or due again, drop obsolete ones; return how many wait."""
        now = time.time()
        with self._transaction():
            for item in items:
                self._put(peer, item, now)
            wanted = {item.subject for item in items}
            for subject, _, _ in self.pending(peer):
                if subject not in wanted:
                    self._db.execute("DELETE FROM item WHERE peer = ? AND subject = ?", (peer, subject))
        return len(self.pending(peer))

    def _put(self, peer: str, item: Item, now: float) -> None:
        event = orjson.dumps(item.event)
        digest = sha256(item.channel.encode() + b"\0" + event).hexdigest()
        known = self._db.execute(
            "SELECT digest, accepted_at FROM item WHERE peer = ? AND subject = ?", (peer, item.subject)
        ).fetchone()
        if known is not None and known[0] == digest:
            accepted = known[1]
            if accepted is None or item.renew_seconds is None or now - accepted < item.renew_seconds:
                return
        self._db.execute(
            "INSERT OR REPLACE INTO item (peer, subject, channel, digest, event, queued_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (peer, item.subject, item.channel, digest, event, now),
        )

    def pending(self, peer: str) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Return subject, channel and event of waiting messages, longest waiting first."""
        with self._telling():
            rows = self._db.execute(
                "SELECT subject, channel, event FROM item WHERE peer = ? AND accepted_at IS NULL "
                "ORDER BY queued_at, channel, subject",
                (peer,),
            )
            return [(subject, channel, orjson.loads(event)) for subject, channel, event in rows]

    def accept(self, peer: str, subjects: Sequence[str], invocation: str | None) -> None:
        """Record that the peer accepted these."""
        with self._transaction():
            self._db.executemany(
                "UPDATE item SET accepted_at = ?, invocation = ?, problem = NULL "
                "WHERE peer = ? AND subject = ?",
                [(time.time(), invocation, peer, subject) for subject in subjects],
            )

    def refuse(self, peer: str, subjects: Sequence[str], problem: str) -> None:
        """Record why these still wait."""
        with self._transaction():
            self._db.executemany(
                "UPDATE item SET problem = ? WHERE peer = ? AND subject = ?",
                [(problem, peer, subject) for subject in subjects],
            )

    def note(self, peer: str, *, succeeded: bool) -> None:
        """Count a push."""
        now = time.time()
        with self._transaction():
            self._db.execute(
                "INSERT INTO peer VALUES (?, ?, ?, 1, ?) ON CONFLICT (name) DO UPDATE SET "
                "attempted_at = excluded.attempted_at, pushes = pushes + 1, "
                "failures = failures + excluded.failures, "
                "succeeded_at = coalesce(excluded.succeeded_at, succeeded_at)",
                (peer, now, now if succeeded else None, int(not succeeded)),
            )

    def status(self, peer: str) -> list[Sent]:
        """Return the delivery state of every subject."""
        with self._telling():
            rows = self._db.execute(
                "SELECT subject, accepted_at, invocation, problem FROM item WHERE peer = ? "
                "ORDER BY channel, subject",
                (peer,),
            )
            return [Sent(*row) for row in rows]

    def remember(self, counted: Mapping[tuple[str, Stage], tuple[int, int]]) -> None:
        """Store rows and bytes by partition and stage."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?)",
                [(partition, stage.value, *numbers) for (partition, stage), numbers in counted.items()],
            )

    def ledger(self) -> dict[tuple[str, Stage], tuple[int, int]]:
        """Return rows and bytes ever seen."""
        with self._telling():
            rows = self._db.execute("SELECT partition, stage, rows, bytes FROM ledger")
            return {(partition, Stage(stage)): (count, size) for partition, stage, count, size in rows}

    def health(self) -> dict[str, PushHealth]:
        """Return the health of each peer's pushes."""
        with self._telling():
            counted = self._db.execute(
                "SELECT peer, count(*), min(queued_at) FROM item WHERE accepted_at IS NULL GROUP BY peer"
            )
            waiting = {peer: (count, oldest) for peer, count, oldest in counted}
            rows = self._db.execute("SELECT name, attempted_at, succeeded_at, pushes, failures FROM peer")
            return {
                name: PushHealth(*waiting.get(name, (0, None)), attempted, succeeded, pushes, failures)
                for name, attempted, succeeded, pushes, failures in rows
            }

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._telling():
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise UserError where the file cannot be used; nothing of a transaction is left then."""
        try:
            yield
        except BROKEN as error:
            with suppress(sqlite3.Error):
                self._db.rollback()
            raise UserError(f"{self.path}: {plain(str(error))}") from None


@contextmanager
def open_outbox(folder: Path) -> Iterator[Outbox]:
    """Open the outbox of an output folder. Raises UserError while another push is running."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / f".{OUTBOX}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        outbox = Outbox(folder / OUTBOX)
        try:
            yield outbox
        finally:
            outbox.close()
    except BlockingIOError:
        raise UserError(f"{folder}: another push is running") from None
    finally:
        os.close(descriptor)


def read_outbox(folder: Path, look: Callable[[Outbox], Any], otherwise: Any) -> Any:
    """Read the outbox without blocking a push; ``otherwise`` if there is none yet."""
    if not (folder / OUTBOX).is_file():
        return otherwise
    outbox = Outbox(folder / OUTBOX)
    try:
        return look(outbox)
    finally:
        outbox.close()
