"""Most rows are in the file twice, as if an export had been appended to itself."""

from collections.abc import Iterator

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.profiling.order_tally import Defect, orders_of

NEARLY_HALF = 0.4  # share of the rows, or of the orders, that are repeats
LEAST_ORDERS = 4
FULLER = 1.5  # times the usual rows at least


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    if raw.duplicate_keys is not None and raw.duplicate_keys > NEARLY_HALF * raw.good_rows:
        standing = usual(case, lambda day: (day.duplicate_keys or 0) / max(1, day.rows))
        if standing is None or standing < NEARLY_HALF / 2:
            yield Finding(
                title="most rows are duplicated",
                seen=f"{raw.duplicate_keys:,} of {raw.rows:,} rows repeat the key of another.",
                evidence={"rows": raw.rows, "repeated": raw.duplicate_keys},
            )
        return
    orders, rows = orders_of(raw), usual(case, lambda day: day.rows)
    if orders is None or rows is None or raw.rows < FULLER * rows or orders.checkouts < LEAST_ORDERS:
        return
    repeated = orders.defects[Defect.DUPLICATE_TRANSACTION_ID]
    if repeated > NEARLY_HALF * orders.checkouts:
        yield Finding(
            title=f"rows are duplicated: {raw.rows:,}, usually about {rows:,.0f}",
            seen=f"{repeated:,} of {orders.checkouts:,} orders repeat the transaction id of another, and "
            f"there are {raw.rows:,} rows, usually about {rows:,.0f}: the file contains its rows twice.",
            evidence={"rows": raw.rows, "usual_rows": rows, "repeated_orders": repeated},
            confidence=Confidence.LIKELY,
        )


CAUSE = Cause(
    name="rows_twice",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="Every count and sum of the day is about twice what it should be.",
    resolution=("Have the day exported again in one go, then rerun the DQ step.",),
    explains=(
        "duplicate_keys",
        "checkout_duplicate_transaction_id",
        "unaccounted_rows",
        "dq_discrepancy",
        "revenue_gap",
        "anomaly_events",
        "anomaly_revenue",
        "anomaly_clean_revenue",
        "anomaly_checkouts",
    ),
    detect=_detect,
    rank=2,
)
