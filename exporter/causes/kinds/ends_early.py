"""The events of a day end hours earlier than on other days."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import median

from exporter.causes.about import short
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.hours import is_whole
from exporter.causes.volumes import too_low
from exporter.checks.units import duration
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, PartitionFacts, Profile, Stage

LEAST_DAYS = 3
LEAST_SECONDS = 2 * 3600  # earlier than on the earliest of the days before
MOST_MALFORMED = 0.1  # share of the rows above which the last hours may be among the malformed ones
SHORTEST_DAY = 4  # times the usual distance to midnight: days that always end early vary more

EXPLAINS = (
    "silence",
    "no_orders",
    "event_vanished",
    "anomaly_events",
    "anomaly_checkouts",
    "anomaly_revenue",
    "anomaly_clean_revenue",
)


def _left_seconds(facts: PartitionFacts) -> float | None:
    """Return how long before the day's end the last event was."""
    profile = profile_of(facts, Stage.RAW)
    if profile is None or profile.last_event_ns is None:
        return None
    return max(0.0, (facts.day.end_ns - profile.last_event_ns) / NANOSECONDS)


def is_unclear(case: Case, raw: Profile) -> bool:
    """Return whether missing hours may be in malformed rows, or are explained by what is in their place."""
    return raw.malformed_rows > MOST_MALFORMED * raw.rows or any(
        cause.name == "page_inside" for cause in case.found
    )


def _is_early(left: float, usual: Sequence[float]) -> bool:
    """Return whether a day ends hours earlier than the earliest of others."""
    return left >= max(usual) + LEAST_SECONDS and left >= SHORTEST_DAY * median(usual)


def _days_like_it(left: float, before: Sequence[float]) -> int:
    """Return how many days right before it, newest first, end as early: a fault may last."""
    for days in range(len(before) - LEAST_DAYS + 1):
        if all(_is_early(seconds, before[days:]) for seconds in (left, *before[:days])):
            return days
    return 0


def _detect(case: Case) -> Iterator[Finding]:
    left, raw = _left_seconds(case.facts), case.raw
    if any(cause.name == "clock_12_hours" for cause in case.found):  # it says more
        return
    usual = [seconds for day in case.earlier if (seconds := _left_seconds(day)) is not None]
    if raw is None or raw.truncated or left is None or raw.last_event_ns is None or len(usual) < LEAST_DAYS:
        return
    if is_unclear(case, raw):
        return
    if raw.last_event_ns < case.facts.day.start_ns:  # the rows are another day's
        return
    usual = usual[_days_like_it(left, usual) :]
    if not _is_early(left, usual):
        return
    # Rows are only missing if there are fewer: otherwise their times are wrong.
    shifted = any(cause.name == "times_shifted" for cause in case.found)
    if shifted or is_whole(case, raw.last_event_ns, case.facts.day.end_ns):
        return
    zone = case.facts.day.zone
    last, normal = (
        datetime.fromtimestamp(instant / NANOSECONDS, UTC).astimezone(zone)
        for instant in (raw.last_event_ns, case.facts.day.end_ns - median(usual) * NANOSECONDS)
    )
    yield Finding(
        title=f"events end at {last:%H:%M}, usually at {normal:%H:%M}",
        seen=f"The last of {raw.rows:,} rows is from {last:%H:%M:%S}; the day's last {duration(left)} are "
        "missing.",
        evidence={"rows": raw.rows, "last_event": last.isoformat(), "missing_seconds": left},
        explains=(*EXPLAINS, *too_low(case), *short(case)),
    )


CAUSE = Cause(
    name="ends_early",
    layer=Layer.TIME,
    severity=None,
    owner="data-engineering",
    impact="All counts and sums lack the day's last hours.",
    resolution=(
        "Check whether the export ran before the day was over, or the tag stopped sending.",
        "Have the day exported again, then rerun the DQ step.",
    ),
    explains=EXPLAINS,
    detect=_detect,
)
