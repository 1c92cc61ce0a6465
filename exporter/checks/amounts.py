"""Whether rows that lack a mandatory value account for what the DQ step rejected, and for lost revenue.

Many faults have rejects, so that both are in breach proves nothing: a second fault stays its own problem.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from exporter.checks.check import Alert, Kind
from exporter.metric import ROWS, Figures
from exporter.model import Stage

MISSING, MISSING_ROWS = "puffy_partition_missing_ratio", "puffy_partition_missing_rows"
REJECTED = "puffy_partition_reject_ratio"
GAP, REVENUE, ORDERS = (
    "puffy_partition_revenue_gap_ratio",
    "puffy_partition_revenue",
    "puffy_partition_checkouts",
)
OF_TRENDS = {"reject_ratio": REJECTED, "missing_client_id_ratio": MISSING}
SPREAD = 1.0  # of the values of orders, as a share of their mean
SIGMAS = 3


def with_amounts(alerts: Iterable[Alert], figures: Figures) -> list[Alert]:
    """Return the alerts, each with which others account for it where that can be said."""
    alerts = list(alerts)
    return [
        replace(alert, accounted=found) if (found := dict(_accounted(alert, alerts, figures))) else alert
        for alert in alerts
    ]


def unexplained_rejects(figures: Figures, reason: str, most: float) -> float | None:
    """Return the share of raw rows that were rejected, without ``most`` of them that have this reason."""
    rows = figures.get(ROWS, {})
    raw, rejects = rows.get((Stage.RAW.value,)), rows.get((Stage.REJECTS.value,))
    if not raw or rejects is None:
        return None
    return (rejects - min(figures.get("puffy_partition_rejects", {}).get((reason,), 0.0), most)) / raw


def is_normal(alert: Alert, rest: float | None) -> bool:
    """Return whether what is left of a value would not be in breach."""
    limit = alert.limit if alert.check.kind is Kind.ANOMALY else min(alert.check.limits.values())
    return rest is not None and alert.value > limit >= rest


def _accounted(alert: Alert, alerts: Iterable[Alert], figures: Figures) -> Iterator[tuple[str, bool]]:
    """Yield which other breaches account for one."""
    for other in alerts:
        pair = (_metric(alert), _metric(other))
        if pair == (REJECTED, MISSING):
            yield other.check.name, _are_rejected(other, alert, figures)
        elif pair == (GAP, MISSING):
            share = figures.get(MISSING, {}).get(_field(other))
            fits = _are_rejected(other, alert, figures) and _carry(share, alert, figures)
            yield other.check.name, fits
        elif pair == (GAP, REJECTED):
            share = figures.get(REJECTED, {}).get(())
            yield other.check.name, _carry(share, alert, figures)


def _metric(alert: Alert) -> str | None:
    """Return what an alert is about, if it can account for another or be accounted for."""
    value = alert.check.value
    if value is None:
        return OF_TRENDS.get(alert.check.trend or "")
    return value.selector.metric


def _field(missing: Alert) -> tuple[str, str]:
    value = missing.check.value
    known = {} if value is None else {name: values[0] for name, values in value.selector.labels.items()}
    labels = {**known, **missing.labels}
    return labels.get("stage", Stage.RAW.value), labels.get("field", "client_id")


def _are_rejected(missing: Alert, alert: Alert, figures: Figures) -> bool:
    """Return whether the other rejected rows would not put a share of rows or revenue in breach."""
    stage, field = _field(missing)
    lost = figures.get(MISSING_ROWS, {}).get((stage, field), 0.0)
    return is_normal(alert, unexplained_rejects(figures, f"missing_{field}", lost))


def _carry(share: float | None, gap: Alert, figures: Figures) -> bool:
    """Return whether rejected rows hold the lost revenue, and no more of it than this share of rows would."""
    revenue = figures.get(REVENUE, {})
    raw, clean, rejects = (revenue.get((stage.value,)) for stage in Stage)
    orders = figures.get(ORDERS, {}).get((Stage.RAW.value,))
    if not raw or clean is None or rejects is None or not orders or share is None:
        return False
    chance = SIGMAS * math.sqrt(max(0.0, share * (1 - share)) * (1 + SPREAD**2) / orders)
    lost = (raw - clean) / raw
    return lost > 0 and is_normal(gap, abs(lost - rejects / raw)) and is_normal(gap, lost - share - chance)
