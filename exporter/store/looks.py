"""What the state keeps of the last listing, so that the next process knows which files came after it."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from exporter.model import Partition, Stage


@dataclass(frozen=True, slots=True)
class LastLook:
    """When the files of a stage were last listed, and which of those there have not been read.

    What has been read is known anyway. Nothing is said of days before ``since``.
    """

    place: str  # where, and by which names: another place's files are no newcomers
    at_ns: int
    since: Partition
    unread: frozenset[Partition]

    def misses(self, partition: Partition) -> bool:
        """Return whether a file that was never read was absent."""
        return partition >= self.since and partition not in self.unread


def load_looks(connection: sqlite3.Connection) -> Mapping[Stage, LastLook]:
    """Return the last look at each stage."""
    rows = connection.execute("SELECT stage, place, at_ns, since, unread FROM look")
    return {
        Stage(stage): LastLook(
            place, at_ns, date.fromisoformat(since), frozenset(map(date.fromisoformat, unread.split()))
        )
        for stage, place, at_ns, since, unread in rows
    }


def write_looks(connection: sqlite3.Connection, looks: Mapping[Stage, LastLook]) -> None:
    """Write the last looks at these stages."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT OR REPLACE INTO look VALUES (?, ?, ?, ?, ?)",
        [
            (
                stage.value,
                look.place,
                look.at_ns,
                look.since.isoformat(),
                " ".join(map(str, sorted(look.unread))),
            )
            for stage, look in looks.items()
        ],
    )
    connection.execute("COMMIT")
