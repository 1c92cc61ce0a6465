"""All orders have the same transaction id."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.profiling.order_tally import Defect, orders_of

LEAST_ORDERS = 5


def _detect(case: Case) -> Iterator[Finding]:
    orders = orders_of(case.raw)
    if orders is None:
        return
    repeated = orders.defects[Defect.DUPLICATE_TRANSACTION_ID]
    lacking = orders.defects[Defect.MISSING_TRANSACTION_ID] + orders.defects[Defect.UNPARSEABLE_EVENT_DATA]
    having = orders.checkouts - lacking
    if having < LEAST_ORDERS or repeated != having - 1:
        return
    yield Finding(
        title="transaction_id is the same in every order",
        seen=f"All {having:,} orders have the same transaction id.",
        subject="transaction_id",
        evidence={"orders": having},
    )


CAUSE = Cause(
    name="orders_same_id",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Counting orders by id gives one, and a load that keeps one row per id loses the rest.",
    resolution=("Check the checkout tag's last release, and have the day exported again with ids.",),
    explains=("checkout_duplicate_transaction_id",),
    detect=_detect,
)
