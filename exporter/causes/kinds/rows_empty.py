"""Rows are empty: nothing but delimiters, as a spreadsheet writes them below its table."""

from collections.abc import Iterator

from exporter.causes.about import most, off_by
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity

UNUSUAL = 2  # times the most of the days before


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.empty_rows:
        return
    before = most(case, lambda day: day.empty_rows)
    if before is not None and raw.empty_rows <= UNUSUAL * before:
        return
    together = raw.rows + raw.empty_rows
    many = raw.empty_rows != 1
    yield Finding(
        title=f"{raw.empty_rows:,} of {together:,} raw rows {'are' if many else 'is'} empty",
        seen=f"{raw.empty_rows:,} of {together:,} rows of the raw file "
        f"{'are' if many else 'is'} empty: nothing but delimiters. {'They are' if many else 'It is'} not "
        "counted.",
        evidence={"empty_rows": raw.empty_rows, "rows": raw.rows},
        explains=tuple(off_by(case, raw.empty_rows)),
    )


CAUSE = Cause(
    name="rows_empty",
    layer=Layer.FORM,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Readers that do not skip them get rows without any value.",
    resolution=("Have the export leave them out: they often come from a spreadsheet.", "Rerun the DQ step."),
    explains=("unaccounted_rows", "dq_discrepancy"),
    detect=_detect,
    rank=3,
)
