"""The event_data of orders is not a JSON object but something else."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.profiling.order_shapes import NO_JSON, is_of_object
from exporter.profiling.order_tally import Defect, orders_of

MOST_SHAPES = 2


def _detect(case: Case) -> Iterator[Finding]:
    orders = orders_of(case.raw)
    if orders is None or case.alert("checkout_unparseable") is None or not orders.data_shapes:
        return
    count = orders.defects[Defect.UNPARSEABLE_EVENT_DATA]
    found = {shape: rows for shape, rows in orders.data_shapes.items() if not is_of_object(shape)}
    largest = [shape for shape, _ in sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST_SHAPES]]
    shapes = " or ".join(
        "other text" if shape == NO_JSON and len(largest) > 1 else shape for shape in largest
    )
    plain = largest == [NO_JSON]
    of = f"{count:,} of {orders.checkouts:,} orders"
    yield Finding(
        title=f"event_data of {of} is not JSON"
        if plain
        else f"event_data of {of} is not a JSON object: {shapes}",
        seen=f"{of} have event_data that is not "
        + ("JSON." if plain else f"a valid JSON object but {shapes}."),
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
