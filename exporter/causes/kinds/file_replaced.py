"""The raw file was replaced after the DQ step had read it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Stage


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    change = next((change for change in case.facts.replaced if change.stage is Stage.RAW), None)
    split = [profile_of(case.facts, stage) for stage in (Stage.CLEAN, Stage.REJECTS)]
    if raw is None or raw.truncated or change is None or change.before.rows == raw.rows:
        return
    seen_by_step = sum(profile.rows for profile in split if profile is not None)
    claimed = None if case.facts.dq is None else case.facts.dq.raw
    if change.before.rows not in (seen_by_step, claimed):
        return  # the DQ step has not seen the first delivery either
    at = datetime.fromtimestamp(change.at_ns // NANOSECONDS, UTC).astimezone(case.facts.day.zone)
    yield Finding(
        title=f"raw file was replaced after the DQ step ran: {change.before.rows:,} → {raw.rows:,} rows",
        seen=f"The raw file was replaced (seen at {at:%H:%M} on {at:%Y-%m-%d}): {change.before.rows:,} → "
        f"{raw.rows:,} rows. The DQ step had read the first version, with {change.before.rows:,} rows.",
        evidence={"rows_before": change.before.rows, "rows": raw.rows, "at": at.isoformat()},
        likely_fix="Rerun the DQ step for this day.",
    )


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
