"""Some of the rows are from other days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from exporter.causes.about import DELIVERED_OTHERWISE, FORMAT, SWAPPED, swapped, unaccounted
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import too_high
from exporter.checks.units import percentage
from exporter.feed import WEEKDAYS
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Stage

OTHERS = 0.001  # of the rows, such as another spelling of the header, may be unaccounted for besides


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    alert = case.alert("out_of_day_rows")
    if raw is None or alert is None or raw.first_event_ns is None or raw.last_event_ns is None:
        return
    if not (raw.rows and raw.out_of_day_rows) or raw.unparseable_timestamps:
        return
    first, last = (
        datetime.fromtimestamp(instant // NANOSECONDS, UTC).astimezone(day.zone)
        for instant in (raw.first_event_ns, raw.last_event_ns)
    )
    before, behind = raw.first_event_ns < day.start_ns, raw.last_event_ns >= day.end_ns
    reach = [f"back to {first:%Y-%m-%d %H:%M}"] if before else []
    reach += [f"up to {last:%Y-%m-%d %H:%M}"] if behind else []
    share = percentage(raw.out_of_day_rows / raw.rows)
    reached = [first.date()] * before + [last.date()] * behind
    is_swapped = reached == [swapped(day.partition)]
    how = SWAPPED if is_swapped else ""
    whole = "" if behind else _of_yesterday(case, raw.out_of_day_rows, first.date())
    yield Finding(
        title=f"{share} of rows are from other days, {' and '.join(reach)}{how}",
        seen=f"{raw.out_of_day_rows:,} of {raw.rows:,} rows are not from {day.partition}: "
        f"the times reach {' and '.join(reach)}{how}.{whole}",
        subject=raw.event_time or "",
        evidence={
            "rows": raw.rows,
            "out_of_day": raw.out_of_day_rows,
            "first": f"{first}",
            "last": f"{last}",
        },
        likely_fix=FORMAT if is_swapped else None,
        explains=(
            "out_of_day_rows",
            *_follows(case, raw.out_of_day_rows, raw.rows),
            *too_high(case, raw.rows / max(1, raw.rows - raw.out_of_day_rows)),
        ),
    )


def _of_yesterday(case: Case, rows: int, first: date) -> str:
    """Say whether they are the day before's: its own file is missing, or has as many rows."""
    before = case.facts.partition - timedelta(days=1)
    if first != before:
        return ""
    known = {day.partition: profile_of(day, Stage.RAW) for day in case.earlier}
    profile = known.get(before)
    if profile is not None:
        return f" The file of {before} has as many rows." if profile.rows == rows else ""
    due = WEEKDAYS[before.weekday()] in case.feed.service.weekdays
    return f" {before} has no file of its own." if due and any(day < before for day in known) else ""


def _follows(case: Case, rows: int, of: int) -> tuple[str, ...]:
    """Return the checks that follow if the DQ step saw none of those rows: sums differ by their number."""
    more = unaccounted(case)
    return DELIVERED_OTHERWISE if more is not None and rows <= more <= rows + OTHERS * of else ()


CAUSE = Cause(
    name="rows_of_other_days",
    layer=Layer.VALUES,
    severity=None,
    owner="data-engineering",
    impact="They are counted on the wrong day, or twice if that day's file contains them too.",
    resolution=(
        "Check whether those days' files contain the rows too; have this day exported again without them.",
    ),
    explains=("out_of_day_rows",),
    detect=_detect,
    rank=2,
)
