"""Hours have no events, but the day has as many rows as usual: their times are wrong."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.hours import clock, is_whole, period, usual_rows
from exporter.model import NANOSECONDS


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    if raw is None or raw.truncated or case.alert("silence") is None or raw.silence_start_ns is None:
        return
    seconds = raw.longest_silence_seconds or 0
    end_ns = min(raw.silence_start_ns + seconds * NANOSECONDS, day.end_ns)
    if not is_whole(case, raw.silence_start_ns, end_ns):
        return
    start, end = clock(day, raw.silence_start_ns), clock(day, end_ns)
    when = period(day, raw.silence_start_ns, end_ns)
    usual = usual_rows(case)
    yield Finding(
        title=f"no events {when}, but as many rows as usual: wrong times?",
        seen=f"None of {raw.rows:,} rows is {when}, but about {usual:,.0f} rows a day "
        "are usual: none are missing, so their times are wrong.",
        evidence={
            "rows": raw.rows,
            "usual_rows": round(usual),
            "from": start.isoformat(),
            "to": end.isoformat(),
        },
        confidence=Confidence.LIKELY,
    )


CAUSE = Cause(
    name="times_crowded",
    layer=Layer.TIME,
    severity=None,
    owner="data-engineering",
    impact="Rows count in the wrong hours; the day's totals are not affected.",
    resolution=(
        "Compare some times with their source: a 12-hour clock without AM and PM, or another timezone.",
        "Have the day exported again with the right times.",
    ),
    explains=("silence",),
    detect=_detect,
)
