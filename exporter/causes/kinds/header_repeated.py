"""The header is repeated within the file: two exports were concatenated."""

from collections.abc import Iterator

from exporter.causes.about import in_lines
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.repeated_headers:
        return
    lines = ", ".join(map(str, raw.repeated_header_lines)) or "unknown"
    where = in_lines(raw.repeated_header_lines, raw.repeated_headers)
    times = "once" if raw.repeated_headers == 1 else f"{raw.repeated_headers:,} times"
    yield Finding(
        title=f"header repeated {times} in the raw file{where}",
        seen=f"The header is repeated {times} among {raw.rows:,} rows{where}: "
        "parts concatenated? It is not counted as a row.",
        evidence={"repeated_headers": raw.repeated_headers, "lines": lines, "rows": raw.rows},
    )


CAUSE = Cause(
    name="header_repeated",
    layer=Layer.FORM,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Readers that do not skip it get a row of column names; the parts may overlap.",
    resolution=(
        "Check whether the parts contain the same rows, and have the day exported again in one go.",
        "Rerun the DQ step.",
    ),
    explains=("unaccounted_rows", "dq_discrepancy"),
    detect=_detect,
    rank=3,
)
