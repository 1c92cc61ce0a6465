"""The revenue of orders is not a number."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.profiling.order_shapes import NOTHING
from exporter.profiling.order_tally import Defect, orders_of

MOST_SHAPES = 2


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
    )


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
    explains=("invalid_revenue", "zero_revenue", "revenue_gap", "anomaly_revenue", "anomaly_clean_revenue"),
    detect=_detect,
)
