"""Rows have a placeholder date, such as 1970-01-01."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.model import NANOSECONDS
from exporter.profiling.tally import LARGEST_NS

DAYS = frozenset((date(1970, 1, 1), date(1900, 1, 1), date(2000, 1, 1)))
FAR = timedelta(days=20 * 365)  # from the day: no event is so old, or so far ahead
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _year(instant_ns: int, day: date) -> str:
    """Name a year; a profile keeps no instant that is farther away than 64 bits reach."""
    if abs(instant_ns) < LARGEST_NS:
        return f"the year {day.year}"
    return f"a year before {day.year + 1}" if instant_ns < 0 else f"a year after {day.year - 1}"


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or case.alert("out_of_day_rows") is None:
        return
    for instant_ns in (raw.first_event_ns, raw.last_event_ns):
        if instant_ns is None:
            continue
        day = (EPOCH + timedelta(seconds=instant_ns // NANOSECONDS)).date()
        if day not in DAYS and abs(day - case.facts.partition) < FAR:
            continue
        shown, what = f"{day}", "are placeholders"
        if day not in DAYS:
            shown, what = _year(instant_ns, day), "are placeholders, or their year is wrong"
        yield Finding(
            title=f"times of {shown} {what}",
            seen=f"{raw.out_of_day_rows:,} of {raw.rows:,} rows are from another day, the most distant "
            f"from {shown}: a placeholder for unknown times{'' if day in DAYS else ', or a wrong year'}.",
            subject=raw.event_time or "",
            evidence={"rows": raw.rows, "out_of_day": raw.out_of_day_rows, "day": f"{day}"},
            confidence=Confidence.LIKELY,
        )
        return


CAUSE = Cause(
    name="times_placeholder",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="Those rows cannot be assigned to an hour; loaded as they are, they form a day of their own.",
    resolution=("Find out why the producer had no time, and have the day exported again.",),
    explains=("out_of_day_rows", "silence"),
    detect=_detect,
)
