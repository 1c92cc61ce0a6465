"""What causes about the hours of a day share: words, usual rows, and whether a day has lost its rows."""

from datetime import UTC, datetime
from statistics import median

from exporter.causes.about import LEAST_DAYS
from exporter.causes.cause import Case
from exporter.metric import profile_of
from exporter.model import HOUR_NS, NANOSECONDS, Day, Stage

WEEK = 7
TOO_MANY = frozenset(("rows_twice", "same_content"))  # their rows make up for the missing ones
LEAST_SHARE = 0.2  # of a usual day: the loss of less does not stand out from the noise of days
MOST_LOST = 1 / 3  # of what these hours usually have
FOLLOWS = ("silence", "anomaly_events", "anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue")
"""What follows if hours have other rows than usual."""


def clock(day: Day, instant_ns: int) -> datetime:
    """Return an instant on the clock of a day's zone, to the second."""
    return datetime.fromtimestamp(instant_ns // NANOSECONDS, UTC).astimezone(day.zone)


def period(day: Day, start_ns: int, end_ns: int) -> str:
    """Return a part of a day in words, such as ``from 13:00 to 24:00``."""
    until = "24:00" if end_ns >= day.end_ns else f"{clock(day, end_ns):%H:%M}"
    return f"from {clock(day, start_ns):%H:%M} to {until}"


def usual_share(case: Case, hours: range) -> float | None:
    """Return the share of a usual day's rows that are in some of its hours, by their place in the day."""
    raw = case.raw
    days = [profile for profile in case.profiles() if raw and len(profile.hours) == len(raw.hours)]
    shares = [sum(day.hours[hour] for hour in hours) / sum(day.hours) for day in days if any(day.hours)]
    return median(shares) if len(shares) >= LEAST_DAYS else None


def usual_rows(case: Case) -> float:
    """Return the rows of a usual day, or of the same weekday if those have more."""
    day, rows, alike = case.facts.partition, [], []
    for facts in case.earlier:
        profile = profile_of(facts, Stage.RAW)
        if profile is not None and profile.rows:
            rows.append(profile.rows)
            alike += [profile.rows] if (day - facts.partition).days % WEEK == 0 else []
    return max(median(rows), median(alike or rows)) if rows else 0.0


def is_whole(case: Case, start_ns: int, end_ns: int) -> bool:
    """Return whether a day has as many rows as usual, although none or hardly any are from that period."""
    raw, day = case.raw, case.facts.day
    if raw is None or not raw.hours or any(cause.name in TOO_MANY for cause in case.found):
        return False
    first, last = -(-(start_ns - day.start_ns) // HOUR_NS), (end_ns - day.start_ns) // HOUR_NS
    share = usual_share(case, range(max(0, first), min(last, len(raw.hours))))
    if share is None or share < LEAST_SHARE:
        return False
    return raw.rows >= (1 - share * MOST_LOST) * usual_rows(case)
