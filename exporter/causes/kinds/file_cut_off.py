"""The file ends within a record: an export or a copy was stopped."""

from collections.abc import Iterator

from exporter.causes.about import are_json_lines, are_most, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import too_low
from exporter.model import Stage

LINES_KEPT = 5  # beyond this, the line of the last malformed record is unknown


def _detect(case: Case) -> Iterator[Finding]:
    alert = case.alert("truncated")
    if alert is None:
        return
    stage = Stage(alert.labels.get("stage", Stage.RAW))
    known = case.facts.stages[stage]
    profile = known.profile
    if profile is None:
        return
    if are_json_lines(case.feed.tables[stage]) and profile.malformed_rows > 1 and are_most(profile):
        return  # its last line is not an object either
    lines = profile.malformed_lines
    where = f" in line {lines[-1]:,}" if lines and profile.malformed_rows <= LINES_KEPT else ""
    rows = usual(case, lambda before: before.rows) if stage is Stage.RAW else None
    yield Finding(
        title=f"{stage} file is cut off{where}, after {known.size_bytes:,} bytes",
        seen=f"The {stage} file of {known.size_bytes:,} bytes ends within a record{where}. It has "
        f"{profile.rows:,} rows{'' if rows is None else f', usually about {rows:,.0f}'}.",
        evidence={"size_bytes": known.size_bytes, "rows": profile.rows},
        explains=(*CAUSE.explains, *too_low(case)),
    )


CAUSE = Cause(
    name="file_cut_off",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="It is unknown how much of the day is missing after that point.",
    resolution=(
        "Check whether the export or the copy was cut off (disk full, timeout), and run it again.",
        "Rerun the DQ step once the file is complete.",
    ),
    explains=(
        "truncated",
        "malformed_rows",
        "malformed_orders",
        "silence",
        "unaccounted_rows",
        "dq_discrepancy",
        "revenue_gap",
        "event_vanished",
        "no_orders",
        "anomaly_*",
    ),
    detect=_detect,
    rank=1,
)
