"""Orders are worth ten, a hundred or a thousand times as much or as little as usual: another unit."""

from collections.abc import Iterator

from exporter.causes.about import usual
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.model import Profile
from exporter.profiling.order_tally import orders_of

FACTORS = (100.0, 1000.0, 0.01, 0.001)
NEAR = 1.6  # times the factor at most, or its inverse at least
LEAST_ORDERS = 5


def _worth(profile: Profile) -> float | None:
    orders = orders_of(profile)
    return None if orders is None or orders.checkouts < LEAST_ORDERS else orders.revenue / orders.checkouts


def _detect(case: Case) -> Iterator[Finding]:
    if any(cause.name == "revenue_constant" for cause in case.found):
        return
    raw = case.raw
    found, normal = None if raw is None else _worth(raw), usual(case, _worth)
    if raw is None or not found or not normal or found < 0 or normal < 0:
        return
    orders = orders_of(raw)
    for factor in FACTORS:
        if orders is not None and factor / NEAR <= found / normal <= factor * NEAR:
            much = f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"
            yield Finding(
                title=f"orders are worth about {much} what is usual: another unit?",
                seen=f"{orders.checkouts:,} orders are worth {found:,.2f} on average, usually {normal:,.2f}.",
                subject="revenue",
                evidence={"average": found, "usual_average": normal, "factor": factor},
                confidence=Confidence.LIKELY,
            )
            return


CAUSE = Cause(
    name="revenue_scaled",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Revenue and return on ad spend of this day are wrong by that factor.",
    resolution=("Check whether the checkout tag sends cents, and have the day exported again.",),
    explains=("anomaly_revenue", "anomaly_clean_revenue", "revenue_gap"),
    detect=_detect,
)
