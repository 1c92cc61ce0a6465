"""An HTML page or a JSON message is within the file: an export failed after it had begun to write."""

from collections.abc import Iterator

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.profiling.odd_records import OddRecord

KINDS = {OddRecord.PAGE: "an HTML or XML page", OddRecord.JSON: "a JSON message"}


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    kind = max(KINDS, key=lambda form: raw.odd_records.get(form, 0))
    lines = raw.odd_records.get(kind, 0)
    if 2 * lines < raw.malformed_rows or not lines:
        return
    if case.alert("malformed_rows") is None and usual(case, lambda day: day.odd_records.get(kind, 0)):
        return
    line = raw.malformed_lines[0] if raw.malformed_lines else None
    rows = usual(case, lambda before: before.rows)
    good = f"It has {raw.good_rows:,} rows{'' if rows is None else f', usually about {rows:,.0f}'}."
    yield Finding(
        title=f"{KINDS[kind]} within the raw file" + ("" if line is None else f", from line {line:,}"),
        seen=(
            f"The raw file contains {KINDS[kind]}."
            if line is None
            else f"In line {line:,} of the raw file {KINDS[kind]} begins, in place of rows."
        )
        + f" {good}",
        evidence={"malformed": raw.malformed_rows, "rows": raw.good_rows, "is": KINDS[kind]},
    )


CAUSE = Cause(
    name="page_inside",
    layer=Layer.FORM,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="It is unknown whether rows are missing in its place, or after it.",
    resolution=(
        "Read the page or message, which says why the export failed, and have the day exported again.",
        "Rerun the DQ step.",
    ),
    explains=(
        "malformed_rows",
        "malformed_orders",
        "silence",
        "unaccounted_rows",
        "dq_discrepancy",
        "revenue_gap",
        "reject_ratio",
        "event_vanished",
        "no_orders",
        "anomaly_*",
    ),
    detect=_detect,
    rank=2,
)
