"""All orders have the same revenue, unlike on any day before."""

from collections.abc import Iterator
from statistics import median

from exporter.causes.about import LEAST_DAYS
from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.check import Severity
from exporter.profiling.order_tally import WebOrders, orders_of

LEAST_ORDERS = 8  # as many may be the same by chance if a shop sells one thing


def _is_constant(orders: WebOrders) -> bool:
    return orders.smallest is not None and orders.smallest == orders.largest


def _detect(case: Case) -> Iterator[Finding]:
    orders = orders_of(case.raw)
    if orders is None or orders.checkouts < LEAST_ORDERS or not _is_constant(orders) or not orders.largest:
        return
    sold = [known for profile in case.profiles() if (known := orders_of(profile)) and known.checkouts]
    before = [known for known in sold if known.checkouts > 1]
    if len(before) < LEAST_DAYS or any(_is_constant(known) for known in before):
        return
    amount, normal = orders.largest, median([known.revenue / known.checkouts for known in sold])
    yield Finding(
        title=f"all orders have the same revenue: {amount:,.2f}",
        seen=f"All {orders.checkouts:,} orders have a revenue of {amount:,.2f}, usually {normal:,.2f} on "
        "average; no normal day before was like this.",
        subject="revenue",
        evidence={"orders": orders.checkouts, "revenue": amount},
    )


CAUSE = Cause(
    name="revenue_constant",
    layer=Layer.VALUES,
    severity=Severity.WARNING,
    owner="analytics",
    impact="Revenue and return on ad spend of this day are wrong.",
    resolution=(
        "Check whether the checkout tag sends a test or default value, and have the day exported again.",
    ),
    explains=("anomaly_revenue", "anomaly_clean_revenue", "revenue_gap"),
    detect=_detect,
    rank=-1,
)
