"""The event_data of orders is not a JSON object but something else."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.profiling.order_tally import Defect, orders_of


def _detect(case: Case) -> Iterator[Finding]:
    orders = orders_of(case.raw)
    if orders is None or case.alert("checkout_unparseable") is None or not orders.data_shapes:
        return
    count = orders.defects[Defect.UNPARSEABLE_EVENT_DATA]
    shapes = ", ".join(
        shape for shape, _ in sorted(orders.data_shapes.items(), key=lambda one: (-one[1], one[0]))[:2]
    )
    yield Finding(
        title=f"event_data of {count:,} of {orders.checkouts:,} orders is not a JSON object: {shapes}",
        seen=f"{count:,} of {orders.checkouts:,} orders have event_data that is not a JSON "
        f"object but {shapes}.",
        subject="event_data",
        evidence={"orders": orders.checkouts, "unparseable": count, "shapes": shapes},
    )


CAUSE = Cause(
    name="order_data_unreadable",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Those orders have no revenue, no id and no items.",
    resolution=("Have the producer's serialisation fixed, and the day exported again.",),
    explains=(
        "checkout_unparseable",
        "zero_revenue",
        "revenue_gap",
        "anomaly_revenue",
        "anomaly_clean_revenue",
    ),
    detect=_detect,
)
