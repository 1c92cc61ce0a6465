"""A directory of past days, common in first trials: a window that ends today shows none of them."""

from datetime import datetime, timedelta
from pathlib import Path

from exporter.discover.calendar import Calendar
from exporter.discover.listing import list_directory
from exporter.feed import Feed
from exporter.model import NANOSECONDS, Partition


def newest_day(directory: Path, feed: Feed) -> Partition | None:
    """Return the newest day that has a file, or ``None`` if there is none or the directory is unreadable."""
    try:
        return max((day for day, _ in list_directory(directory, feed).files), default=None)
    except OSError:
        return None


def bygone_words(newest: Partition, calendar: Calendar, now_ns: int) -> str | None:
    """Say that the newest day is too old to raise alerts, or return ``None`` if it is not."""
    if newest >= min(calendar.alertable(calendar.newest_due(now_ns))):
        return None
    today = datetime.fromtimestamp(now_ns / NANOSECONDS, calendar.zone).date()
    return (
        f"the newest day is {newest}, {(today - newest).days} days ago; "
        f"--as-of {newest + timedelta(days=1)} judges it as of then."
    )
