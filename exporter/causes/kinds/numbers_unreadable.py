"""Values of a numeric column are not numbers."""

from collections.abc import Iterator
from functools import partial

from exporter.causes.about import about, most
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.model import Profile

MOST_SHAPES = 2
LEAST_SHARE = 0.001
TIMES = 5  # more than on any day before


def _broken(profile: Profile, name: str) -> int:
    figures = profile.figures.get(name)
    return 0 if figures is None else sum(figures.shapes.values())


def _share(name: str, day: Profile) -> float:
    return _broken(day, name) / max(1, day.good_rows)


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    for name, figures in raw.figures.items():
        count = _broken(raw, name)
        before = most(case, partial(_share, name)) or 0.0
        if not count or count < max(LEAST_SHARE, TIMES * before) * raw.good_rows:
            continue
        if count == 1 and any(cause.name == "row_of_totals" for cause in case.found):
            continue  # it is that row's
        largest = sorted(figures.shapes.items(), key=lambda one: (-one[1], one[0]))[:MOST_SHAPES]
        shapes = ", ".join(shape for shape, _ in largest)
        share = percentage(count / raw.good_rows)
        yield Finding(
            title=f"{share} of {name} values are not numbers: they look like {shapes}",
            seen=f"{count:,} of {raw.good_rows:,} values of {name} are not numbers: they look like {shapes}.",
            subject=name,
            evidence={"rows": raw.good_rows, "unreadable": count, "shapes": shapes},
            explains=tuple(about(case, (name,))),
        )


CAUSE = Cause(
    name="numbers_unreadable",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Sums and means of the column leave those rows out.",
    resolution=("Have the export write plain numbers with a decimal point, and the day exported again.",),
    explains=(),
    detect=_detect,
)
