"""The header is repeated within the file: two exports were concatenated."""

from collections.abc import Iterator

from exporter.causes.about import in_lines, off_by
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.model import Profile
from exporter.profiling.odd_records import OddRecord

EXPLAINS = ("unaccounted_rows", "dq_discrepancy")
LOST = ("malformed_rows", "malformed_orders", "revenue_gap")  # with the row that a header is glued to


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    if raw.odd_records.get(OddRecord.HEADER):
        yield _glued(case, raw, raw.odd_records[OddRecord.HEADER])
    if not raw.repeated_headers:
        return
    lines = ", ".join(map(str, raw.repeated_header_lines)) or "unknown"
    where = in_lines(raw.repeated_header_lines, raw.repeated_headers)
    times = "once" if raw.repeated_headers == 1 else f"{raw.repeated_headers:,} times"
    yield Finding(
        title=f"header repeated {times} in the raw file{where}",
        seen=f"The header is repeated {times} among {raw.rows:,} rows{where}: "
        "parts concatenated? It is not counted as a row.",
        evidence={"repeated_headers": raw.repeated_headers, "lines": lines, "rows": raw.rows},
        explains=EXPLAINS,
    )


def _glued(case: Case, raw: Profile, count: int) -> Finding:
    """Return that the header of a part follows a row that has no line end."""
    alone = raw.malformed_rows == count
    where = in_lines(raw.malformed_lines, count) if alone else ""
    times = "once" if count == 1 else f"{count:,} times"
    rows = "That row is" if count == 1 else "Those rows are"
    return Finding(
        title=f"header glued to a row {times} in the raw file{where}",
        seen=f"The header is repeated {times} among {raw.rows:,} rows, at the end of a row without a line "
        f"end{where}: parts concatenated? {rows} lost.",
        subject="glued",
        evidence={"glued_headers": count, "rows": raw.rows},
        explains=(*off_by(case, count), *(LOST if alone else ())),
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
    explains=(*EXPLAINS, *LOST),
    detect=_detect,
    rank=3,
)
