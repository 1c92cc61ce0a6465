"""The header names a column twice, as a join of a table with itself does."""

from collections import Counter
from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity


def _doubled(columns: tuple[str, ...]) -> list[str]:
    return [name for name, count in Counter(columns).items() if name and count > 1]


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    names = [] if raw is None else _doubled(raw.columns)
    if raw is None or not names or any(_doubled(profile.columns) == names for profile in case.profiles()):
        return
    listed = ", ".join(names)
    many = len(names) > 1
    yield Finding(
        title=f"column{'s' * many} {listed} {'appear' if many else 'appears'} twice in the header",
        seen=f"{listed} appear{'' if many else 's'} more than once among the header's {len(raw.columns)} "
        "names; the first is used.",
        subject=listed,
        evidence={"columns": len(raw.columns), "doubled": listed},
    )


CAUSE = Cause(
    name="header_doubled",
    layer=Layer.COLUMNS,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Readers differ in which of the two columns they use, and some reject the file.",
    resolution=("Have each column named once, and the day exported again.",),
    explains=(),
    detect=_detect,
)
