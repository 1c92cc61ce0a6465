"""Orders of a file as counted: figures, and the mergeable state behind them."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

import xxhash

from exporter.model import Profile
from exporter.profiling.exact import exact, nearest_double
from exporter.profiling.ids import Ids, from_digests
from exporter.profiling.names import Names
from exporter.profiling.orders import Order

NAME = "web-orders"  # of the pack


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
    """The figures of one file's events. Counts are rows."""

    events: Mapping[str, int]  # by trimmed event name, missing names left out
    events_overflow: int  # rows whose name did not fit the bound on distinct names
    checkouts: int
    defects: Mapping[Defect, int]  # all six, zeros included
    revenue: float  # exact sum of finite revenues, rounded once
    referrer_null: int
    referrer_synthetic: int
    malformed_orders: int  # malformed records with an order's event name
    revenue_shapes: Mapping[str, int] = field(default_factory=dict)  # of those that are not numbers
    data_shapes: Mapping[str, int] = field(default_factory=dict)  # of event_data that is no order's object
    referrer_words: Mapping[str, int] = field(default_factory=dict)  # placeholders in place of a referrer
    worths: Mapping[str, int] = field(default_factory=dict)  # orders by the size of their revenue
    smallest: float | None = None  # finite revenue of one order, ``None`` without any
    largest: float | None = None


def orders_of(profile: Profile | None) -> WebOrders | None:
    """Return a file's orders, or ``None`` if it was not read or its feed has none."""
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
    transaction_ids: frozenset[bytes] = frozenset()  # 128-bit digests; they never leave profiling
    distinct_ids: int | None = None  # if they were counted elsewhere
    corrupt_items: int = 0
    unparseable_event_data: int = 0
    revenue: int = 0  # in units of 2**-1074, so that sums are exact in any order
    smallest: float | None = None
    largest: float | None = None
    referrer_null: int = 0
    referrer_synthetic: int = 0
    malformed_orders: int = 0
    revenue_shapes: Names = field(default_factory=Names)
    data_shapes: Names = field(default_factory=Names)
    referrer_words: Names = field(default_factory=Names)
    worths: Names = field(default_factory=Names)

    def merge(self, *others: Self) -> "OrderTally":
        """Return the tally of all parts together."""
        parts = (self, *others)
        summed = {name: sum(getattr(part, name) for part in parts) for name in _SUMMED}
        return OrderTally(
            **summed,
            smallest=min((part.smallest for part in parts if part.smallest is not None), default=None),
            largest=max((part.largest for part in parts if part.largest is not None), default=None),
            events=Names.merge(part.events for part in parts),
            revenue_shapes=Names.merge(part.revenue_shapes for part in parts),
            data_shapes=Names.merge(part.data_shapes for part in parts),
            referrer_words=Names.merge(part.referrer_words for part in parts),
            worths=Names.merge(part.worths for part in parts),
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
            smallest=self.smallest,
            largest=self.largest,
            referrer_null=self.referrer_null,
            referrer_synthetic=self.referrer_synthetic,
            malformed_orders=self.malformed_orders,
            revenue_shapes=dict(sorted(self.revenue_shapes.counts.items())),
            data_shapes=dict(sorted(self.data_shapes.counts.items())),
            referrer_words=dict(sorted(self.referrer_words.counts.items())),
            worths=dict(sorted(self.worths.counts.items())),
        )

    def detach(self) -> tuple["OrderTally", Ids | None]:
        """Return the tally without its ids, and the ids."""
        return replace(self, transaction_ids=frozenset()), from_digests(self.transaction_ids)

    def counted(self, distinct: int) -> "OrderTally":
        """Return the tally of the total, whose ids were detached and counted elsewhere."""
        return replace(self, distinct_ids=distinct)

    def _distinct(self) -> int:
        return len(self.transaction_ids) if self.distinct_ids is None else self.distinct_ids


def tally_of(rows: Sequence[Order]) -> OrderTally:
    """Add up orders. An unreadable one has only that defect: anything else is unknown."""
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
        # Of zeros with both signs either may come first.
        smallest=min(revenues, default=None) or (0.0 if revenues else None),
        largest=max(revenues, default=None) or (0.0 if revenues else None),
        revenue_shapes=_counted(order.shape for order in orders),
        data_shapes=_counted(order.cell for order in rows),
        worths=_sizes(revenues),
    )


def _counted(names: Iterable[str | None]) -> Names:
    return Names.bounded(Counter(name for name in names if name is not None))


def _sizes(revenues: Sequence[float]) -> Names:
    """Count orders by the power of two at or below their revenue, with its sign: ``1024``, ``-32``, ``0``."""
    above = Counter(math.frexp(revenue)[1] for revenue in revenues if revenue > 0)
    sizes = Counter({f"{math.ldexp(0.5, power):g}": rows for power, rows in above.items()})
    if above.total() < len(revenues):
        below = Counter(math.frexp(revenue)[1] for revenue in revenues if revenue < 0)
        sizes |= Counter({f"{math.ldexp(-0.5, power):g}": rows for power, rows in below.items()})
        zeros = len(revenues) - above.total() - below.total()
        sizes |= Counter({"0": zeros} if zeros else {})
    return Names.bounded(sizes)
