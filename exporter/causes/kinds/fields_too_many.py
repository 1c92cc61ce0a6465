"""Every row has the same number of fields, but not the header's."""

from collections.abc import Iterator

from exporter.causes.about import computed_from
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.units import percentage

NEARLY_ALL = 0.9  # of the malformed rows have the same number of fields
MOST = 0.5  # of the rows
FOLLOWS = ("malformed_rows", "malformed_orders", "revenue_gap", "reject_ratio", "anomaly_*")


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.malformed_fields or case.alert("malformed_rows") is None:
        return
    fields, count = max(raw.malformed_fields.items(), key=lambda one: (one[1], one[0]))
    if count < NEARLY_ALL * raw.malformed_rows or count < MOST * raw.rows:
        return
    width, found = len(raw.columns), int(fields)
    much = "one field" if abs(found - width) == 1 else f"{abs(found - width)} fields"
    side = "more" if found > width else "fewer"
    fields = f"{found} field{'s' * (found != 1)}"
    yield Finding(
        title=f"{percentage(count / raw.rows)} of rows have {much} {side} than the header",
        seen=f"{count:,} of {raw.rows:,} rows have {fields}, the header has {width}.",
        evidence={"rows": raw.rows, "malformed": count, "fields": found, "columns": width},
        likely_fix="Look for a delimiter at the end of each row: have the export omit it, or "
        "name it in the header."
        if found == width + 1
        else None,
        explains=(*FOLLOWS, *computed_from(case, [column.name for column in case.feed.raw.columns])),
        ends=True,
    )


CAUSE = Cause(
    name="fields_too_many",
    layer=Layer.FORM,
    severity=None,
    owner="data-engineering",
    impact="Rows cannot be split into columns, so nothing in the day can be counted.",
    resolution=("Compare the header with a row, and have the day exported again.",),
    explains=FOLLOWS,
    detect=_detect,
    rank=3,
)
