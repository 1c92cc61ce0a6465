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
        title=f"column{'s' * many} {listed} {'stand' if many else 'stands'} twice in the header",
        seen=f"{len(names)} of the header's {len(raw.columns)} names stand there more than once: {listed}. "
        "The first of each is read.",
        subject=listed,
        evidence={"columns": len(raw.columns), "doubled": listed},
    )


CAUSE = Cause(
    name="header_doubled",
    layer=Layer.COLUMNS,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Readers differ in which of the two columns they take, and some refuse the file.",
    resolution=("Have each column named once, and the day exported again.",),
    explains=(),
    detect=_detect,
)
