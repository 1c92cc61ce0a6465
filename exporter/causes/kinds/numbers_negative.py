"""Many values of a numeric column are negative, unlike on the days before."""

from collections.abc import Iterator
from functools import partial

from exporter.causes.about import about, most
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.units import percentage
from exporter.model import Profile

LEAST_ROWS = 10
LEAST_SHARE = 0.01
TIMES = 5  # more than on any day before


def _share(name: str, day: Profile) -> float | None:
    figures = day.figures.get(name)
    rows = None if figures is None else figures.numbers.get("negative_rows")
    return None if rows is None else rows / max(1, day.good_rows)


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or raw.good_rows < LEAST_ROWS:
        return
    for name in raw.figures:
        share, before = _share(name, raw), most(case, partial(_share, name))
        if share is None or before is None or share < max(LEAST_SHARE, TIMES * before):
            continue
        count = round(share * raw.good_rows)
        usually = f"on the days before {percentage(before)} at most" if before else "on the days before none"
        yield Finding(
            title=f"{percentage(share)} of {name} values are negative",
            seen=f"{count:,} of {raw.good_rows:,} values of {name} are negative, {usually}.",
            subject=name,
            evidence={"rows": raw.good_rows, "negative": count},
            explains=tuple(about(case, (name,))),
        )


CAUSE = Cause(
    name="numbers_negative",
    layer=Layer.VALUES,
    severity=None,
    owner="data-engineering",
    impact="Sums and means of the column are too low if the sign is a fault.",
    resolution=("Check whether refunds are included, or the sign of the column has changed.",),
    explains=(),
    detect=_detect,
)
