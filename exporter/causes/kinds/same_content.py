"""The raw file is byte for byte another day's."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.hours import WEEK
from exporter.causes.volumes import repeats, volumes
from exporter.checks.check import Severity
from exporter.metric import profile_of
from exporter.model import Partition, Profile, Stage

LEAST_REPEATS = 2  # days with the content of another, to call that usual


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if (
        raw is None
        or not raw.rows
        or (_is_usual(case, raw.fingerprint) and not case.alert("out_of_day_rows"))
    ):
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


def _is_usual(case: Case, content: str) -> bool:
    """Return whether the feed's content often stays the same: a table that rarely changes.

    Days that have today's content say nothing, as they may be the same fault, unless there are no others.
    """
    known = {
        day.partition: there for day in case.earlier if (there := profile_of(day, Stage.RAW)) is not None
    }
    others = [day.fingerprint for day in known.values() if day.fingerprint != content]
    if not others:  # nothing shows that it ever changes
        return True
    return len(others) - len(set(others)) >= LEAST_REPEATS or _is_weekly(case, known)


def _is_weekly(case: Case, known: Mapping[Partition, Profile]) -> bool:
    """Return whether the same weekday had the content of the day before it a week ago, too."""
    day = case.facts.partition
    a_week_ago, before = (known.get(day - timedelta(days=days)) for days in (WEEK, WEEK + 1))
    return a_week_ago is not None and before is not None and a_week_ago.fingerprint == before.fingerprint


CAUSE = Cause(
    name="same_content",
    layer=Layer.IDENTITY,
    severity=Severity.WARNING,
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
