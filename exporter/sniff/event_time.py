"""Which column is the event time, and the timezone of the days."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from exporter.sniff.columns import Decided
from exporter.sniff.seen import QUARTER, Times
from exporter.sniff.words import is_time

QUARTERS = 96  # of a day
IN_DAY = 0.999  # share of values allowed by the check on rows of other days
MOSTLY = 0.5  # share of values needed for a column to be the event time
NEAR = 0.95  # of the values within the neighbouring days
WORTH = 0.01  # by which another timezone must be better than UTC
ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Helsinki",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)


@dataclass(frozen=True, slots=True)
class EventTime:
    """The column, the days' timezone, the share of values within their day, and the longest silence."""

    column: str
    zone: str
    share: float
    silence_seconds: int
    note: str | None = None  # on the zone


def find_event_time(columns: Iterable[Decided]) -> EventTime | None:
    """Return the timestamp column whose values fall on their file's day, or ``None``."""
    found = [
        known
        for decided in columns
        if decided.column.type == "timestamp"
        and (times := decided.seen.times.get(decided.column.format or "")) is not None
        and (known := _judge(decided.column.name, times)) is not None
    ]
    return max(found, key=lambda known: (round(known.share, 2), is_time(known.column)), default=None)


def _judge(name: str, times: Times) -> EventTime | None:
    total = sum(sum(counts.values()) for counts in times.quarters.values())
    if not total or _share(times, total, -QUARTERS, 2 * QUARTERS) < NEAR:
        return None
    zones = ZONES if times.aware else ZONES[:1]
    shares = {zone: _share_in(times, total, zone) for zone in zones}
    best = max(shares.values())
    if best < MOSTLY:
        return None
    if best - shares["UTC"] < WORTH:
        return EventTime(name, "UTC", shares["UTC"], _silence(times, "UTC"))
    fitting = [zone for zone in zones if best - shares[zone] < WORTH / 10]
    newest = max(times.quarters)
    fitting.sort(key=lambda zone: abs(_offset(zone, newest)))  # days are rarely shifted more than necessary
    others = f", as {fitting[1]} would" if len(fitting) > 1 else ""
    note = f"guessed: in UTC {1 - shares['UTC']:.0%} of {name} fall on other days; {fitting[0]} fits{others}"
    return EventTime(name, fitting[0], shares[fitting[0]], _silence(times, fitting[0]), note)


def _share_in(times: Times, total: int, zone: str) -> float:
    inside = 0
    for day, counts in times.quarters.items():
        start = -_offset(zone, day)
        inside += sum(count for quarter, count in counts.items() if start <= quarter < start + QUARTERS)
    return inside / total


def _share(times: Times, total: int, start: int, end: int) -> float:
    inside = (
        count for counts in times.quarters.values() for at, count in counts.items() if start <= at < end
    )
    return sum(inside) / total


def _offset(zone: str, day: date) -> int:
    """Return a zone's offset at noon of that day, in units of 15 minutes."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return (noon.utcoffset() or timedelta(0)) // timedelta(seconds=QUARTER)


def _silence(times: Times, zone: str) -> int:
    """Return the longest stretch without a value within a day, in seconds, a multiple of 15 minutes."""
    return max(
        (_gap(counts, -_offset(zone, day)) for day, counts in times.quarters.items() if counts), default=0
    )


def _gap(counts: Counter[int], start: int) -> int:
    inside: Sequence[int] = sorted(at - start for at in counts if start <= at < start + QUARTERS)
    edges = [-1, *inside, QUARTERS]
    return QUARTER * max((after - before - 1 for before, after in itertools.pairwise(edges)), default=0)
