"""One event occurred far more or far less often than usual, all others as often as usual."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from exporter.causes.cause import Case, Cause, Finding, Layer
from exporter.causes.volumes import diluted
from exporter.checks.deviation import side_of
from exporter.model import Profile
from exporter.profiling.order_tally import orders_of
from exporter.profiling.orders import CHECKOUT

LEAST_DAYS = 5
LEAST_ROWS = 50  # a day; smaller counts fluctuate by chance
MORE, FEWER = 1.8, 0.4  # times the usual count
BEYOND = 1.4  # times the largest count of any earlier day, or this fraction of the smallest
OTHERS = 0.25  # by which all other events together may deviate


def _count(name: str, profile: Profile) -> int:
    orders = orders_of(profile)
    return 0 if orders is None else orders.events.get(name, 0)


def _detect(case: Case) -> Iterator[Finding]:
    raw, before = case.raw, case.profiles()
    orders = orders_of(raw)
    if raw is None or orders is None or orders.events_overflow or len(before) < LEAST_DAYS:
        return
    for name in sorted(orders.events):
        found, earlier = orders.events[name], list(map(partial(_count, name), before))
        usual = median(earlier)
        if usual < LEAST_ROWS or FEWER * usual < found < MORE * usual:
            continue
        if found < usual <= found + raw.malformed_rows:  # they may be among those
            continue
        if min(earlier) / BEYOND < found < max(earlier) * BEYOND:
            continue
        rest = median(profile.rows - count for profile, count in zip(before, earlier, strict=True))
        if rest < LEAST_ROWS or abs(raw.rows - found - rest) > OTHERS * rest:
            continue
        way = (
            f"{found / usual:,.1f} times as often as usual" if found > usual else "far less often than usual"
        )
        yield Finding(
            title=f"event {name} occurred {way}",
            seen=f"{found:,} of {raw.rows:,} rows are {name} events, usually about {usual:,.0f}; "
            "all other events are as usual.",
            subject=name,
            evidence={"rows": raw.rows, "found": found, "usual_rows": usual},
            side=side_of(found, usual),
            explains=(
                *CAUSE.explains,
                *(ORDERS if name == CHECKOUT else ()),
                *diluted(case, raw, found - usual),
            ),
        )


ORDERS = ("anomaly_checkouts", "anomaly_revenue", "anomaly_clean_revenue")

CAUSE = Cause(
    name="event_counts",
    layer=Layer.VALUES,
    severity=None,
    owner="analytics",
    impact="Rates based on the event are wrong: a tag that fires twice doubles them.",
    resolution=(
        "Compare the tag's triggers with those of the day before, and look for pairs of rows a moment apart.",
    ),
    explains=("anomaly_events",),
    detect=_detect,
    rank=3,
)
