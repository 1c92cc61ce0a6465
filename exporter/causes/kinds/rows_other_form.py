"""Rows are written in another form: with another delimiter, other quotes or unquoted numbers."""

from collections.abc import Iterator

from exporter.causes.about import computed_from, in_lines, off_by, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.units import percentage
from exporter.profiling.odd_records import DELIMITERS, OddRecord

NEARLY_ALL = 0.8  # of the malformed rows are in the same form
MOST = 0.45  # share of the rows above which nothing can be said about the day
ENOUGH = 0.01  # share of the rows above which volumes and shares change
OTHERWISE = {form: f"are separated by {form}" for form in DELIMITERS.values()} | {
    OddRecord.QUOTED: "are quoted as a whole, which makes each one field",
    OddRecord.QUOTES: "are quoted with another sign than the contract's",
    OddRecord.ESCAPES: "have quotes escaped with backslashes, not doubled",
    OddRecord.SPACES: "have spaces between a delimiter and a quote, so the quotes do not count",
    OddRecord.THOUSANDS: "have numbers with unquoted thousands separators",
    OddRecord.TWO_ROWS: "are two rows on one line",
}
ORDERS = (
    "malformed_orders",
    "no_orders",
    "zero_revenue",
    "event_vanished",
    "revenue_gap",
    "anomaly_checkouts",
    "anomaly_revenue",
    "anomaly_clean_revenue",
)
MANY = ("silence", "reject_ratio", "anomaly_*")


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.odd_records or not raw.rows:
        return
    kind, count = max(
        ((form, raw.odd_records.get(form, 0)) for form in OTHERWISE), key=lambda one: (one[1], one[0].value)
    )
    if not count or count < NEARLY_ALL * raw.malformed_rows:
        return
    if case.alert("malformed_rows") is None and usual(case, lambda day: day.odd_records.get(kind, 0)):
        return
    where = in_lines(raw.malformed_lines, raw.malformed_rows)
    share, words = count / raw.rows, OTHERWISE[kind]
    if count == 1:
        words = words.replace("are ", "is ", 1).replace("have ", "has ", 1)
    columns = [column.name for column in case.feed.raw.columns] if share >= MOST else []
    yield Finding(
        title=f"{percentage(share)} of raw rows {OTHERWISE[kind]}{where}",
        seen=f"{count:,} of {raw.rows:,} rows {words}{where}.",
        evidence={"rows": raw.rows, "malformed": raw.malformed_rows, "otherwise": count, "form": kind.value},
        likely_fix=_FIXES.get(kind),
        explains=(
            "malformed_rows",
            *off_by(case, raw.malformed_rows),
            *(ORDERS if case.alert("malformed_orders") or share >= ENOUGH else ()),
            *(MANY if share >= ENOUGH else ()),
            *computed_from(case, columns),
        ),
        ends=share >= MOST,
    )


_FIXES = {
    form: f"Check whether two exports were concatenated: have the day exported again without {form} "
    "as delimiters."
    for form in DELIMITERS.values()
} | {OddRecord.ESCAPES: "Have the export double the quotes within fields, as in RFC 4180, not escape them."}

CAUSE = Cause(
    name="rows_other_form",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="Those rows cannot be split into columns, so they are missing from every figure.",
    resolution=("Compare such a row with the others, and have the day exported again in one form.",),
    explains=("malformed_rows", "unaccounted_rows", "dq_discrepancy", *ORDERS, *MANY),
    detect=_detect,
    rank=2,
)
