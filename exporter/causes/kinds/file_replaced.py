"""The raw file was replaced after the DQ step had read it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.about import is_newer_than_clean
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Profile, Stage
from exporter.profiling.order_tally import orders_of


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    change = next((change for change in case.facts.replaced if change.stage is Stage.RAW), None)
    if raw is None or raw.truncated or change is None:
        return
    before, same = change.before, change.before.rows == raw.rows
    split = [profile_of(case.facts, stage) for stage in (Stage.CLEAN, Stage.REJECTS)]
    seen_by_step = sum(profile.rows for profile in split if profile is not None)
    claimed = None if case.facts.dq is None else case.facts.dq.raw
    if before.rows not in (seen_by_step, claimed):
        return  # the DQ step has not seen the first delivery either
    follows = any(alert.check.name in CAUSE.explains for alert in case.alerts)
    if same and not (is_newer_than_clean(case) and follows):
        return  # the step has read it, or nothing has changed for it
    at = datetime.fromtimestamp(change.at_ns // NANOSECONDS, UTC).astimezone(case.facts.day.zone)
    rows = f"{raw.rows:,} rows again" if same else f"{before.rows:,} → {raw.rows:,} rows"
    what = f"{rows}{_revenue(before, raw) if same else ''}"
    yield Finding(
        title=f"raw file was replaced after the DQ step ran: {what}",
        seen=f"The raw file was replaced (seen at {at:%H:%M} on {at:%Y-%m-%d}): {what}. "
        f"The DQ step had read the first version, with {before.rows:,} rows.",
        evidence={"rows_before": before.rows, "rows": raw.rows, "at": at.isoformat()},
        likely_fix="Rerun the DQ step for this day.",
        explains=(*CAUSE.explains, *_changed(case, before, raw)),
    )


def _revenue(before: Profile, now: Profile) -> str:
    """Return by how much revenue has changed, if it has."""
    one, other = orders_of(before), orders_of(now)
    if one is None or other is None or one.revenue == other.revenue:
        return ""
    return f", revenue {one.revenue:,.10g} → {other.revenue:,.10g}"


def _changed(case: Case, before: Profile, now: Profile) -> tuple[str, ...]:
    """Return the anomaly of a raw revenue that was as usual before the file was replaced."""
    alert, one, other = case.alert("anomaly_revenue"), orders_of(before), orders_of(now)
    if alert is None or one is None or other is None or alert.expected is None:
        return ()
    nearer = abs(one.revenue - alert.expected) < abs(alert.limit - alert.expected)
    return ("anomaly_revenue",) if nearer else ()


CAUSE = Cause(
    name="file_replaced",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="The clean file is based on the first delivery, so the loaded data differs from the raw file.",
    resolution=("Rerun the DQ step for this day, and ask why it was delivered twice.",),
    explains=("unaccounted_rows", "dq_discrepancy", "revenue_gap", "reject_ratio", "clean_empty"),
    detect=_detect,
    rank=3,
)
