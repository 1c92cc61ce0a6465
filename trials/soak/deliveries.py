"""A soak's feeds on disk: their contracts, and their files in every form."""

import gzip
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from trials.soak.troubles import COLUMN, Delivery, Form, due_at, feed_names

ROWS = 200
USUAL_LEAD = timedelta(minutes=75)  # on the days before a soak begins
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {feed}
name: {feed}
version: 1.0.0
status: active
servers:
- {{server: files, type: local, path: {data}, format: csv}}
slaProperties:
- {{property: frequency, value: 1, unit: d}}
- {{property: timeOfAvailability, value: "06:00 UTC"}}
schema:
- name: rows
  physicalName: "rows_{{date:%Y%m%d}}.csv"
  properties:
  - {{name: id, logicalType: string, required: true, primaryKey: true}}
  - {{name: shop, logicalType: string, required: true}}
  - {{name: {column}, logicalType: number}}
  quality:
  - {{metric: rowCount, mustBeGreaterThan: 0, severity: critical}}
  - {{metric: duplicateValues, mustBe: 0}}
"""


def write_contracts(folder: Path, feeds: int) -> Path:
    """Write a contract for each feed, with data in ``folder/data/FEED``; return the contracts' folder."""
    contracts = folder / "contracts"
    contracts.mkdir(parents=True)
    for feed in feed_names(feeds):
        data = folder / "data" / feed
        data.mkdir(parents=True)
        (contracts / f"{feed}.yaml").write_text(CONTRACT.format(feed=feed, data=data, column=COLUMN))
    return contracts


def write_history(folder: Path, feeds: int, first: date, days: int) -> None:
    """Write the good days before ``first`` as if each had arrived on time."""
    for feed in feed_names(feeds):
        for back in range(days, 0, -1):
            partition = first - timedelta(days=back)
            at = due_at(partition) - USUAL_LEAD
            deliver(folder, Delivery(at, feed, partition), at)


def deliver(folder: Path, delivery: Delivery, at: datetime) -> None:
    """Put a file in place atomically, with the modification time ``at`` (aware)."""
    content = gzip.compress(_rows(delivery).encode(), mtime=0)
    if delivery.form is Form.TRUNCATED:
        content = content[: len(content) // 2]
    path = _path(folder, delivery.feed, delivery.partition)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_bytes(content)
    os.utime(unfinished, (at.timestamp(), at.timestamp()))
    unfinished.replace(path)


def expire(folder: Path, feed: str, partition: date) -> None:
    """Delete a day's file, as a pipeline does that keeps files for a limited time."""
    _path(folder, feed, partition).unlink(missing_ok=True)


def _path(folder: Path, feed: str, partition: date) -> Path:
    return folder / "data" / feed / f"rows_{partition:%Y%m%d}.csv.gz"


def _rows(delivery: Delivery) -> str:
    chance = Random(f"{delivery.feed} {delivery.partition}")
    columns = ["id", "shop"] if delivery.form is Form.NO_COLUMN else ["id", "shop", COLUMN]
    rows = [
        [
            f"{delivery.partition:%y%m%d}-{number}",
            f"shop {chance.randrange(9)}",
            f"{chance.uniform(1, 90):.2f}",
        ]
        for number in range(ROWS)
    ]
    if delivery.form is Form.REPEATED:
        rows[-1][0] = rows[0][0]
    return "".join(f"{','.join(row[: len(columns)])}\n" for row in [columns, *rows])
