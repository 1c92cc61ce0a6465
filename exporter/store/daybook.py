"""The trends' values of days, as rows of the state: what is kept of a day after it leaves the window."""

import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from exporter.model import Partition

Values = Mapping[tuple[str, tuple[str, ...]], float]  # by metric and label values


@dataclass(frozen=True, slots=True)
class KeptDay:
    """One day's values, its content, and why they are excluded from baselines."""

    content: str
    values: Values
    excluded: str | None = None


def load_days(connection: sqlite3.Connection) -> dict[Partition, KeptDay]:
    """Return every day that can be decoded."""
    rows = connection.execute("SELECT partition, content, excluded, body FROM kept_day")
    found = {
        date.fromisoformat(day): _decode(content, excluded, body) for day, content, excluded, body in rows
    }
    return {day: kept for day, kept in found.items() if kept is not None}


def write_days(
    connection: sqlite3.Connection, changed: Mapping[Partition, KeptDay], gone: Iterable[Partition]
) -> None:
    """Replace the values of days, and remove others, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("DELETE FROM kept_day WHERE partition = ?", [(day.isoformat(),) for day in gone])
    connection.executemany(
        "INSERT OR REPLACE INTO kept_day VALUES (?, ?, ?, ?)",
        [(day.isoformat(), kept.content, kept.excluded, _encode(kept)) for day, kept in changed.items()],
    )
    connection.execute("COMMIT")


def _encode(kept: KeptDay) -> bytes:
    return orjson.dumps([[metric, labels, value] for (metric, labels), value in kept.values.items()])


def _decode(content: str, excluded: str | None, body: bytes) -> KeptDay | None:
    try:
        rows: list[Any] = orjson.loads(body)
        values = {(str(metric), tuple(map(str, labels))): float(value) for metric, labels, value in rows}
        if not all(map(math.isfinite, values.values())):  # float reads "inf"
            return None
    except (orjson.JSONDecodeError, TypeError, ValueError):
        return None
    return KeptDay(content, values, excluded)
