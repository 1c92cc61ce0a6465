"""There are far fewer or far more rows than usual for hours, although the day's total may look right."""

import math
from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.hours import FOLLOWS, clock, period
from exporter.causes.volumes import diluted, too_high, too_low
from exporter.checks.check import Severity
from exporter.checks.deviation import side_of
from exporter.history.hours import Stretch, unusual_hours
from exporter.metric import profile_of
from exporter.model import HOUR_NS, Profile, Stage

OTHERS = frozenset(
    ("clock_12_hours", "ends_early", "hours_missing", "times_shifted")
)  # say more about the same hours
CHANCE = 3.0  # standard deviations of the usual rows


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or raw.truncated or not _is_placed(raw) or _is_explained(case):
        return
    found = unusual_hours(raw.hours, dict(_earlier(case)))
    if found is None:
        return
    day = case.facts.day
    start_ns, end_ns = (day.start_ns + hour * HOUR_NS for hour in (found.start, found.end))
    when = period(day, start_ns, end_ns)
    yield Finding(
        title=f"{_how_much(found)} rows {when}",
        seen=f"{_of_rows(found.rows, raw.rows)} {when}, when about "
        f"{found.expected:,.0f} are usual on a day of this size.",
        evidence={
            "rows": found.rows,
            "usual_rows": round(found.expected),
            "from": clock(day, start_ns).isoformat(),
            "to": clock(day, end_ns).isoformat(),
        },
        explains=(
            *FOLLOWS,
            *(too_high(case) if found.rows > found.expected else too_low(case)),
            *diluted(case, raw, found.rows - found.expected),
            *_unseen(case, found),
        ),
        side=side_of(found.rows, found.expected),
    )


def _of_rows(some: int, rows: int) -> str:
    return f"{some:,} of {rows:,} rows are" if some else f"None of {rows:,} rows is"


def _unseen(case: Case, found: Stretch) -> tuple[str, ...]:
    """Return what follows if the DQ step has not seen the additional rows of a burst: it lacks as many."""
    alert, more = case.alert("unaccounted_rows"), found.rows - found.expected
    chance = CHANCE * math.sqrt(found.expected + 1)
    return (
        ("unaccounted_rows", "dq_discrepancy") if alert and abs(alert.value - more) <= chance < more else ()
    )


def _is_explained(case: Case) -> bool:
    """Say whether other findings explain the hours: rows of another day, duplicate rows, or wrong times."""
    return any(
        cause.layer <= Layer.IDENTITY or cause.name in OTHERS or cause.name.startswith("times_")
        for cause in case.found
    )


def _earlier(case: Case) -> Iterator[tuple[int, tuple[int, ...]]]:
    for day in case.earlier:
        profile = profile_of(day, Stage.RAW)
        if profile is not None and _is_placed(profile):
            yield (case.facts.day.partition - day.day.partition).days, profile.hours


def _is_placed(profile: Profile) -> bool:
    """Return whether most rows have a time of the day."""
    return profile.longest_silence_seconds is not None and bool(profile.hours)


def _how_much(found: Stretch) -> str:
    if found.rows == 0:
        return "no"
    if found.expected < 1:
        return "many unusual"
    share = found.rows / found.expected
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
    explains=FOLLOWS,
    detect=_detect,
    rank=2,
)
