"""A file exists but cannot be read: another format, encoding or delimiter, or cut off."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.model import Stage

PREFIX = "not CSV with a header: "


def _detect(case: Case) -> Iterator[Finding]:
    alert = case.alert("partition_unreadable")
    if alert is None:
        return
    for stage, known in case.facts.stages.items():
        if known.error is None or stage.value != alert.labels.get("stage", stage.value):
            continue
        reason = known.error.removeprefix(PREFIX)
        form = reason.rpartition(": ")[2] if reason.startswith("the first line is ") else reason
        yield Finding(
            title=f"{stage} file cannot be read: {form}",
            seen=f"{stage} file of {known.size_bytes:,} bytes cannot be read: {reason}.",
            evidence={"size_bytes": known.size_bytes, "reason": reason},
            ends=stage is Stage.RAW,
        )
        return


CAUSE = Cause(
    name="file_form",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="The day's figures are unknown until the file can be read; a load would fail or load garbage.",
    resolution=("Have the day exported again in the usual format, or fix the permissions.",),
    explains=(
        "partition_unreadable",
        "schema_mismatch",
        "clean_schema_mismatch",
        "clean_empty",
        "partition_late",
        "stage_missing",
        "unaccounted_rows",
        "dq_discrepancy",
        "reject_ratio",
        "revenue_gap",
        "anomaly_*",
    ),
    detect=_detect,
)
