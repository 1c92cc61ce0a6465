"""Web events with orders in them: events by name, orders in JSON, referrers that were made up."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import index
from typing import Any, Self

import pyarrow.compute as pc
import xxhash

from exporter.metric import (
    ROWS,
    Metric,
    Sample,
    Settings,
    per_partition,
    per_stage,
    per_stage_and,
    profile_of,
    ratio,
)
from exporter.model import PartitionFacts, Profile, Stage, StageFacts
from exporter.plain import plain
from exporter.profiling.exact import exact, nearest_double
from exporter.profiling.ids import Ids, from_digests
from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.names import Names
from exporter.profiling.orders import CHECKOUT, Order, read_order
from exporter.profiling.pack import Looked
from exporter.profiling.referrer import is_synthetic
from exporter.profiling.splits import SplitBy, SplitKey, SplitState, count_names, names_of
from exporter.profiling.strings import Column, count_values, text_array

NAME = "web-orders"
CHECKOUTS, REVENUE = "puffy_partition_checkouts", "puffy_partition_revenue"


class Defect(StrEnum):
    """What can be wrong with a ``checkout_completed`` row."""

    ZERO_VALUE = "zero_value"
    INVALID_REVENUE = "invalid_revenue"
    MISSING_TRANSACTION_ID = "missing_transaction_id"
    DUPLICATE_TRANSACTION_ID = "duplicate_transaction_id"
    CORRUPT_ITEMS = "corrupt_items"
    UNPARSEABLE_EVENT_DATA = "unparseable_event_data"


@dataclass(frozen=True, slots=True)
class WebOrders:
    """What was found in one file's events. Counts are rows."""

    events: Mapping[str, int]  # by trimmed event name, missing names left out
    events_overflow: int  # rows whose name did not fit the bound on distinct names
    checkouts: int
    defects: Mapping[Defect, int]  # all six, zeros included
    revenue: float  # exact sum of finite revenues, rounded once
    referrer_null: int
    referrer_synthetic: int
    malformed_orders: int  # malformed records that name an order's event
    revenue_shapes: Mapping[str, int] = field(default_factory=dict)  # of those that are no numbers
    data_shapes: Mapping[str, int] = field(default_factory=dict)  # of event_data that is no JSON object


def orders_of(profile: Profile | None) -> WebOrders | None:
    """Return a file's orders, ``None`` where it was not read or its feed has none."""
    found = None if profile is None else profile.packs.get(NAME)
    return found if isinstance(found, WebOrders) else None


_SUMMED = (
    "checkouts",
    "zero_value",
    "invalid_revenue",
    "missing_transaction_id",
    "with_transaction_id",
    "corrupt_items",
    "unparseable_event_data",
    "revenue",
    "referrer_null",
    "referrer_synthetic",
    "malformed_orders",
)


@dataclass(frozen=True, slots=True)
class OrderTally:
    """The mergeable state behind ``WebOrders``; ``OrderTally()`` is that of no rows at all."""

    events: Names = field(default_factory=Names)
    checkouts: int = 0
    zero_value: int = 0
    invalid_revenue: int = 0
    missing_transaction_id: int = 0
    with_transaction_id: int = 0
    transaction_ids: frozenset[bytes] = frozenset()  # 128-bit digests; they never leave the profiling
    distinct_ids: int | None = None  # where they were counted elsewhere
    corrupt_items: int = 0
    unparseable_event_data: int = 0
    revenue: int = 0  # in units of 2**-1074, so that adding is exact and order never matters
    referrer_null: int = 0
    referrer_synthetic: int = 0
    malformed_orders: int = 0
    revenue_shapes: Names = field(default_factory=Names)
    data_shapes: Names = field(default_factory=Names)

    def merge(self, *others: Self) -> "OrderTally":
        """Return the tally of all parts together."""
        parts = (self, *others)
        summed = {name: sum(getattr(part, name) for part in parts) for name in _SUMMED}
        return OrderTally(
            **summed,
            events=Names.merge(part.events for part in parts),
            revenue_shapes=Names.merge(part.revenue_shapes for part in parts),
            data_shapes=Names.merge(part.data_shapes for part in parts),
            transaction_ids=frozenset().union(*(part.transaction_ids for part in parts)),
        )

    def seal(self) -> WebOrders:
        """Return the figures."""
        return WebOrders(
            events=dict(sorted(self.events.counts.items())),
            events_overflow=self.events.overflow,
            checkouts=self.checkouts,
            defects={
                Defect.ZERO_VALUE: self.zero_value,
                Defect.INVALID_REVENUE: self.invalid_revenue,
                Defect.MISSING_TRANSACTION_ID: self.missing_transaction_id,
                Defect.DUPLICATE_TRANSACTION_ID: self.with_transaction_id - self._distinct(),
                Defect.CORRUPT_ITEMS: self.corrupt_items,
                Defect.UNPARSEABLE_EVENT_DATA: self.unparseable_event_data,
            },
            revenue=nearest_double(self.revenue),
            referrer_null=self.referrer_null,
            referrer_synthetic=self.referrer_synthetic,
            malformed_orders=self.malformed_orders,
            revenue_shapes=dict(sorted(self.revenue_shapes.counts.items())),
            data_shapes=dict(sorted(self.data_shapes.counts.items())),
        )

    def detach(self) -> tuple["OrderTally", Ids | None]:
        """Return the tally without its ids, and those."""
        return replace(self, transaction_ids=frozenset()), from_digests(self.transaction_ids)

    def counted(self, distinct: int) -> "OrderTally":
        """Return the tally of the whole, whose ids were detached and counted elsewhere."""
        return replace(self, distinct_ids=distinct)

    def _distinct(self) -> int:
        return len(self.transaction_ids) if self.distinct_ids is None else self.distinct_ids


