"""Some of the rows are from other days."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.about import DELIVERED_OTHERWISE, unaccounted, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.units import percentage
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Profile, Stage

MORE = 1.2  # times the usual rows
OTHERS = 0.001  # of the rows, such as another spelling of the header, may be unaccounted for besides
VOLUMES = ("anomaly_events", "anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue")


def _detect(case: Case) -> Iterator[Finding]:
    raw, day = case.raw, case.facts.day
    alert = case.alert("out_of_day_rows")
    if raw is None or alert is None or raw.first_event_ns is None or raw.last_event_ns is None:
        return
    if raw.out_of_day_rows == 0 or raw.unparseable_timestamps:
        return
    first, last = (
        datetime.fromtimestamp(instant // NANOSECONDS, UTC).astimezone(day.zone)
        for instant in (raw.first_event_ns, raw.last_event_ns)
    )
    before, behind = raw.first_event_ns < day.start_ns, raw.last_event_ns >= day.end_ns
    reach = [f"back to {first:%Y-%m-%d %H:%M}"] if before else []
    reach += [f"up to {last:%Y-%m-%d %H:%M}"] if behind else []
    share = percentage(raw.out_of_day_rows / raw.rows)
    yield Finding(
        title=f"{share} of rows are from other days, {' and '.join(reach)}",
        seen=f"{raw.out_of_day_rows:,} of {raw.rows:,} rows are not from {day.partition}: "
        f"the times reach {' and '.join(reach)}.{_as_many(case, raw)}",
        subject=raw.event_time or "",
        evidence={
            "rows": raw.rows,
            "out_of_day": raw.out_of_day_rows,
            "first": f"{first}",
            "last": f"{last}",
        },
        explains=("out_of_day_rows", *_follows(case, raw)),
    )


def _as_many(case: Case, raw: Profile) -> str:
    """Say whether they may be a whole other file."""
    for day in case.earlier:
        profile = profile_of(day, Stage.RAW)
        begins = profile is not None and profile.first_event_ns == raw.first_event_ns
        if begins and profile is not None and profile.rows == raw.out_of_day_rows:
            return f" The file of {day.partition} begins at the same time and has as many rows."
    return ""


def _follows(case: Case, raw: Profile) -> tuple[str, ...]:
    """Return the checks that follow: sums, if the DQ step saw none of those rows, and volumes."""
    rows, normal = raw.out_of_day_rows, usual(case, lambda day: day.rows)
    more = unaccounted(case)
    if more is not None and rows <= more <= rows + OTHERS * raw.rows:
        return DELIVERED_OTHERWISE
    fuller = normal is not None and raw.rows - rows < MORE * normal < raw.rows
    return VOLUMES if fuller else ()


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
