"""How long files are remembered that no longer exist."""

from collections.abc import Collection
from datetime import timedelta

from exporter.history.detectors.known import LONGEST_LAG
from exporter.model import ONE_DAY, Partition, Stage
from exporter.store.files import Key

KEPT_DAYS = LONGEST_LAG  # or weeks, before the first day of the window: as long as the trends' values


def forgettable(
    files: Collection[Key],
    listed: Collection[Key],
    first: Partition,
    window_days: int,
    period: timedelta = ONE_DAY,
) -> frozenset[Partition]:
    """Return the days of which nothing needs to be remembered any more.

    ``files`` are all known files, ``listed`` those that exist; ``first`` is the first day that is read,
    before the window, and ``period`` the time between partitions. A day is kept while any of its files
    exists: it may be judged again as of its own time. The newest known days are kept however old they are,
    because they show that a whole folder is lost, and so is the oldest, because days are expected from it
    on.
    """
    days = {day for day, _ in files}
    raw = sorted(day for day, stage in files if stage is Stage.RAW)
    kept = {day for day, _ in listed}.union(raw[-window_days:], [min(days, default=first)])
    oldest = first - period * KEPT_DAYS
    return frozenset(day for day in days - kept if day < oldest)
