"""The raw header has a column that is neither in the contract nor in earlier files."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.figures.files import missing_columns
from exporter.metric import profile_of
from exporter.model import Stage

MOST_NAMES = 5


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    before = [profile for day in case.earlier if (profile := profile_of(day, Stage.RAW)) is not None]
    if raw is None or not before or missing_columns(case.feed.raw, raw):
        return  # a replacement of a missing column is reported with that column
    known = {*case.feed.raw.names, *(name for profile in before for name in profile.columns)}
    new = [name for name in raw.columns if name and name not in known]
    if new:
        listed = ", ".join(new[:MOST_NAMES]) + (
            f" and {len(new) - MOST_NAMES} more" if len(new) > MOST_NAMES else ""
        )
        yield Finding(
            title=f"new column{'s' * (len(new) > 1)} {listed}",
            seen=f"The raw file has {len(raw.columns)} columns, usually {len(before[0].columns)}; "
            f"new: {listed}.",
            subject=listed,
            evidence={"columns": len(raw.columns), "new": listed},
        )


CAUSE = Cause(
    name="column_new",
    layer=Layer.COLUMNS,
    severity=None,
    owner="data-engineering",
    impact="Nothing breaks: the column is not read until the contract names it.",
    resolution=("Add the column to the contract if it is permanent.",),
    explains=(),
    detect=_detect,
    rank=3,
)
