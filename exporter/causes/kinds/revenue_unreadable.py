"""The revenue of orders is not a number."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.checks.amounts import is_normal, unexplained_rejects
from exporter.profiling.order_shapes import NOTHING
from exporter.profiling.order_tally import Defect, orders_of

MOST_SHAPES = 2
REASON = "checkout_invalid_or_zero_revenue"  # of the DQ step
FOLLOWS = ("invalid_revenue", "zero_revenue", "revenue_gap", "anomaly_revenue", "anomaly_clean_revenue")
OF_REJECTS = ("reject_ratio", "anomaly_reject_ratio")


def _detect(case: Case) -> Iterator[Finding]:
    orders = orders_of(case.raw)
    if orders is None or case.alert("invalid_revenue") is None or not orders.revenue_shapes:
        return
    count = orders.defects[Defect.INVALID_REVENUE]
    largest = sorted(orders.revenue_shapes.items(), key=lambda one: (-one[1], one[0]))[:MOST_SHAPES]
    shapes = ", ".join(shape for shape, _ in largest)
    of = f"{count:,} of {orders.checkouts:,}"
    absent = [shape for shape, _ in largest] == [NOTHING]
    title = (
        f"{of} orders have no revenue"
        if absent
        else f"{of} revenues are not numbers: they look like {shapes}"
    )
    yield Finding(
        title=title,
        seen=f"{title}.",
        subject="revenue",
        evidence={"orders": orders.checkouts, "invalid": count, "shapes": shapes},
        explains=(*FOLLOWS, *_rejected(case, count)),
    )


def _rejected(case: Case, count: int) -> Iterator[str]:
    """Yield the checks of rejected rows that would not be in breach without these orders."""
    for name in OF_REJECTS:
        alert = case.alert(name)
        if alert is not None and is_normal(alert, unexplained_rejects(case.figures, REASON, count)):
            yield name


CAUSE = Cause(
    name="revenue_unreadable",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Revenue and return on ad spend leave those orders out.",
    resolution=(
        "Have the checkout tag send plain numbers, and the day exported again.",
        "Acknowledge the day once the figures are right, to release the load.",
    ),
    explains=(*FOLLOWS, *OF_REJECTS),
    detect=_detect,
)
