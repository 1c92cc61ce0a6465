"""Many rows are in the file twice, as if an export had been appended to itself, or a part of it."""

from collections.abc import Iterator

from exporter.causes.about import unaccounted, usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.checks.check import Kind
from exporter.history.detection import Method
from exporter.model import Profile
from exporter.profiling.order_tally import Defect, orders_of

KEYS = "puffy_partition_duplicate_keys"
NEARLY_HALF = 0.4  # share of the rows, or of the orders, that are repeats: the whole file
A_PART = 0.1  # of the rows, or of the orders
MORE = 3  # times the usual share of repeats
LEAST_ORDERS = 4
FULLER = 1.5  # times the usual rows at least, if the whole file is duplicated
ALIKE = 0.1  # by which the shares of repeated orders and of additional rows may differ
AS_USUAL = 0.25  # by which the rows without repeats may differ from the usual ones


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    if raw is None:
        return
    if raw.duplicate_keys is not None:
        yield from _by_key(case, raw, raw.duplicate_keys)
    else:
        yield from _by_orders(case, raw)


def _by_key(case: Case, raw: Profile, repeated: int) -> Iterator[Finding]:
    standing = usual(case, lambda day: (day.duplicate_keys or 0) / max(1, day.rows))
    whole = repeated > NEARLY_HALF * raw.good_rows and (standing is None or standing < NEARLY_HALF / 2)
    rows = usual(case, lambda day: day.rows)
    part = (
        rows is not None
        and standing is not None
        and repeated > max(A_PART, MORE * standing) * raw.good_rows
        and abs(raw.rows - repeated - rows) < AS_USUAL * rows
    )
    if not whole and not part:
        return
    seen = f"{repeated:,} of {raw.rows:,} rows repeat the key of another"
    yield Finding(
        title="most rows are duplicated" if whole else f"{repeated:,} of {raw.rows:,} rows are duplicated",
        seen=f"{seen}." if whole else f"{seen}; the file usually has about {rows:,.0f}.",
        evidence={"rows": raw.rows, "repeated": repeated},
        explains=(*CAUSE.explains, *_of_repeats(case)),
    )


def _of_repeats(case: Case) -> Iterator[str]:
    """Yield checks of repeated keys, and anomalies of counts and sums: shares do not change by repeats."""
    for alert in case.alerts:
        check = alert.check
        volume = check.kind is Kind.ANOMALY and check.band.method is not Method.RATE
        if volume or (check.value is not None and check.value.selector.metric == KEYS):
            yield check.name


def _by_orders(case: Case, raw: Profile) -> Iterator[Finding]:
    orders, rows = orders_of(raw), usual(case, lambda day: day.rows)
    if orders is None or rows is None or orders.checkouts < LEAST_ORDERS:
        return
    repeated = orders.defects[Defect.DUPLICATE_TRANSACTION_ID]
    of_orders = f"{repeated:,} of {orders.checkouts:,} orders repeat the transaction id of another, and "
    if repeated > NEARLY_HALF * orders.checkouts and raw.rows >= FULLER * rows:
        yield Finding(
            title=f"rows are duplicated: {raw.rows:,}, usually about {rows:,.0f}",
            seen=f"{of_orders}there are {raw.rows:,} rows, usually about {rows:,.0f}: the file contains its "
            "rows twice.",
            evidence={"rows": raw.rows, "usual_rows": rows, "repeated_orders": repeated},
            confidence=Confidence.LIKELY,
        )
        return
    more, share = unaccounted(case), repeated / orders.checkouts
    standing = usual(case, _repeated_share) or 0.0
    if more is None or repeated < LEAST_ORDERS or share < max(A_PART, MORE * standing):
        return
    if abs(share - more / raw.rows) < ALIKE and abs(raw.rows - more - rows) < AS_USUAL * rows < 2 * more:
        yield Finding(
            title=f"about {more:,.0f} of {raw.rows:,} rows are duplicated: a part was appended again?",
            seen=f"{of_orders}there are {raw.rows:,} rows, usually about {rows:,.0f}, {more:,.0f} more than "
            "the DQ step wrote: the file contains a part of its rows twice.",
            evidence={"rows": raw.rows, "usual_rows": rows, "repeated": more, "repeated_orders": repeated},
            confidence=Confidence.LIKELY,
        )


def _repeated_share(profile: Profile) -> float | None:
    orders = orders_of(profile)
    if orders is None or not orders.checkouts:
        return None
    return orders.defects[Defect.DUPLICATE_TRANSACTION_ID] / orders.checkouts


CAUSE = Cause(
    name="rows_twice",
    layer=Layer.IDENTITY,
    severity=None,
    owner="data-engineering",
    impact="Counts and sums of the day contain those rows twice.",
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
        "anomaly_reject_ratio",  # of more rows than the DQ step has seen
    ),
    detect=_detect,
    rank=2,
)
