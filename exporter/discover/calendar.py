"""Which partitions should exist, which are due and which may still raise alerts."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice

from exporter.errors import UserError
from exporter.model import NANOSECONDS, ONE_DAY, ONE_WEEK, Day, Partition, period_of
from exporter.nearest import did_you_mean_date

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
EVERY_DAY = frozenset(range(7))
# Days, or weeks of a weekly feed, read before the window, so that its oldest day has a past too. Detectors
# look back further, at values stored without their files.
LEAD_IN_DAYS = 34


@dataclass(frozen=True, slots=True)
class Calendar:
    """The pipeline's days: a partition is a day in ``zone``, due at ``due_time`` of the next day."""

    zone: tzinfo = UTC
    due_time: time = time(6)
    window_days: int = 35
    alert_days: int = 3
    start_date: Partition | None = None
    weekdays: frozenset[int] = EVERY_DAY  # with a partition, Monday is 0

    @property
    def period(self) -> timedelta:
        """The time between two partitions: a week if there is one a week, otherwise a day."""
        return period_of(self.weekdays)

    def day(self, partition: Partition) -> Day:
        """Return the partition's bounds in absolute time."""
        return Day(partition, self._ns(partition, time(0)), self._ns(partition + ONE_DAY, time(0)), self.zone)

    def due_ns(self, partition: Partition) -> int:
        """Return when the partition is due, in nanoseconds since the epoch."""
        return self._ns(partition + ONE_DAY, self.due_time)

    def newest_due(self, now_ns: int) -> Partition:
        """Return the newest partition that is due by now."""
        today = datetime.fromtimestamp(now_ns / NANOSECONDS, self.zone).date()
        yesterday = today - ONE_DAY
        return yesterday if self.due_ns(yesterday) <= now_ns else yesterday - ONE_DAY

    def back_from(self, newest: Partition, until: Partition) -> Iterator[Partition]:
        """Yield the days that should have a partition, from ``newest`` back to the day after ``until``."""
        for back in range((newest - until).days):
            day = newest - ONE_DAY * back
            if day.weekday() in self.weekdays:
                yield day

    def alertable(self, newest: Partition) -> frozenset[Partition]:
        """Return the newest days that should have a partition and may raise alerts, up to ``newest``."""
        until = newest - ONE_WEEK * self.alert_days  # each week has at least one
        return frozenset(islice(self.back_from(newest, until), self.alert_days))

    def next_due(self, now_ns: int) -> Partition:
        """Return the next day to become due."""
        day = self.newest_due(now_ns) + ONE_DAY
        while day.weekday() not in self.weekdays:
            day += ONE_DAY
        return day

    def seconds_to_due(self, now_ns: int, graces: Iterable[float] = ()) -> float:
        """Return the time until a partition is due, or one of the ``graces`` (seconds) after that ends."""
        newest = self.newest_due(now_ns)
        moments = [
            self.due_ns(newest + ONE_DAY * ahead) + round(grace * NANOSECONDS)
            for grace in {0.0, *graces}
            for ahead in range(-math.ceil(grace / 86_400), 2)
        ]
        return min(moment - now_ns for moment in moments if moment > now_ns) / NANOSECONDS

    def _ns(self, partition: Partition, at: time) -> int:
        return _instant_ns(partition, at, self.zone)


@lru_cache(maxsize=4096)  # each pass needs the days of its window; many feeds share the same
def _instant_ns(partition: Partition, at: time, zone: tzinfo) -> int:
    return int(datetime.combine(partition, at, zone).timestamp()) * NANOSECONDS


@dataclass(frozen=True, slots=True)
class Window:
    """The partitions of one snapshot, oldest first.

    ``exposed`` are judged and charted; ``lead_in`` are the days before them, needed for the oldest
    windows; ``alertable`` may raise alerts.
    """

    lead_in: tuple[Partition, ...]
    exposed: tuple[Partition, ...]
    alertable: frozenset[Partition]


def choose_window(
    calendar: Calendar,
    present: Iterable[Partition],
    now_ns: int,
    *,
    first_seen: Partition | None,
    changed: Iterable[Partition] = (),
) -> Window:
    """Choose the partitions to judge: the newest expected or present ones.

    ``present`` are the partitions with a file; ``first_seen`` the earliest that ever had one; ``changed``
    those whose content was replaced within the last ``alert_days`` days. Days not yet due are not alertable.
    """
    there = set(present)
    newest = calendar.newest_due(now_ns)
    begin = calendar.start_date or min(there | ({first_seen} if first_seen else set()), default=None)
    reach = calendar.period * (calendar.window_days + LEAD_IN_DAYS)
    due = calendar.back_from(newest, newest - reach) if begin else ()
    expected = {day for day in due if begin and day >= begin}
    known = sorted(expected | there)
    exposed = tuple(known[-calendar.window_days :])
    oldest = exposed[0] - calendar.period * LEAD_IN_DAYS if exposed else newest
    lead_in = tuple(partition for partition in known if exposed and oldest <= partition < exposed[0])
    recent = calendar.alertable(newest) & expected
    replaced = {partition for partition in set(changed) & set(exposed) if partition <= newest}
    return Window(lead_in, exposed, frozenset(recent | replaced))


def parse_as_of(text: str, zone: tzinfo) -> int:
    """Parse ``--as-of``: an instant, or a date for the end of that day. Nanoseconds since the epoch."""
    try:
        if DATE.fullmatch(text):
            moment = datetime.combine(date.fromisoformat(text) + ONE_DAY, time(0), zone)
        else:  # 20250309 alone would read as the midnight before, a day apart from what 2025-03-09 means
            moment = datetime.fromisoformat(text if set(text) & {"T", " "} else "")
    except (ValueError, OverflowError):
        message = f"--as-of: {text!r} is neither a date (2025-03-09) nor an instant (2025-03-09T08:00:00Z)"
        raise UserError(message + did_you_mean_date(text)) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return round(moment.timestamp() * 1_000_000) * 1000