def tally_orders(cells: Iterable[str], missing: MissingValues = NO_VALUE) -> OrderTally:
    """Judge the ``event_data`` cell of each checkout row."""
    return _tally([read_order(cell, missing) for cell in cells])


def _tally(rows: Sequence[Order]) -> OrderTally:
    """Add up orders. One that cannot be read has that one defect: what else is wrong, nobody knows."""
    orders = [order for order in rows if not order.unparseable]
    ids = [order.transaction_id for order in orders if order.transaction_id is not None]
    revenues = [order.revenue for order in orders if order.revenue is not None]
    digests = (xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass")) for text in ids)
    return OrderTally(
        checkouts=len(rows),
        zero_value=sum(revenue <= 0 for revenue in revenues),
        invalid_revenue=len(orders) - len(revenues),
        missing_transaction_id=len(orders) - len(ids),
        with_transaction_id=len(ids),
        transaction_ids=frozenset(digests),
        corrupt_items=sum(not order.items_are_whole for order in orders),
        unparseable_event_data=len(rows) - len(orders),
        revenue=sum(map(exact, revenues)),
        revenue_shapes=_shapes(orders),
        data_shapes=_shapes(order for order in rows if order.unparseable),
    )


def _shapes(orders: Iterable[Order]) -> Names:
    return Names.bounded(Counter(order.shape for order in orders if order.shape is not None))


class WebOrdersPack:
    """See the module."""

    name = NAME
    columns = ("referrer", "event_name", "event_data")
    needle: bytes | None = CHECKOUT.encode()
    split_by = (SplitBy("referrer", "url"),)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is exposed of a partition."""
        return METRICS

    def look(
        self, columns: Mapping[str, Column], rows: int, missing: MissingValues, splits: Sequence[SplitBy]
    ) -> Looked:
        """Count events, orders and referrers of good records."""
        referrers = None if (found := columns.get("referrer")) is None else count_values(found)
        events, checkouts = _look_at_events(columns.get("event_name"), rows, missing)
        cells = _chosen(columns.get("event_data"), checkouts)
        texts = [""] * checkouts.rows if cells is None else cells.to_pylist()
        orders = [read_order(text, missing) for text in texts]
        by_value: dict[SplitKey, SplitState] = {}
        for by in splits:
            names = names_of(_chosen(columns.get(by.column), checkouts), by, len(orders), missing)
            by_value[SplitKey(CHECKOUTS, *by)] = SplitState.of(names)
            by_value[SplitKey(REVENUE, *by)] = SplitState.of(names, [_units(order) for order in orders])
            if by.column == "referrer":
                values = ({"": rows} if rows else {}) if referrers is None else referrers
                by_value[SplitKey(ROWS, *by)] = count_names(values, by, missing)
        tally = events.merge(_tally(orders), _look_at_referrers(referrers, rows, missing))
        return Looked(tally, {"event_name": checkouts.nameless}, by_value)

    def malformed(self, count: int) -> OrderTally:
        """Return the tally of so many broken orders."""
        return OrderTally(malformed_orders=count)

    def decode(self, fields: dict[str, Any]) -> WebOrders:
        """Return the figures from their fields."""
        defects = {Defect(name): index(count) for name, count in fields["defects"].items()}
        events = {str(name): index(count) for name, count in fields["events"].items()}
        shapes = {
            name: {str(shape): index(count) for shape, count in fields[name].items()}
            for name in ("revenue_shapes", "data_shapes")
        }
        return WebOrders(**{**fields, "defects": defects, "events": events, **shapes})


@dataclass(frozen=True, slots=True)
class _Checkouts:
    """Which rows of a block are orders, and how many rows have no name of an event."""

    rows: int
    nameless: int
    flags: Any = None  # an Arrow array of booleans; None: none is


def _look_at_events(names: Column | None, rows: int, words: MissingValues) -> tuple[OrderTally, _Checkouts]:
    """Return what events there are, and which of them are orders."""
    if names is None:
        return OrderTally(), _Checkouts(0, rows)
    missing = 0
    events: Counter[str] = Counter()
    spelled = []  # the ways in which a checkout is written here: space around it counts for nothing
    for value, count in count_values(names).items():
        name = value.strip()
        if name in words:
            missing += count
            continue
        events[name] += count
        if name == CHECKOUT:
            spelled.append(value)
    counted = OrderTally(events=Names.bounded(events))
    if not spelled:
        return counted, _Checkouts(0, missing)
    spellings = text_array(spelled)
    plain_name = len(spelled) == 1  # comparing is faster than looking up
    flags: Any = pc.equal(names, spellings[0]) if plain_name else pc.is_in(names, value_set=spellings)
    return counted, _Checkouts(events[CHECKOUT], missing, flags)


def _chosen(column: Column | None, checkouts: _Checkouts) -> Column | None:
    """Return the orders' values of a column, ``None`` where there is none."""
    return None if column is None or checkouts.flags is None else column.filter(checkouts.flags)


def _units(order: Order) -> int:
    return 0 if order.revenue is None else exact(order.revenue)


def _look_at_referrers(counts: Mapping[str, int] | None, rows: int, words: MissingValues) -> OrderTally:
    """Count referrers, of which ``counts`` are the rows by value."""
    if counts is None:
        return OrderTally(referrer_null=rows)
    return OrderTally(
        referrer_null=sum(count for value, count in counts.items() if value in words),
        referrer_synthetic=sum(count for value, count in counts.items() if is_synthetic(value)),
    )


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
    """Yield the names with the most rows; a flood of new names is one finding, not a series each."""
    ranked = sorted(rows.items(), key=lambda item: (-item[1], item[0]))[: settings.most_label_values]
    yield from (((plain(name),), float(count)) for name, count in ranked)


def _per_orders(name: str, help_text: str, value: Callable[[WebOrders, int], float | None]) -> Metric:
    """Declare a metric with one sample per stage whose orders are known; ``value`` gets its rows too."""

    def of(known: StageFacts) -> float | None:
        orders = orders_of(known.profile)
        return None if orders is None or known.profile is None else value(orders, known.profile.rows)

    return per_stage(name, help_text, of)


def _revenue_gap(facts: PartitionFacts) -> float | None:
    raw, clean = (orders_of(profile_of(facts, stage)) for stage in (Stage.RAW, Stage.CLEAN))
    if raw is None or clean is None:
        return None
    gap = raw.revenue - clean.revenue
    return ratio(gap, raw.revenue) if math.isfinite(gap) else None


METRICS: tuple[Metric, ...] = (
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
    per_stage_and(
        "puffy_partition_checkout_defects",
        "Checkout rows with a defect; one row can have several.",
        "defect",
        _defects,
        tuple(defect.value for defect in Defect),
    ),
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
    _per_orders(
        REVENUE,
        "Sum of finite revenue over checkouts, in the shop's currency.",
        lambda orders, _: orders.revenue,
    ),
    per_partition(
        "puffy_partition_revenue_gap_ratio",
        "Share of raw revenue that is not in the clean file.",
        _revenue_gap,
    ),
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

PACK = WebOrdersPack()
