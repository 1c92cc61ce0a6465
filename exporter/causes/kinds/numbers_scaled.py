"""Numbers are a hundred or a thousand times as large or as small as usual: another unit."""

from collections.abc import Iterator
from functools import partial

from exporter.causes.about import LEAST_DAYS, about
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.scale import factor_of, times
from exporter.checks.check import Severity
from exporter.checks.deviation import side_of
from exporter.model import Profile

LEAST_ROWS = 10
STEADY = 2.0  # times the smallest of the days before, at most
LEAST_PART = 0.03  # of the values, if only a part is affected
WIDER = 3.0  # how far the largest value may be from the factor if the average is near it


def _figure(name: str, figure: str, profile: Profile) -> float | None:
    figures = profile.figures.get(name)
    return None if figures is None else figures.numbers.get(figure)


def _usual(case: Case, name: str, figure: str) -> tuple[float, bool] | None:
    """Return the usual value of a figure, and whether it is about the same on all days before."""
    found = [value for value in map(partial(_figure, name, figure), case.profiles()) if value is not None]
    if len(found) < LEAST_DAYS or min(found) <= 0:
        return None
    return sorted(found)[len(found) // 2], max(found) <= STEADY * min(found)


def _is_raised(case: Case, name: str, raw: Profile) -> bool:
    """Return whether the smallest value is larger than usual, too: then not only a part is affected."""
    smallest, usual = _figure(name, "minimum", raw), _usual(case, name, "minimum")
    return smallest is not None and usual is not None and smallest > WIDER * usual[0]


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or raw.good_rows < LEAST_ROWS:
        return
    for name in raw.figures:
        mean, means = _figure(name, "mean", raw), _usual(case, name, "mean")
        largest, largests = _figure(name, "maximum", raw), _usual(case, name, "maximum")
        if mean is None or largest is None or means is None or largests is None or not means[1]:
            continue
        # The largest of skewed amounts differs from day to day, which only matters if it is the evidence.
        (usual_mean, _), (usual_largest, steady) = means, largests
        factor = factor_of(mean / usual_mean)
        whole = factor is not None and factor / WIDER < largest / usual_largest < factor * WIDER
        part = 1.0
        if not whole:
            if not steady:
                continue
            factor = factor_of(largest / usual_largest)
            part = 0.0 if factor is None else (mean / usual_mean - 1) / (factor - 1)
            if factor is None or factor < 1 or not LEAST_PART <= part <= 1 or _is_raised(case, name, raw):
                continue
        yield _finding(case, name, factor or 1.0, part, (mean, usual_mean, largest, usual_largest))


def _finding(
    case: Case, name: str, factor: float, part: float, known: tuple[float, float, float, float]
) -> Finding:
    mean, usual_mean, largest, usual_largest = known
    much = f"{times(factor)} what is usual"
    what = f"{name} is about" if part == 1 else f"about {part:.0%} of {name} values are about"
    return Finding(
        title=f"{what} {much}: another unit?",
        seen=f"The average of {name} is {mean:,.2f}, usually {usual_mean:,.2f}, and the largest value "
        f"{largest:,.2f}, usually {usual_largest:,.2f}: {what} {much}.",
        subject=name,
        evidence={"average": mean, "usual_average": usual_mean, "factor": factor, "share": part},
        confidence=Confidence.LIKELY,
        side=side_of(factor, 1.0),
        explains=tuple(about(case, (name,))),
    )


CAUSE = Cause(
    name="numbers_scaled",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Sums and means of the column are wrong by that factor.",
    resolution=("Check whether the producer writes cents, or thousands, and have the day exported again.",),
    explains=(),
    detect=_detect,
)
