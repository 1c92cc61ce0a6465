"""The times span a day but start hours off: they are in another timezone."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.deviation import side_of
from exporter.checks.units import duration
from exporter.model import NANOSECONDS

STEP = 1800  # seconds that zones differ by
LARGEST = 14 * 3600
SLACK = 1800  # seconds between the first or last event and the day's edge


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    if raw is None or raw.first_event_ns is None or raw.last_event_ns is None:
        return
    if case.alert("out_of_day_rows") is None:
        return
    early, late = (
        (instant - edge) / NANOSECONDS
        for instant, edge in ((raw.first_event_ns, day.start_ns), (raw.last_event_ns, day.end_ns))
    )
    shift = STEP * round((early + late) / 2 / STEP)
    if not STEP < abs(shift) <= LARGEST or max(abs(early - shift), abs(late - shift)) > SLACK:
        return
    way = "late" if shift > 0 else "early"
    yield Finding(
        title=f"times are {duration(abs(shift))} too {way}: another timezone?",
        seen=f"{raw.out_of_day_rows:,} of {raw.rows:,} rows are from another day: first and last event are "
        f"{duration(abs(shift))} too {way}.",
        evidence={"rows": raw.rows, "out_of_day": raw.out_of_day_rows, "shift_seconds": shift},
        likely_fix="Have the export write the offset of its times, or set the timezone in the configuration.",
        confidence=Confidence.LIKELY,
        side=side_of(shift, 0),
    )


CAUSE = Cause(
    name="times_shifted",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="Hours at one edge of the day count on another day, and hourly figures are wrong.",
    resolution=(
        "Check the timezone of the export and of calendar.timezone, then have the day exported again.",
    ),
    explains=("out_of_day_rows", "silence"),
    detect=_detect,
    rank=2,
)
