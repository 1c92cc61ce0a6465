"""Orders have no event_data, or a JSON object without an order's fields: empty, or one around the order."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.profiling.order_shapes import NOTHING, is_of_object
from exporter.profiling.order_tally import Defect, orders_of

NEARLY_ALL = 0.8  # of the orders with a defect: the check for it follows
MOST_SHAPES = 2
DEFECTS = {
    "checkout_missing_transaction_id": Defect.MISSING_TRANSACTION_ID,
    "checkout_corrupt_items": Defect.CORRUPT_ITEMS,
    "invalid_revenue": Defect.INVALID_REVENUE,
}
REVENUE = ("zero_revenue", "revenue_gap", "anomaly_revenue", "anomaly_clean_revenue")


def _detect(case: Case) -> Iterator[Finding]:
    orders = orders_of(case.raw)
    if orders is None:
        return
    found = {shape: rows for shape, rows in orders.data_shapes.items() if is_of_object(shape)}
    count = sum(found.values())
    follows = [name for name, defect in DEFECTS.items() if count >= NEARLY_ALL * orders.defects[defect]]
    if not count or not any(case.alert(name) for name in follows):
        return
    largest = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST_SHAPES]
    shapes = " or ".join("empty" if shape == NOTHING else shape for shape, _ in largest)
    title = f"event_data of {count:,} of {orders.checkouts:,} orders is {shapes}"
    yield Finding(
        title=title,
        seen=f"{title}: no revenue, transaction id or items can be read.",
        subject="event_data",
        evidence={"orders": orders.checkouts, "empty": count, "shapes": shapes},
        explains=(*follows, *(REVENUE if "invalid_revenue" in follows else ())),
    )


CAUSE = Cause(
    name="order_data_empty",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Those orders have no revenue, no id and no items.",
    resolution=(
        "Check the checkout tag's last release: whether it fills event_data, and with the order itself.",
        "Have the day exported again.",
    ),
    explains=(*DEFECTS, *REVENUE),
    detect=_detect,
)
