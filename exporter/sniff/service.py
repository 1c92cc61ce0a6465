"""When a day's files are due, estimated from when past ones were written."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from exporter.feed import WEEKDAYS, Service
from exporter.model import NANOSECONDS, Stage
from exporter.sniff.walk import Found

HALF_HOUR = 1800
SLACK = 3600  # added to what 19 of 20 days met
HOUR = 3600
DAY = 86400
LATEST = DAY - HALF_HOUR  # a due time is on the next day
LEAST_FILES = 5
COPIED = 3 * DAY  # older files were copied or rewritten, so their times are meaningless
ARRIVED = 0.6  # share of the files that must have arrived individually
LEAST_DAYS = 21  # from the first to the last, before a weekday can count as one without files
USUAL = 0.8  # share of the other weekdays that must have files
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """The service levels, and the reasons for them."""

    service: Service
    due_note: str
    days_note: str | None = None
    guessed: bool = False  # the due time


def promise(stages: Mapping[Stage, Mapping[date, Found]], zone: str) -> Promise:
    """Return when files are due and on which weekdays, based on past files."""
    raw = stages[Stage.RAW]
    weekdays, days_note = _weekdays(raw)
    late = _usually_late(raw, zone)
    if late is None:
        service = Service(zone=zone, weekdays=weekdays)
        why = "too few files" if len(raw) < LEAST_FILES else "modification times are all alike"
        return Promise(service, f"guessed: {why}", days_note, guessed=True)
    due = _allow(late)
    said = f"19 of 20 files had arrived {_hours(late)} after the day's end"
    if due > LATEST:
        due = LATEST
        said += "; a due time cannot be later than this"
    others = [_usually_late(files, zone) for stage, files in stages.items() if stage is not Stage.RAW]
    grace = max(
        [Service().grace_seconds, *(_allow(seconds) - due for seconds in others if seconds is not None)]
    )
    clock = time(int(due // HOUR), int(due % HOUR // 60))
    return Promise(Service(clock, zone, float(min(grace, DAY)), weekdays), said, days_note)


def _allow(seconds: float) -> float:
    return math.ceil(max(seconds, 0) / HALF_HOUR) * HALF_HOUR + SLACK


def _hours(seconds: float) -> str:
    minutes = max(0, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _usually_late(files: Mapping[date, Found], zone: str) -> float | None:
    """Return how long after a day's end 19 of 20 files were written; ``None`` if that is not known."""
    late = [_lateness(day, found, zone) for day, found in files.items()]
    arrived = sorted(seconds for seconds in late if -DAY <= seconds <= COPIED)
    written = {found.mtime_ns // (HOUR * NANOSECONDS) for found in files.values()}
    alike = len(written) < ARRIVED * len(files)  # many were written by one copy
    if len(files) < LEAST_FILES or alike or len(arrived) < ARRIVED * len(files):
        return None
    return arrived[math.ceil(0.95 * len(arrived)) - 1]


def _lateness(day: date, found: Found, zone: str) -> float:
    end = datetime.combine(day + ONE_DAY, time(), ZoneInfo(zone))
    return found.mtime_ns / NANOSECONDS - end.timestamp()


def _weekdays(files: Mapping[date, Found]) -> tuple[frozenset[str], str | None]:
    first, last = min(files), max(files)
    span = (last - first).days + 1
    if span < LEAST_DAYS:
        return frozenset(WEEKDAYS), None
    all_days = [first + ONE_DAY * number for number in range(span)]
    shares = {
        name: sum(day in files for day in of_name) / len(of_name)
        for number, name in enumerate(WEEKDAYS)
        if (of_name := [day for day in all_days if day.weekday() == number])
    }
    used = [name for name, share in shares.items() if share > 0]
    if len(used) == len(WEEKDAYS) or min(shares[name] for name in used) < USUAL:
        return frozenset(WEEKDAYS), None
    absent = ", ".join(name for name in WEEKDAYS if name not in used)
    return frozenset(used), f"guessed: no file of a {absent} in {span // 7} weeks"
