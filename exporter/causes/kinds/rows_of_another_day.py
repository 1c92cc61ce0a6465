"""The rows are from another day, or from no day at all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from exporter.causes.about import FORMAT, SWAPPED, swapped
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import volumes
from exporter.model import NANOSECONDS, Profile

NEARLY_ALL = 0.9  # of the rows that have a time


def _day(case: Case, instant_ns: int) -> date:
    return datetime.fromtimestamp(instant_ns // NANOSECONDS, UTC).astimezone(case.facts.day.zone).date()


def _timed(raw: Profile) -> int:
    return raw.good_rows - raw.unparseable_timestamps - raw.missing.get(raw.event_time or "", 0)


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or case.alert("out_of_day_rows") is None or raw.first_event_ns is None:
        return
    timed = _timed(raw)
    if raw.last_event_ns is None or raw.out_of_day_rows < NEARLY_ALL * timed:
        return
    first, last = (_day(case, instant) for instant in (raw.first_event_ns, raw.last_event_ns))
    days = f"{first}" if first == last else f"{first} to {last}"
    is_swapped = first == last == swapped(case.facts.partition)
    yield Finding(
        title=f"rows are from {days}{SWAPPED if is_swapped else ''}",
        seen=f"{raw.out_of_day_rows:,} of {raw.rows:,} rows are not from {case.facts.partition}: "
        f"the times are from {days}{SWAPPED if is_swapped else ''}.",
        evidence={
            "rows": raw.rows,
            "out_of_day": raw.out_of_day_rows,
            "first": f"{first}",
            "last": f"{last}",
        },
        likely_fix=FORMAT if is_swapped else None,
        explains=(*CAUSE.explains, *volumes(case)),
        ends=True,
    )


CAUSE = Cause(
    name="rows_of_another_day",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="If loaded, another day counts twice and this one not at all.",
    resolution=("Have the right day exported, then rerun the DQ step.",),
    explains=("out_of_day_rows", "silence", "unaccounted_rows", "dq_discrepancy", "clean_empty", "anomaly_*"),
    detect=_detect,
    rank=1,
)
