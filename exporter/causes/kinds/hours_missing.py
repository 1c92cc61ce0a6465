"""There are no events for hours, but some before or after."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.about import short
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds import ends_early
from exporter.causes.volumes import too_low
from exporter.checks.units import duration
from exporter.model import NANOSECONDS

EXPLAINS = (
    "silence",
    "anomaly_events",
    "anomaly_checkouts",
    "anomaly_revenue",
    "anomaly_clean_revenue",
)


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    if raw is None or raw.truncated or case.alert("silence") is None or raw.silence_start_ns is None:
        return
    seconds = raw.longest_silence_seconds or 0
    end_ns = min(raw.silence_start_ns + seconds * NANOSECONDS, day.end_ns)
    if end_ns == day.end_ns and any(ends_early.CAUSE.detect(case)):
        return
    start, end = (
        datetime.fromtimestamp(instant // NANOSECONDS, UTC).astimezone(day.zone)
        for instant in (raw.silence_start_ns, end_ns)
    )
    until = "24:00" if end_ns == day.end_ns else f"{end:%H:%M}"
    yield Finding(
        title=f"no events from {start:%H:%M} to {until}",
        seen=f"None of {raw.rows:,} rows is from {start:%H:%M} to {until}: {duration(seconds)} without "
        "events.",
        evidence={"rows": raw.rows, "from": start.isoformat(), "to": end.isoformat(), "seconds": seconds},
        explains=(*EXPLAINS, *too_low(case), *short(case)),
    )


CAUSE = Cause(
    name="hours_missing",
    layer=Layer.TIME,
    severity=None,
    owner="data-engineering",
    impact="The day's totals lack that period, even if the trends look normal.",
    resolution=(
        "Compare the period with releases, outages and consent changes at that time.",
        "If the events exist upstream, have the day exported again.",
    ),
    explains=EXPLAINS,
    detect=_detect,
    rank=1,
)
