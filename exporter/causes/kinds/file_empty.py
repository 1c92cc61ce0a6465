"""The raw file has no rows: it is empty, or has only a header."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import volumes
from exporter.model import NANOSECONDS, Stage


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or raw.rows or case.alert("partition_empty") is None:
        return
    known, day = case.facts.stages[Stage.RAW], case.facts.day
    is_so = "has only a header" if raw.columns else "is empty"
    if raw.empty_rows:
        is_so = f"has no values in its {raw.empty_rows:,} row{'s' * (raw.empty_rows != 1)}"
    rows = usual(case, lambda before: before.rows)
    early = known.updated_ns < day.end_ns
    written = datetime.fromtimestamp(known.updated_ns // NANOSECONDS, UTC).astimezone(day.zone)
    yield Finding(
        title=f"raw file {is_so}",
        seen=f"The raw file of {known.size_bytes:,} bytes {is_so}"
        f"{'' if rows is None else f', usually about {rows:,.0f} rows'}."
        + (
            f" It was written at {written:%H:%M} on {written:%Y-%m-%d}, before the day was over."
            if early
            else ""
        ),
        evidence={"size_bytes": known.size_bytes, "written": written.isoformat()},
        likely_fix="Have the day exported again: the export ran before the day was over." if early else None,
        explains=(*CAUSE.explains, *volumes(case)),
        ends=True,
    )


CAUSE = Cause(
    name="file_empty",
    layer=Layer.PLACE,
    severity=None,
    owner="data-engineering",
    impact="The day counts as arrived, yet every figure of it is zero.",
    resolution=(
        "Check whether the export ran before the day was complete, or against an empty source.",
        "Have the day exported again, then rerun the DQ step.",
    ),
    explains=(
        "partition_empty",
        "schema_mismatch",
        "unaccounted_rows",
        "dq_discrepancy",
        "clean_empty",
        "reject_ratio",
        "revenue_gap",
        "no_orders",
        "event_vanished",
        "silence",
        "anomaly_*",
    ),
    detect=_detect,
)
