"""There are far fewer or far more rows than usual for hours, although the day's total may look right."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import too_high, too_low
from exporter.checks.check import Severity
from exporter.history.hours import Stretch, unusual_hours
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Day, Profile, Stage

OTHERS = frozenset(("ends_early", "hours_missing", "times_shifted"))  # say more about the same hours
HOUR_NS = 3600 * NANOSECONDS
EXPLAINS = ("silence", "anomaly_events", "anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue")


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or raw.truncated or not _is_placed(raw) or _is_explained(case):
        return
    found = unusual_hours(raw.hours, dict(_earlier(case)))
    if found is None:
        return
    start, end = (_clock(case.facts.day, hour) for hour in (found.start, found.end))
    until = "24:00" if found.end == len(raw.hours) else f"{end:%H:%M}"
    yield Finding(
        title=f"{_how_much(found)} rows from {start:%H:%M} to {until}",
        seen=f"{found.rows:,} of {raw.rows:,} rows are from {start:%H:%M} to {until}, when about "
        f"{found.expected:,.0f} are usual on a day of this size.",
        evidence={
            "rows": found.rows,
            "usual_rows": round(found.expected),
            "from": start.isoformat(),
            "to": end.isoformat(),
        },
        explains=(*EXPLAINS, *(too_high(case) if found.rows > found.expected else too_low(case))),
    )


def _is_explained(case: Case) -> bool:
    """Say whether other findings explain the hours: rows of another day, or duplicate rows."""
    return any(cause.layer <= Layer.IDENTITY or cause.name in OTHERS for cause in case.found)


def _earlier(case: Case) -> Iterator[tuple[int, tuple[int, ...]]]:
    for day in case.earlier:
        profile = profile_of(day, Stage.RAW)
        if profile is not None and _is_placed(profile):
            yield (case.facts.day.partition - day.day.partition).days, profile.hours


def _is_placed(profile: Profile) -> bool:
    """Return whether most rows have a time of the day."""
    return profile.longest_silence_seconds is not None and bool(profile.hours)


def _clock(day: Day, hour: int) -> datetime:
    instant = datetime.fromtimestamp((day.start_ns + hour * HOUR_NS) // NANOSECONDS, UTC)
    return instant.astimezone(day.zone)


def _how_much(found: Stretch) -> str:
    share = found.rows / found.expected
    if found.rows == 0:
        return "no"
    return f"only {share:.0%} of the usual" if share < 1 else f"{share:.1f} times the usual"


CAUSE = Cause(
    name="hours_unusual",
    layer=Layer.TIME,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="The day's total may look right, but hourly figures are wrong.",
    resolution=(
        "Compare the hours with releases, outages, campaigns and crawlers of that time.",
        "If there are too many rows, look for a batch delivered twice; if too few, for a missing one.",
    ),
    explains=EXPLAINS,
    detect=_detect,
    rank=2,
)
