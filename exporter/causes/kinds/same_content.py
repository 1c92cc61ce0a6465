"""The raw file is byte for byte another day's."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import repeats, volumes
from exporter.metric import profile_of
from exporter.model import Stage


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.rows:
        return
    for other in case.earlier:
        there = profile_of(other, Stage.RAW)
        if there is not None and there.fingerprint == raw.fingerprint:
            yield Finding(
                title=f"raw file has the content of {other.partition}",
                seen=f"All {raw.rows:,} rows are those of {other.partition}, byte for byte; "
                "the day itself was not delivered.",
                evidence={"rows": raw.rows, "same_as": other.partition.isoformat()},
                likely_fix="Have this day exported again: the export ran for another day, or a file was "
                "copied.",
                explains=(*CAUSE.explains, *volumes(case), *repeats(case)),
                ends=True,
            )
            return


CAUSE = Cause(
    name="same_content",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="All figures are another day's: if loaded, that day counts twice and this one not at all.",
    resolution=("Have this day exported again, then rerun the DQ step.",),
    explains=(
        "out_of_day_rows",
        "duplicate_keys",
        "unaccounted_rows",
        "dq_discrepancy",
        "revenue_gap",
        "reject_ratio",
        "clean_empty",
        "silence",
        "anomaly_*",
    ),
    detect=_detect,
)
