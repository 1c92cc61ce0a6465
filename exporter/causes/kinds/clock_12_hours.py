"""The times are those of a 12-hour clock without am and pm: afternoon rows count in the morning."""

from collections.abc import Iterator
from statistics import median

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.hours import FOLLOWS
from exporter.checks.check import Severity
from exporter.metric import profile_of
from exporter.model import Stage

HOURS, NOON = 24, 12
LEAST_DAYS = 3
LEAST_LATER = 0.25  # share of rows usually at midnight or in the afternoon
SAME = 0.6  # of the usual rows, at least: otherwise the afternoon is missing
MORE = 1.4  # times the usual rows from 1:00 to 12:59


def _later(hours: tuple[int, ...]) -> int:
    """Return the rows that a 12-hour clock has no name for: at midnight, and from 13:00 on."""
    return hours[0] + sum(hours[NOON + 1 :])


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or len(raw.hours) != HOURS or _later(raw.hours):
        return
    profiles = (profile_of(day, Stage.RAW) for day in case.earlier)
    before = [day.hours for day in profiles if day is not None and len(day.hours) == HOURS and any(day.hours)]
    if len(before) < LEAST_DAYS or not all(map(_later, before)):
        return
    rows, usual = sum(raw.hours), median([sum(hours) for hours in before])
    early = median([sum(hours) - _later(hours) for hours in before])
    if min(_later(hours) / sum(hours) for hours in before) < LEAST_LATER:
        return
    if rows < SAME * usual or rows < MORE * early:
        return
    more = f"{rows / max(1.0, early):.1f} times the usual"
    yield Finding(
        title=f"no rows at midnight or from 13:00 on, {more} before: am and pm lost",
        seen=f"All {rows:,} rows are from 01:00 to 12:59, usually about {early:,.0f} of {usual:,.0f}: times "
        "of a 12-hour clock without am and pm.",
        subject=raw.event_time or "",
        evidence={"rows": rows, "usual_rows": usual, "usual_rows_from_1_to_12": early},
        confidence=Confidence.LIKELY,
    )


CAUSE = Cause(
    name="clock_12_hours",
    layer=Layer.TIME,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="The day's total is right, but afternoon rows count in the morning, and hourly figures are wrong.",
    resolution=("Have the export write a 24-hour clock (%H instead of %I), and the day exported again.",),
    explains=FOLLOWS,
    detect=_detect,
)
