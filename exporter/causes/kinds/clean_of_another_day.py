"""The clean file has the rows of another day, though the raw file has its own."""

from collections.abc import Iterator
from datetime import UTC, datetime

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.kinds.rows_of_another_day import NEARLY_ALL
from exporter.metric import profile_of
from exporter.model import NANOSECONDS, Partition, Profile, Stage


def _detect(case: Case) -> Iterator[Finding]:
    raw, clean = case.raw, profile_of(case.facts, Stage.CLEAN)
    if raw is None or clean is None or not clean.rows or raw.out_of_day_rows >= NEARLY_ALL * raw.rows:
        return
    same = _same(case, clean)
    evidence: dict[str, float | str] = {"rows": clean.rows, "out_of_day": clean.out_of_day_rows}
    if same is not None:
        title = f"clean file has the content of {same}"
        seen = f"All {clean.rows:,} rows of the clean file are those of {same}, byte for byte"
        evidence["same_as"] = same.isoformat()
    elif clean.out_of_day_rows >= NEARLY_ALL * clean.rows and clean.first_event_ns is not None:
        days = _days(case, clean)
        title = f"rows of the clean file are from {days}"
        seen = f"{clean.out_of_day_rows:,} of {clean.rows:,} rows of the clean file are from {days}"
        evidence["from"] = days
    else:
        return
    yield Finding(
        title=title,
        seen=f"{seen}; the raw file has {raw.rows:,} rows of {case.facts.partition}.",
        subject=Stage.CLEAN.value,
        evidence=evidence,
    )


def _same(case: Case, clean: Profile) -> Partition | None:
    """Return the day whose clean file is the same, ``None`` if there is none or most days are the same."""
    known = [(day.partition, profile_of(day, Stage.CLEAN)) for day in case.earlier]
    same = [day for day, other in known if other is not None and other.fingerprint == clean.fingerprint]
    return same[0] if 0 < len(same) <= len(known) / 2 else None


def _days(case: Case, clean: Profile) -> str:
    zone = case.facts.day.zone
    first, last = (
        datetime.fromtimestamp((instant or 0) // NANOSECONDS, UTC).astimezone(zone).date()
        for instant in (clean.first_event_ns, clean.last_event_ns)
    )
    return f"{first}" if first == last else f"{first} to {last}"


CAUSE = Cause(
    name="clean_of_another_day",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="If loaded, another day counts twice and this one not at all.",
    resolution=(
        "Find out which day the DQ step was run for, and rerun it for this one.",
        "Check whether the wrong rows have been loaded already.",
    ),
    explains=(
        "out_of_day_rows",
        "unaccounted_rows",
        "dq_discrepancy",
        "revenue_gap",
        "anomaly_clean_revenue",
        "silence",
    ),
    detect=_detect,
    rank=4,
)
