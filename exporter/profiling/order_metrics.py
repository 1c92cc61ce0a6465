"""What is exposed of a partition's web events and orders."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from exporter.metric import (
    Figures,
    Labels,
    Metric,
    Sample,
    Settings,
    counted,
    per_partition,
    per_stage,
    per_stage_and,
    profile_of,
    ratio,
    read_from,
)
from exporter.model import PartitionFacts, Stage, StageFacts
from exporter.plain import plain
from exporter.profiling.order_tally import Defect, WebOrders, orders_of

CHECKOUTS, REVENUE = "puffy_partition_checkouts", "puffy_partition_revenue"
DEFECTS = "puffy_partition_checkout_defects"
REVENUE_GAP = "puffy_partition_revenue_gap_ratio"


def _events(known: StageFacts, settings: Settings) -> Iterator[tuple[str, float]]:
    orders = orders_of(known.profile)
    if orders is None:
        return
    named = dict.fromkeys(settings.known_events, 0)
    other = orders.events_overflow
    for name, count in orders.events.items():
        if name in named:
            named[name] = count
        else:
            other += count
    yield from ((name, float(count)) for name, count in named.items() if name != "other")
    yield "other", float(other + named.get("other", 0))


def _defects(known: StageFacts, _: Settings) -> Iterator[tuple[str, float]]:
    orders = orders_of(known.profile)
    if orders is not None:
        yield from ((defect.value, float(count)) for defect, count in orders.defects.items())


def _vanished(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    if facts.changes is not None:
        yield from _largest(facts.changes.vanished, settings)


def _appeared(facts: PartitionFacts, settings: Settings) -> Iterator[Sample]:
    if facts.changes is not None:
        yield from _largest(facts.changes.appeared, settings)


def _largest(rows: Mapping[str, float], settings: Settings) -> Iterator[Sample]:
    """Yield the names with the most rows; a flood of new names must not create a series each."""
    ranked = sorted(rows.items(), key=lambda item: (-item[1], item[0]))[: settings.most_label_values]
    yield from (((plain(name),), float(count)) for name, count in ranked)


def _per_orders(name: str, help_text: str, value: Callable[[WebOrders, int], float | None]) -> Metric:
    """Declare a metric with one sample per stage whose orders are known; ``value`` also gets its rows."""

    def of(known: StageFacts) -> float | None:
        orders = orders_of(known.profile)
        return None if orders is None or known.profile is None else value(orders, known.profile.rows)

    return per_stage(name, help_text, of)


def _revenues(figures: Figures, _: Labels) -> tuple[float, float] | None:
    """Return clean and raw revenue."""
    known = figures.get(REVENUE, {})
    clean, raw = (known.get((stage.value,)) for stage in (Stage.CLEAN, Stage.RAW))
    return None if clean is None or raw is None else (clean, raw)


def _revenue_gap(facts: PartitionFacts) -> float | None:
    raw, clean = (orders_of(profile_of(facts, stage)) for stage in (Stage.RAW, Stage.CLEAN))
    if raw is None or clean is None:
        return None
    gap = raw.revenue - clean.revenue
    return ratio(gap, raw.revenue) if math.isfinite(gap) else None


_OF_EVENTS = (
    per_stage_and(
        "puffy_partition_events",
        "Rows by known event name, the rest as `other`; rows without a name are left out.",
        "event_name",
        _events,
    ),
    Metric(
        "puffy_partition_vanished_event_rows",
        "Usual daily rows of each event name that occurred on every day before but not on this one (raw).",
        _vanished,
        ("event_name",),
    ),
    Metric(
        "puffy_partition_new_event_rows",
        "Rows of each event name that is neither configured nor occurred on the days before (raw).",
        _appeared,
        ("event_name",),
    ),
    per_partition(
        "puffy_partition_lost_orders",
        "Usual daily orders, if every day before had some and this one has none (raw).",
        lambda facts: None if facts.changes is None else facts.changes.lost_orders,
    ),
    _per_orders(
        CHECKOUTS,
        "Rows with event name `checkout_completed`.",
        lambda orders, _: float(orders.checkouts),
    ),
)
_DEFECTS = replace(
    per_stage_and(
        DEFECTS,
        "Checkout rows with a defect; one row can have several.",
        "defect",
        _defects,
        tuple(defect.value for defect in Defect),
    ),
    counts=counted(DEFECTS, CHECKOUTS),
)
_MALFORMED = (
    _per_orders(
        "puffy_partition_malformed_orders",
        "Malformed records that contain the order event's name.",
        lambda orders, _: float(orders.malformed_orders),
    ),
    _per_orders(
        "puffy_partition_malformed_orders_ratio",
        "Malformed records that contain the order event's name, as a share of all orders.",
        lambda orders, _: ratio(orders.malformed_orders, orders.malformed_orders + orders.checkouts),
    ),
)
_OF_REVENUE = (
    _per_orders(
        REVENUE,
        "Sum of finite revenue over checkouts, in the shop's currency.",
        lambda orders, _: orders.revenue,
    ),
    replace(
        per_partition(
            REVENUE_GAP,
            "Share of raw revenue that is not in the clean file.",
            _revenue_gap,
        ),
        counts=_revenues,
    ),
)
_OF_REFERRERS = (
    _per_orders(
        "puffy_partition_referrer_null_ratio",
        "Share of rows without a referrer; 1 if the column is absent.",
        lambda orders, rows: ratio(orders.referrer_null, rows),
    ),
    _per_orders(
        "puffy_partition_referrer_synthetic_ratio",
        "Share of rows whose referrer host is a placeholder, source-<8 hex>.com.",
        lambda orders, rows: ratio(orders.referrer_synthetic, rows),
    ),
)
METRICS: tuple[Metric, ...] = (
    *read_from(("event_name",), *_OF_EVENTS),
    *read_from(("event_name", "event_data"), _DEFECTS),
    *_MALFORMED,  # records that have no columns
    *read_from(("event_name", "event_data"), *_OF_REVENUE),
    *read_from(("referrer",), *_OF_REFERRERS),
)
