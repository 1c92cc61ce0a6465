"""Orders of the raw file are neither in the clean nor in the rejects file."""

from collections.abc import Iterator

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.metric import profile_of
from exporter.model import Stage
from exporter.profiling.order_tally import orders_of

DELIVERED_AGAIN = frozenset(("file_replaced", "rows_of_other_days"))  # they say why the DQ step lacks rows


def _detect(case: Case) -> Iterator[Finding]:
    alert = case.alert("unaccounted_rows")
    rejects = profile_of(case.facts, Stage.REJECTS)
    raw, clean, counted = (orders_of(profile_of(case.facts, stage)) for stage in Stage)
    if alert is None or raw is None or clean is None or DELIVERED_AGAIN & {one.name for one in case.found}:
        return
    rejected = counted.checkouts if rejects and counted and "event_name" in rejects.columns else 0
    lost = raw.checkouts - clean.checkouts - rejected
    if not 0 < lost <= alert.value:
        return
    what = "all" if lost == raw.checkouts else f"{lost:,} of"
    others = "" if lost == alert.value else f" In all, {alert.value:,.0f} rows are in neither."
    yield Finding(
        title=f"clean file lacks {what} {raw.checkouts:,} orders, which were not rejected",
        seen=f"{lost:,} of {raw.checkouts:,} orders are neither in the clean nor in the rejects file; clean "
        f"revenue is {clean.revenue:,.10g} of {raw.revenue:,.10g}.{others}",
        subject=Stage.CLEAN.value,
        evidence={"orders": raw.checkouts, "lost": lost},
    )


CAUSE = Cause(
    name="clean_orders_lost",
    layer=Layer.VALUES,
    severity=None,
    owner="data-engineering",
    impact="If loaded, revenue and conversion lack those orders.",
    resolution=(
        "Find the filter or join of the DQ step that drops them; rejected rows belong in the rejects file.",
        "Rerun the DQ step for this day.",
    ),
    explains=("unaccounted_rows", "dq_discrepancy", "revenue_gap", "clean_empty", "anomaly_clean_revenue"),
    detect=_detect,
    rank=8,
)
