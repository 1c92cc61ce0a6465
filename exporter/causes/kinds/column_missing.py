"""The raw header lacks columns; a new one in the position of a missing one was renamed."""

from collections.abc import Iterator

from exporter.causes.about import computed_from, listed, rejected
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.kinds.header_spelled import spelled
from exporter.checks.check import Severity
from exporter.checks.units import amount
from exporter.figures.files import missing_columns
from exporter.model import Profile, Stage

FOLLOWS = ("schema_mismatch", "clean_schema_mismatch", "reject_ratio", "revenue_gap", "clean_empty")
MOST_SINGLE = 2
MOST_NAMED = 3
REVENUE = "puffy_partition_revenue"


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.columns:
        return
    otherwise = spelled(case)
    missing = [name for name in missing_columns(case.feed.raw, raw) if name not in otherwise]
    if not missing:
        return
    new = [name for name in raw.columns if name not in (*case.feed.raw.names, *otherwise.values())]
    # Each is fixed separately, unless so many are missing that they have one cause.
    for names in [[name] for name in missing] if len(missing) <= MOST_SINGLE else [missing]:
        yield _finding(case, raw, names, _renamed(case, raw, missing, new), new)


def _finding(case: Case, raw: Profile, missing: list[str], renamed: str | None, new: list[str]) -> Finding:
    every = ", ".join(missing)
    if len(missing) == 1:
        title = f"column {every} is missing" + (f", {renamed} is new: renamed?" if renamed else "")
        seen = f"Column {every} is missing in all {raw.rows:,} rows."
    else:  # a headline has no room for all names
        columns = f"{len(missing)} of {len(case.feed.raw.names)} columns are missing"
        title = f"{columns}: {listed(missing, MOST_NAMED)}"
        seen = f"{columns} in all {raw.rows:,} rows: {every}."
    return Finding(
        title=title,
        seen=f"{seen}{_new_words(new)}{_effect(case)}",
        subject=every,
        evidence={"rows": raw.rows, "missing": every, "new": ", ".join(new)},
        likely_fix=None
        if renamed is None
        else f"If {renamed} is the new name of {missing[0]}, add it to the column's aliases in the contract.",
        confidence=Confidence.CERTAIN if renamed is None else Confidence.LIKELY,
        explains=(
            *FOLLOWS,
            *computed_from(case, missing),
            *(
                ("anomaly_*",) if len(missing) > MOST_SINGLE else rejected(case)
            ),  # it may be another feed's file
        ),
    )


def _renamed(case: Case, raw: Profile, missing: list[str], new: list[str]) -> str | None:
    """Return the new column in the position of the missing one, if there is exactly one of each."""
    if len(missing) != 1 or len(new) != 1:
        return None
    for day in case.earlier:
        before = day.stages.get(Stage.RAW)
        profile = None if before is None else before.profile
        if profile is not None and missing[0] in profile.columns:
            same_place = raw.columns.index(new[0]) == profile.columns.index(missing[0])
            return new[0] if same_place else None
    return new[0]


def _new_words(new: list[str]) -> str:
    return f" New: {', '.join(name or 'a column without a name' for name in new)}." if new else ""


def _effect(case: Case) -> str:
    """Describe the effect on the DQ step: rejected rows, and the remaining revenue."""
    words = ""
    ratio = case.alert("reject_ratio")
    if ratio is not None and ratio.share is not None:
        words += f" {ratio.share[0]:,.0f} of {ratio.share[1]:,.0f} rows are rejected."
    revenue = case.figures.get(REVENUE, {})
    raw, clean = (revenue.get((stage.value,)) for stage in (Stage.RAW, Stage.CLEAN))
    if case.alert("revenue_gap") is not None and raw is not None and clean is not None:
        words += f" Clean revenue is {amount(round(clean), REVENUE)} of {amount(round(raw), REVENUE)}."
    return words


CAUSE = Cause(
    name="column_missing",
    layer=Layer.COLUMNS,
    severity=Severity.CRITICAL,
    owner="data-engineering",
    impact="Consumers of the column get no data for the whole day.",
    resolution=(
        "Find the release that dropped or renamed the column, have it restored and the day exported again.",
        "Rerun the DQ step, check the clean file, and acknowledge the day to release the load.",
    ),
    explains=FOLLOWS,
    detect=_detect,
    rank=2,
)
