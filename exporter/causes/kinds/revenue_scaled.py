"""Orders are worth a hundred or a thousand times as much or as little as usual: another unit."""

from collections.abc import Iterator, Mapping

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.causes.scale import factor_of, times
from exporter.checks.deviation import side_of
from exporter.model import Profile
from exporter.profiling.order_tally import WebOrders, orders_of

LEAST_ORDERS = 5
LEAST_BEFORE = 20  # orders on all days before, to know what they are worth
LEAST_SHARE = 0.05  # of the orders, if only a part is affected
NEAR = 2.5  # a few orders are worth this many times what orders are on average, or as little
MIDDLE = 1.5  # times the power of two below: where orders of a size lie, on average


def _worth(profile: Profile) -> float | None:
    orders = orders_of(profile)
    return None if orders is None or orders.checkouts < LEAST_ORDERS else orders.revenue / orders.checkouts


def _detect(case: Case) -> Iterator[Finding]:
    if any(cause.name == "revenue_constant" for cause in case.found):
        return
    raw = case.raw
    found, normal = None if raw is None else _worth(raw), usual(case, _worth)
    orders = orders_of(raw)
    if orders is None or not found or not normal or found < 0 or normal < 0:
        return
    factor = factor_of(found / normal)
    if factor is not None:
        yield Finding(
            title=f"orders are worth about {times(factor)} what is usual: another unit?",
            seen=f"{orders.checkouts:,} orders are worth {found:,.2f} on average, usually {normal:,.2f}.",
            subject="revenue",
            evidence={"average": found, "usual_average": normal, "factor": factor},
            confidence=Confidence.LIKELY,
            side=side_of(factor, 1.0),
        )
    elif any(case.alert(name) for name in CAUSE.explains):
        yield from _of_a_part(case, orders, found, normal)


def _of_a_part(case: Case, orders: WebOrders, found: float, normal: float) -> Iterator[Finding]:
    """Look for orders that are larger than any before, or smaller, by a factor."""
    before = [_sizes(known) for day in case.profiles() if (known := orders_of(day)) is not None]
    sizes = [size for day in before for size in day]
    if sum(rows for day in before for rows in day.values()) < LEAST_BEFORE:
        return
    today = _sizes(orders)
    for part in (
        {size: rows for size, rows in today.items() if size > max(sizes)},
        {size: rows for size, rows in today.items() if size < min(sizes)},
    ):
        count = sum(part.values())
        if count < max(1, LEAST_SHARE * orders.checkouts):
            continue
        average = sum(MIDDLE * size * rows for size, rows in part.items()) / count
        factor = factor_of(average / normal, NEAR)
        if factor is not None:
            of = f"{count:,} of {orders.checkouts:,} orders {'is' if count == 1 else 'are'} worth"
            yield Finding(
                title=f"{of} about {times(factor)} what is usual: another unit?",
                seen=f"{of} {'more' if factor > 1 else 'less'} than any on the days before, about "
                f"{times(factor)} the usual {normal:,.2f}; the average of all is {found:,.2f}.",
                subject="revenue",
                evidence={
                    "orders": orders.checkouts,
                    "scaled": count,
                    "usual_average": normal,
                    "factor": factor,
                },
                confidence=Confidence.LIKELY,
                side=side_of(factor, 1.0),
            )
            return


def _sizes(orders: WebOrders) -> Mapping[float, int]:
    """Return the orders with a positive revenue by its size."""
    return {float(size): rows for size, rows in orders.worths.items() if float(size) > 0}


CAUSE = Cause(
    name="revenue_scaled",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Revenue and return on ad spend of this day are wrong by that factor.",
    resolution=("Check whether the checkout tag sends cents, and have the day exported again.",),
    explains=("anomaly_revenue", "anomaly_clean_revenue", "revenue_gap"),
    detect=_detect,
)
