"""One row makes up most of a day's revenue, or of another sum: a test order, or a value in another unit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from exporter.causes.about import LEAST_DAYS, most
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.reads import tracked
from exporter.checks.check import Alert, Kind, Severity
from exporter.history.verdict import normal
from exporter.metric import profile_of
from exporter.model import Profile, Stage
from exporter.profiling.order_metrics import REVENUE
from exporter.profiling.order_tally import orders_of

LEAST_ROWS = 5
LEAST_SHARE = 0.5  # of the sum
TIMES = 3.0  # the largest of the days before


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum of a day, with its largest summand and their number."""

    total: float
    largest: float
    rows: int


Read = Callable[[Profile], _Sum | None]


def _of_orders(profile: Profile) -> _Sum | None:
    orders = orders_of(profile)
    if orders is None or orders.largest is None:
        return None
    return _Sum(orders.revenue, orders.largest, orders.checkouts)


def _of_column(name: str, profile: Profile) -> _Sum | None:
    numbers = profile.figures[name].numbers if name in profile.figures else {}
    total, largest = numbers.get("sum_of_values"), numbers.get("maximum")
    return None if total is None or largest is None else _Sum(total, largest, profile.good_rows)


def _largest(read: Read, profile: Profile) -> float | None:
    found = read(profile)
    return None if found is None else found.largest


def _sums(case: Case) -> Iterator[tuple[str, str, Read]]:
    """Yield what is added up: a subject, what one summand is, and how to read it."""
    yield "revenue", "order", _of_orders
    for name in dict.fromkeys(trend.of for trend in case.feed.trends if trend.is_sum_of(Stage.RAW)):
        column = case.feed.raw.column(name)
        if column is not None and not column.personal:  # whose values are never shown
            yield name, "row", partial(_of_column, name)


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None or len(case.profiles()) < LEAST_DAYS:
        return
    explained = any(cause.name in {"revenue_scaled", "revenue_constant"} for cause in case.found)
    for subject, what, read in _sums(case):
        found, before = read(raw), most(case, partial(_largest, read))
        if found is None or before is None or (explained and what == "order"):
            continue
        least = max(LEAST_SHARE * found.total, TIMES * before)
        if found.rows < LEAST_ROWS or found.total <= 0 or found.largest < least:
            continue
        of, share = "revenue" if what == "order" else subject, found.largest / found.total
        yield Finding(
            title=f"one {what} of {found.largest:,.2f} makes up {share:.0%} of {of}",
            seen=f"One of {found.rows:,} {what}s has {found.largest:,.2f} of the day's {found.total:,.2f}; "
            f"the largest of the days before had {before:,.2f}.",
            subject=subject,
            evidence={"largest": found.largest, "total": found.total, "largest_before": before},
            explains=tuple(_explained(case, subject, found.largest, before)),
        )


def _explained(case: Case, subject: str, largest: float, before: float) -> Iterator[str]:
    """Yield the anomalies of the sum that are none without that row, and a gap that it makes."""
    raw, clean = (orders_of(profile_of(case.facts, stage)) for stage in (Stage.RAW, Stage.CLEAN))
    # The DQ step may have rejected it, or have seen it with a usual value.
    gap = None if raw is None or clean is None else raw.revenue - clean.revenue
    if subject == "revenue" and gap is not None and abs(gap - largest) <= before:
        yield "revenue_gap"
    for alert in case.alerts:
        if alert.check.kind is Kind.ANOMALY and _is_of(case, alert, subject):
            name = alert.check.trend or ""
            usual = normal(case.trends[name], case.detection(name, case.facts.partition), alert.check.band)
            if usual.high is not None and alert.value - largest <= usual.high:
                yield alert.check.name


def _is_of(case: Case, alert: Alert, subject: str) -> bool:
    trend = tracked(alert, case.feed)
    if trend is None or trend.name not in case.trends:
        return False
    return trend.of == subject or (subject == "revenue" and trend.metric == REVENUE)


CAUSE = Cause(
    name="amount_outlier",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="analytics",
    impact="The day's total and averages are dominated by one row.",
    resolution=(
        "Check that row with its source: a test, a typing error or another unit; have it corrected.",
    ),
    explains=(),
    detect=_detect,
    rank=3,
)
