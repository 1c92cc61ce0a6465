"""The event time of rows cannot be parsed."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.units import percentage
from exporter.profiling.shapes import shape_of

MOST_SHAPES = 2


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or case.alert("unparseable_timestamps") is None or not raw.good_rows:
        return
    count, rows = raw.unparseable_timestamps, raw.good_rows
    largest = sorted(raw.timestamp_shapes.items(), key=lambda one: (-one[1], one[0]))[:MOST_SHAPES]
    shapes = ", ".join(name for name, _ in largest)
    column = case.feed.raw.column(raw.event_time or "")
    form = None if column is None else column.format
    expected = "" if form is None else f", not {shape_of(form)}"
    like = f": they look like {shapes}{expected}" if shapes else ""
    yield Finding(
        title=f"{percentage(count / rows)} of timestamps cannot be parsed{like}",
        seen=f"{count:,} of {rows:,} timestamps cannot be parsed{like}.",
        subject=raw.event_time or "",
        evidence={"unparseable": count, "rows": rows, "shapes": shapes},
    )


CAUSE = Cause(
    name="timestamps_unparseable",
    layer=Layer.VALUES,
    severity=None,
    owner="data-engineering",
    impact="Those rows cannot be assigned to an hour or, loaded as they are, to a day.",
    resolution=(
        "Have the export write RFC 3339, or specify the format in the contract if it is permanent.",
        "Rerun the export and the DQ step for this day.",
    ),
    explains=(
        "unparseable_timestamps",
        "silence",
        "out_of_day_rows",
        "missing_timestamp",
        "reject_ratio",
        "anomaly_reject_ratio",
        "anomaly_missing_timestamp_ratio",
    ),
    detect=_detect,
)
