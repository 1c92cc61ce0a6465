"""There are no events for hours, but some before or after."""

from collections.abc import Iterator

from exporter.causes.about import short
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.hours import FOLLOWS, clock, is_whole, period, usual_rows, usual_share
from exporter.causes.kinds import ends_early
from exporter.causes.volumes import too_low
from exporter.checks.units import duration
from exporter.model import HOUR_NS, NANOSECONDS, Profile

FEWEST_ROWS = 30.0  # usual in another period: fewer may be missing by chance


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    if raw is None or raw.truncated or case.alert("silence") is None or raw.silence_start_ns is None:
        return
    if ends_early.is_unclear(case, raw):
        return
    seconds = raw.longest_silence_seconds or 0
    end_ns = min(raw.silence_start_ns + seconds * NANOSECONDS, day.end_ns)
    if end_ns == day.end_ns and any(ends_early.CAUSE.detect(case)):
        return
    if is_whole(case, raw.silence_start_ns, end_ns):  # the times are wrong, none is missing
        return
    start, end = clock(day, raw.silence_start_ns), clock(day, end_ns)
    periods = [period(day, raw.silence_start_ns, end_ns), *_others(case, raw, raw.silence_start_ns, end_ns)]
    long = f": {duration(seconds)} without events" if len(periods) == 1 else ""
    yield Finding(
        title=f"no events {' and '.join(periods)}",
        seen=f"None of {raw.rows:,} rows is {' or '.join(periods)}{long}.",
        evidence={"rows": raw.rows, "from": start.isoformat(), "to": end.isoformat(), "seconds": seconds},
        explains=(*FOLLOWS, *too_low(case), *short(case)),
    )


def _others(case: Case, raw: Profile, start_ns: int, end_ns: int) -> Iterator[str]:
    """Yield the other periods of whole hours without events in which some are usual."""
    day, hour = case.facts.day, 0
    while hour < len(raw.hours):
        end = hour
        while end < len(raw.hours) and raw.hours[end] == 0:
            end += 1
        first, last = (day.start_ns + edge * HOUR_NS for edge in (hour, end))
        share = usual_share(case, range(hour, end)) if end > hour else None
        if share and share * usual_rows(case) >= FEWEST_ROWS and not (first < end_ns and start_ns < last):
            yield period(day, first, last)
        hour = max(end, hour + 1)


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
    explains=FOLLOWS,
    detect=_detect,
    rank=1,
)
