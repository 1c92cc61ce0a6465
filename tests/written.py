"""Small files of one day as upstream writes them, for tests that care about each row."""

import csv
import io
import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from feeds import EVENTS, EXPECTED_COLUMNS

from exporter.model import Stage

ORDER = '{"transaction_id": "T-%s-%d", "revenue": 100, "items": [{"item_id": "a", "item_price": 100}]}'
NAMES = {
    Stage.RAW: "events_{:%Y%m%d}.csv",
    Stage.CLEAN: "raw_clean/events_{:%Y%m%d}_clean.csv",
    Stage.REJECTS: "raw_rejects/events_{:%Y%m%d}_bad.csv",
}


def event(day: date, number: int, of: int, stage: Stage = Stage.RAW) -> dict[str, str]:
    """Return one healthy row; the last of a day is an order."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) * (number + 0.5) / of
    order = number == of - 1
    row = {
        "client_id": f"client-{number}",
        "page_url": "https://shop.example/page",
        "referrer": "https://search.example/" if number % 2 else "",
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "event_name": "checkout_completed" if order else "page_viewed",
        "event_data": ORDER % (day, number) if order else "",
        "user_agent": "Browser/1.0 (like, others)",
    }
    extra = {Stage.CLEAN: {"referrer_host": ""}, Stage.REJECTS: {"dq_reason": "missing_client_id"}}
    return row | extra.get(stage, {})


def content(day: date, rows: int, stage: Stage = Stage.RAW, without: Sequence[str] = ()) -> str:
    """Return a file's text, without a newline at its end, as the real ones."""
    columns = [column for column in EXPECTED_COLUMNS[stage] if column not in without]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(event(day, number, rows, stage) for number in range(rows))
    return text.getvalue().removesuffix("\n")


def put(directory: Path, day: date, stage: Stage, text: str, *, age_seconds: float | None = None) -> Path:
    """Write a file of one stage; it came when it was due, and not after now, or ``age_seconds`` ago."""
    path = directory / NAMES[stage].format(day)
    assert EVENTS.table(stage).path.date_of(path.relative_to(directory).as_posix()) == day
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    due = datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=1)
    now = datetime.now(tz=UTC).timestamp()
    when = min(due.timestamp(), now - 60) if age_seconds is None else now - age_seconds
    os.utime(path, (when, when))
    return path


def write_day(directory: Path, day: date, rows: int = 100, *, without: Sequence[str] = ()) -> None:
    """Write the three files of a healthy day, or of one whose columns ``without`` are lost."""
    put(directory, day, Stage.RAW, content(day, rows, without=without))
    rejected = rows if without else rows // 25
    put(directory, day, Stage.CLEAN, content(day, rows - rejected, Stage.CLEAN, without))
    put(directory, day, Stage.REJECTS, content(day, rejected, Stage.REJECTS, without))
