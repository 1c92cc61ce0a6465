"""The JSON of orders is not quoted and is split into fields."""

from collections.abc import Iterator

from exporter.causes.about import in_lines
from exporter.causes.cause import Case, Cause, Confidence, Finding, Layer
from exporter.model import Profile
from exporter.profiling.order_tally import orders_of

NEARLY_ALL = 0.8  # of the malformed rows are orders


def _detect(case: Case) -> Iterator[Finding]:
    raw = case.raw
    orders = orders_of(raw)
    if raw is None or orders is None or case.alert("malformed_orders") is None or raw.truncated:
        return
    broken = orders.malformed_orders
    if broken < NEARLY_ALL * raw.malformed_rows or not any(
        int(n) > len(raw.columns) for n in raw.malformed_fields
    ):
        return
    lines = ", ".join(map(str, raw.malformed_lines)) or "unknown"
    some = f"{broken:,} of {broken + orders.checkouts:,} orders {'has' if broken == 1 else 'have'}"
    yield Finding(
        title=f"{some} too many fields: unquoted JSON?",
        seen=f"{some} more fields than the header's "
        f"{len(raw.columns)}: quotes in their JSON are not doubled, or it is not quoted.{_where(raw)}",
        evidence={"orders": broken + orders.checkouts, "broken": broken, "malformed_lines": lines},
        confidence=Confidence.LIKELY,
    )


def _where(raw: Profile) -> str:
    """Return where the malformed records are: most of them are orders."""
    where = in_lines(raw.malformed_lines, raw.malformed_rows)
    rows = "1 row is" if raw.malformed_rows == 1 else f"{raw.malformed_rows:,} rows are"
    return f" {rows} malformed{where}." if where else ""


CAUSE = Cause(
    name="orders_unquoted",
    layer=Layer.FORM,
    severity=None,
    owner="analytics",
    impact="Those orders are missing from every figure: revenue and conversion are understated.",
    resolution=("Have the producer quote the JSON of its orders, with inner quotes doubled.",),
    explains=(
        "malformed_rows",
        "malformed_orders",
        "no_orders",
        "zero_revenue",
        "event_vanished",
        "revenue_gap",
        "anomaly_checkouts",
        "anomaly_revenue",
        "anomaly_clean_revenue",
    ),
    detect=_detect,
    rank=3,
)
