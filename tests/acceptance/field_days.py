"""Small days as data teams receive them: a healthy one, and what can go wrong with it.

The healthy day, 2025-03-01, has 24 page views and 4 orders of 5,046 in all; upstream took every row.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from feeds import RAW_COLUMNS

DAY = "2025-03-01"
AS_OF = "2025-03-02T08:30:00Z"
ARRIVED = datetime(2025, 3, 2, 5, 50, tzinfo=UTC).timestamp()
REVENUES = (1299, 349, 2599, 799)
RAW = "events_20250301.csv"
CLEAN = "raw_clean/events_20250301_clean.csv"
REJECTS = "raw_rejects/events_20250301_bad.csv"

Row = dict[str, str]
Files = dict[str, bytes]  # by path below the data directory


@dataclass(frozen=True)
class Case:
    """A day, and what a user would expect to be reported.

    ``fires`` are checks with their severity, exactly these unless ``among_others``. ``words`` must be
    in what ``run`` prints or in the report, ``figures`` in the report's raw stage, ``absent`` nowhere in it.
    """

    name: str
    files: Files
    fires: Mapping[str, str] = field(default_factory=dict)
    among_others: bool = False
    closed: bool | None = False  # None: either is accepted
    words: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


def order(number: int, **changes: object) -> Row:
    """Return one of the day's orders, with other values in its JSON."""
    revenue = REVENUES[number]
    data = {
        "transaction_id": f"ORD-{number + 1}",
        "revenue": revenue,
        "items": [{"item_id": "A", "item_price": revenue}],
        **changes,
    }
    return {
        "client_id": f"b{number}",
        "page_url": "https://shop.example/thank-you",
        "referrer": "",
        "timestamp": f"{DAY}T{3 + 6 * number:02}:20:00.000Z",
        "event_name": "checkout_completed",
        "event_data": json.dumps(data, separators=(",", ":")),
        "user_agent": "Browser/1.0 (like, others)",
    }


def view(hour: int, minute: int = 10) -> Row:
    """Return a page view."""
    return {
        "client_id": f"c{hour}-{minute}",
        "page_url": "https://shop.example/p",
        "referrer": "https://search.example/" if hour % 2 else "",
        "timestamp": f"{DAY}T{hour:02}:{minute:02}:00.000Z",
        "event_name": "page_viewed",
        "event_data": "",
        "user_agent": "Browser/1.0 (like, others)",
    }


def rows(views_an_hour: int = 1) -> list[Row]:
    """Return the healthy day's rows in order of time."""
    views = [view(hour, 10 + minute) for hour in range(24) for minute in range(views_an_hour)]
    return sorted([*views, *map(order, range(4))], key=lambda row: row["timestamp"])


def each(change: Callable[[Row], Row]) -> list[Row]:
    """Return the healthy day with every row changed."""
    return [change(row) for row in rows()]


def with_orders(change: Callable[[int], Row]) -> list[Row]:
    """Return the healthy day with other orders."""
    changed = iter(range(4))
    return [change(next(changed)) if row["event_name"] == "checkout_completed" else row for row in rows()]


def text(
    found: list[Row], *, delimiter: str = ",", newline: str = "\n", columns: tuple[str, ...] = RAW_COLUMNS
) -> str:
    """Write rows as a file."""
    out = io.StringIO()
    writer = csv.DictWriter(
        out, columns, delimiter=delimiter, lineterminator=newline, extrasaction="ignore", restval=""
    )
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue()


def day(raw: list[Row] | bytes, clean: list[Row] | bytes | None = None) -> Files:
    """Return the files of a day whose clean file equals the raw one, unless it is given."""
    accepted = raw if clean is None else clean
    return {
        RAW: raw if isinstance(raw, bytes) else text(raw).encode(),
        CLEAN: accepted
        if isinstance(accepted, bytes)
        else text(accepted, columns=(*RAW_COLUMNS, "referrer_host")).encode(),
        REJECTS: text([], columns=(*RAW_COLUMNS, "dq_reason")).encode(),
    }


def put(directory: Path, files: Files, moment: float = ARRIVED) -> None:
    """Write files; they arrived before the day was due."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (moment, moment))
