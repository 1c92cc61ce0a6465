"""The average of a numeric column is far outside that of all days before: another unit, rate or formula."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from exporter.causes.about import about
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Severity
from exporter.model import ColumnFigures

LEAST_DAYS = 7  # so that the same day of the week is among them
LEAST_VALUES = 20
RATIO = 1.5  # to the nearest of the days before, up or down
SPREADS = 4.0  # beyond it, in distances between the lowest and the highest of them
MOST_ZEROS = 0.5  # of the values of a day: others are rare, such as discounts
MOST_OF_ONE = 0.5  # of the difference, for a single value
TREND_FIGURES = frozenset(("puffy_column_sum_of_values", "puffy_column_mean"))


def _values(known: ColumnFigures, good_rows: int) -> float:
    """Return how many values were averaged."""
    numbers = known.numbers
    return good_rows - numbers.get("missing_rows", 0) - sum(known.shapes.values())


def _may_be_judged(days: Sequence[ColumnFigures]) -> bool:
    """Return whether a column has a level: it is no counter, and no version."""
    means = [day.numbers["mean"] for day in days]
    steps = [later - former for former, later in pairwise(means)]
    grows = any(steps) and (min(steps) >= 0 or max(steps) <= 0)
    fixed = all(day.numbers.get("minimum") == day.numbers.get("maximum") for day in days)
    return not (grows or fixed)


def _left_out(case: Case) -> frozenset[str]:
    """Return the columns that are identifiers, are personal, or have a detector of their own."""
    table = case.feed.raw
    tracked = {trend.labels.get("column", "") for trend in case.feed.trends if trend.metric in TREND_FIGURES}
    return frozenset((*table.key, *tracked, *(column.name for column in table.columns if column.personal)))


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or not raw.good_rows:
        return
    if any(cause.layer <= Layer.IDENTITY and cause.severity is not None for cause in case.found):
        return  # these are not the day's rows, or not all of them
    earlier, left_out = case.profiles(), _left_out(case)
    for name, known in raw.figures.items():
        days = [(day.figures[name], day.good_rows) for day in earlier if name in day.figures]
        days = [(day, rows) for day, rows in days if "mean" in day.numbers]
        if "mean" not in known.numbers or len(days) < LEAST_DAYS or name in left_out:
            continue
        counts = [_values(*day) for day in days]
        values, mean = _values(known, raw.good_rows), known.numbers["mean"]
        zeros = max(
            day.numbers.get("zero_rows", 0) / max(1, n) for (day, _), n in zip(days, counts, strict=True)
        )
        if min(values, *counts) < LEAST_VALUES or zeros > MOST_ZEROS:
            continue
        means = [day.numbers["mean"] for day, _ in days]
        is_known = _may_be_judged([day for day, _ in days])
        if is_known and _is_far(mean, means) and not _is_of_one(known, values, means):
            yield _finding(case, name, mean, means)


def _is_far(mean: float, means: Sequence[float]) -> bool:
    """Return whether the usual variation does not explain a mean; around zero there is no ratio."""
    if max(means) < 0:
        mean, means = -mean, [-one for one in means]
    low, high = min(means), max(means)
    if low <= 0:
        return False
    beyond = max(mean - high, low - mean)
    return (mean >= RATIO * high or mean <= low / RATIO) and beyond >= SPREADS * (high - low)


def _is_of_one(known: ColumnFigures, values: float, means: Sequence[float]) -> bool:
    """Return whether the largest or the smallest value alone makes most of the difference."""
    high, low, mean = max(means), min(means), known.numbers["mean"]
    if mean > high:
        return known.numbers.get("maximum", mean) - high >= MOST_OF_ONE * values * (mean - high)
    return low - known.numbers.get("minimum", mean) >= MOST_OF_ONE * values * (low - mean)


def _finding(case: Case, name: str, mean: float, means: Sequence[float]) -> Finding:
    low, high = f"{min(means):,.4g}", f"{max(means):,.4g}"
    usually = low if low == high else f"{low} to {high}"
    return Finding(
        title=f"{name} is {mean:,.4g} on average, usually {usually}",
        seen=f"The average of {name} is {mean:,.4g}; on the {len(means)} days before it was "
        f"{usually}, and no single value explains it.",
        subject=name,
        evidence={"average": mean, "least_before": min(means), "most_before": max(means)},
        confidence=Confidence.LIKELY,
        explains=tuple(about(case, (name,))),
    )


CAUSE = Cause(
    name="numbers_level",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="data-engineering",
    impact="Sums and means of the column are wrong, if the change is not real.",
    resolution=(
        "Compare a row with its source: another unit, currency, rate or formula.",
        "Have the producer correct it, and the day exported again.",
    ),
    explains=(),
    detect=_detect,
    rank=5,
)
