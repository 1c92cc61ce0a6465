"""A file of the day had arrived and been judged, and no longer exists."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.model import NANOSECONDS, Stage


def _detect(case: Case) -> Iterator[Finding]:
    gone = [file for file in case.facts.gone if file.before.rows]
    if not gone or not case.alert("partition_missing" if gone[0].stage is Stage.RAW else "stage_missing"):
        return
    first = gone[0]
    at = None if first.arrival_ns is None else datetime.fromtimestamp(first.arrival_ns // NANOSECONDS, UTC)
    zone = case.facts.day.zone
    came = "" if at is None else f" at {at.astimezone(zone):%H:%M} on {at.astimezone(zone):%Y-%m-%d}"
    *more, last = (file.stage.value for file in gone)
    names = f"{', '.join(more)} and {last}" if more else last
    files = "files are" if len(gone) > 1 else "file is"
    left = [stage.value for stage in case.feed.stages if stage in case.facts.stages]
    others = (
        f" The {' and '.join(left)} file{'s are' if len(left) > 1 else ' is'} still there." if left else ""
    )
    yield Finding(
        title=f"{names} {files} gone, after {'they were' if len(gone) > 1 else 'it was'} judged",
        seen=f"The {first.stage} file had arrived{came} and was judged, with {first.before.rows:,} rows; now "
        f"it is gone.{others}",
        subject="" if first.stage is Stage.RAW else first.stage.value,
        evidence={"rows": first.before.rows, "gone": names},
        explains=CAUSE.explains if first.stage is Stage.RAW else ("stage_missing",),
        ends=first.stage is Stage.RAW,
    )


CAUSE = Cause(
    name="file_gone",
    layer=Layer.PLACE,
    severity=None,
    owner="data-engineering",
    impact="What was loaded from it cannot be checked or loaded again.",
    resolution=(
        "Find out what removed the file (a clean-up, a sync, a rerun that failed), and restore it.",
        "If it was moved or archived on purpose, keep files for as long as their days are judged.",
    ),
    explains=(
        "partition_missing",
        "partition_late",
        "stage_missing",
        "unaccounted_rows",
        "dq_discrepancy",
        "reject_ratio",
        "revenue_gap",
        "anomaly_*",
    ),
    detect=_detect,
    rank=1,
)
