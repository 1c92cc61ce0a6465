"""Whether a day has lost the rows of its empty hours, or has as many as usual with other times."""

from statistics import median

from exporter.causes.about import LEAST_DAYS
from exporter.causes.cause import Case
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Stage

HOUR_NS = 3600 * NANOSECONDS
WEEK = 7
TOO_MANY = frozenset(("rows_twice", "same_content"))  # their rows make up for the missing ones
LEAST_SHARE = 0.2  # of a usual day: the loss of less does not stand out from the noise of days
MOST_LOST = 1 / 3  # of what these hours usually have


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
