"""A row of totals is among the rows: its amount is the sum of all others."""

import math
from collections.abc import Iterator

from exporter.causes.about import about
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Severity
from exporter.model import Profile

LEAST_ROWS = 10
FIGURES = frozenset(("mean", "maximum", "missing_rows", "invalid_rows"))
CLOSE = 1e-9  # relative: a total is rounded to cents at most


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    names = [name for name in raw.figures if _is_total(raw, name)]
    if not names or any(_is_total(day, name) for day in case.profiles() for name in names):
        return
    lacking = [
        name
        for name, known in raw.figures.items()
        if known.numbers.get("missing_rows") == 1 and name not in names
    ]
    if not lacking:  # a total has no value in most columns
        return
    name, listed = names[0], ", ".join(lacking)
    largest = raw.figures[name].numbers["maximum"]
    yield Finding(
        title=f"one raw row is a total: its {name} is the sum of all others",
        seen=f"The largest {name}, {largest:,.10g}, is the sum of all others, and 1 of {raw.good_rows:,} "
        f"rows has no value in {listed}: a row of totals.",
        evidence={"rows": raw.good_rows, "largest": largest, "column": name, "without": listed},
        confidence=Confidence.LIKELY,
        explains=tuple(about(case, [*names, *lacking])),
    )


def _is_total(profile: Profile, name: str) -> bool:
    known = profile.figures.get(name)
    if known is None or not known.numbers.keys() >= FIGURES:
        return False
    numbers = profile.good_rows - known.numbers["missing_rows"] - known.numbers["invalid_rows"]
    largest, total = known.numbers["maximum"], known.numbers["mean"] * numbers
    return numbers > LEAST_ROWS and largest > 0 and math.isclose(2 * largest, total, rel_tol=CLOSE)


CAUSE = Cause(
    name="row_of_totals",
    layer=Layer.IDENTITY,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Sums of the day are twice what they should be, and a row without most of its values is loaded.",
    resolution=("Have the export leave the row of totals out, and the day exported again.",),
    explains=(),
    detect=_detect,
    rank=3,
)
