"""Many values of a numeric column are negative, unlike on the days before."""

from collections.abc import Iterator
from functools import partial

from exporter.causes.about import about, most
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.checks.units import percentage
from exporter.model import Profile

LEAST_ROWS = 5
LEAST_SHARE = 0.01
LEAST_DAYS = 5
TIMES = 5  # more than on any day before
PLACEHOLDERS = frozenset((-1, *(-(10**digits - 1) for digits in range(1, 10)), -(2**31), -99.99, -999.99))
"""Minus one, nines, and the smallest integer."""


def _share(name: str, day: Profile) -> float | None:
    figures = day.figures.get(name)
    rows = None if figures is None else figures.numbers.get("negative_rows")
    return None if rows is None else rows / max(1, day.good_rows)


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if (
        raw is None
        or len(case.profiles()) < LEAST_DAYS
        or any(cause.name == "column_placeholder" for cause in case.found)
    ):
        return
    for name, figures in raw.figures.items():
        rows, least = figures.numbers.get("negative_rows", 0), figures.numbers.get("minimum")
        if least is None or rows < max(LEAST_ROWS, LEAST_SHARE * raw.good_rows):
            continue
        before = most(case, partial(_share, name))
        if before is None or rows < TIMES * before * raw.good_rows:
            continue
        usually = f"usually {percentage(before)} at most" if before else "usually none"
        what = ", which looks like a placeholder" if least in PLACEHOLDERS else ""
        yield Finding(
            title=f"{name} is negative in {percentage(rows / raw.good_rows)} of rows, down to {least:,.10g}",
            seen=f"{rows:,.0f} of {raw.good_rows:,} rows have a negative {name}, {usually}; "
            f"the smallest is {least:,.10g}{what}.",
            subject=name,
            evidence={"rows": raw.good_rows, "negative": rows, "smallest": least},
            explains=tuple(about(case, (name,))),
        )


CAUSE = Cause(
    name="numbers_negative",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Sums and means of the column are too small.",
    resolution=("Find out what the negative numbers mean: an unknown value, a refund, a changed sign.",),
    explains=(),
    detect=_detect,
    rank=2,
)
