"""Generated files for tests of what looks at files that nobody has described."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

FIRST = date(2025, 3, 3)  # a Monday


def days(count: int, first: date = FIRST) -> list[date]:
    """Return days in a row."""
    return [first + timedelta(days=number) for number in range(count)]


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by their path below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def write_days(
    folder: Path,
    count: int = 8,
    pattern: str = "orders_%Y-%m-%d.csv",
    content: Callable[[date], str] | None = None,
    *,
    first: date = FIRST,
) -> Path:
    """Write a file for each of some days."""
    made = content or orders
    return write(folder, {f"{day:{pattern}}": made(day) for day in days(count, first)})


def orders(day: date, rows: int = 40) -> str:
    """Return a day's orders: a key, a time within the day, categories and an amount."""
    lines = ["order_id,ordered_at,country,amount,email"]
    for row in range(rows):
        when = datetime(day.year, day.month, day.day, row % 24, row % 60)  # noqa: DTZ001  as written
        country = ("DE", "FR", "IT")[row % 3]
        lines.append(f"{day:%j}{row:04},{when:%Y-%m-%dT%H:%M:%SZ},{country},{row}.50,u{row}@example.org")
    return "\n".join(lines) + "\n"


def table(header: str, *columns: object) -> Callable[[date], str]:
    """Return a day's content with these values, row by row."""
    rows = "".join(f"{row}\n" for row in columns)
    return lambda _: f"{header}\n{rows}"


def arrive(path: Path, day: date, hours: float) -> None:
    """Have a file be written some hours after its day's end."""
    when = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=hours)
    os.utime(path, (when.timestamp(), when.timestamp()))
