"""Orders have a negative revenue, or one of zero, unlike on the days before."""

from collections.abc import Iterator

from exporter.causes.about import most, usual
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.metric import profile_of
from exporter.model import Profile, Stage
from exporter.profiling.order_tally import WebOrders, orders_of

LEAST_ORDERS = 3  # fewer are named only if another check follows from them
TIMES = 2  # more than on any day before, as a share of the orders
LARGE = 4  # times the usual revenue of an order that an order of zero may have lacked
ROOM = 1.5  # times the estimated loss that revenue may lack
TREND = {Stage.RAW: "anomaly_revenue", Stage.CLEAN: "anomaly_clean_revenue"}


def _negative(orders: WebOrders) -> int:
    return sum(rows for size, rows in orders.worths.items() if size.startswith("-"))


def _share(profile: Profile) -> float | None:
    orders = orders_of(profile)
    if orders is None or not orders.checkouts:
        return None
    return (_negative(orders) + orders.worths.get("0", 0)) / orders.checkouts


def _detect(case: Case) -> Iterator[Finding]:
    orders, before = orders_of(case.raw), most(case, _share)
    alerts = case.alert("checkout_zero_value") or case.alert("zero_revenue")
    if orders is None or before is None or alerts is None:
        return
    negative, zero = _negative(orders), orders.worths.get("0", 0)
    if negative + zero <= TIMES * before * orders.checkouts:
        return
    follows = tuple(_follows(case, orders, negative, zero))
    if negative + zero < LEAST_ORDERS and not any(case.alert(name) for name in follows):
        return
    first = negative or zero
    title = f"{first:,} of {orders.checkouts:,} orders {'has' if first == 1 else 'have'} a "
    title += "negative revenue" if negative else "revenue of zero"
    title += f", {zero:,} one of zero" if negative and zero else ""
    yield Finding(
        title=title,
        seen=f"{title}; on the days before, {f'{before:.0%} at most' if before else 'none'}. "
        f"All orders together are worth {orders.revenue:,.2f}.",
        subject="revenue",
        evidence={"orders": orders.checkouts, "negative": negative, "zero": zero},
        explains=("checkout_zero_value", *follows),
    )


def _follows(case: Case, orders: WebOrders, negative: int, zero: int) -> Iterator[str]:
    """Yield the checks on sums of revenue that lack no more than those orders may account for."""
    if orders.revenue <= 0 and (negative or zero == orders.checkouts):
        yield "zero_revenue"
    worth = usual(case, _worth) or 0.0
    # Orders by size are known within a factor of two; a negative one lacks its amount twice.
    lost = 4 * sum(-float(size) * rows for size, rows in orders.worths.items() if size.startswith("-"))
    lost = (lost + LARGE * worth * zero) * ROOM
    clean = orders_of(profile_of(case.facts, Stage.CLEAN))
    if clean is not None and 0 < clean.revenue - orders.revenue <= lost:
        yield "revenue_gap"
    normal = usual(case, _revenue)
    for stage, name in TREND.items():
        found = orders_of(profile_of(case.facts, stage))
        if found is not None and normal is not None and 0 < normal - found.revenue <= lost:
            yield name


def _revenue(profile: Profile) -> float | None:
    orders = orders_of(profile)
    return None if orders is None else orders.revenue


def _worth(profile: Profile) -> float | None:
    orders = orders_of(profile)
    return None if orders is None or not orders.checkouts else orders.revenue / orders.checkouts


CAUSE = Cause(
    name="revenue_not_positive",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Revenue and average order value are understated by those orders.",
    resolution=(
        "Compare one of the orders with the shop: is it a refund, a test, or a fault of the checkout tag?",
        "Have the tag fixed and the day exported again.",
    ),
    explains=(
        "checkout_zero_value",
        "zero_revenue",
        "revenue_gap",
        "anomaly_revenue",
        "anomaly_clean_revenue",
    ),
    detect=_detect,
)
