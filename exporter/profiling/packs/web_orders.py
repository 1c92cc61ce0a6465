"""Web events with orders: events by name, orders in JSON, placeholder referrers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

import pyarrow.compute as pc

from exporter.metric import ROWS, Metric
from exporter.profiling.exact import exact
from exporter.profiling.missing import LONGEST_PLACEHOLDER, MissingValues, placeholder_of
from exporter.profiling.names import Names
from exporter.profiling.order_metrics import CHECKOUTS, METRICS, REVENUE
from exporter.profiling.order_tally import NAME, Defect, OrderTally, WebOrders, tally_of
from exporter.profiling.orders import CHECKOUT, Order, read_order
from exporter.profiling.pack import Looked
from exporter.profiling.referrer import is_synthetic
from exporter.profiling.splits import SplitBy, SplitKey, SplitState, count_names, names_of
from exporter.profiling.strings import Column, count_values, text_array


class WebOrdersPack:
    """See the module."""

    name = NAME
    columns = ("referrer", "event_name", "event_data")
    needle: bytes | None = CHECKOUT.encode()
    split_by = (SplitBy("referrer", "url"),)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The exposed metrics of a partition."""
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
        tally = events.merge(tally_of(orders), _look_at_referrers(referrers, rows, missing))
        return Looked(tally, {"event_name": checkouts.nameless}, by_value)

    def malformed(self, count: int) -> OrderTally:
        """Return the tally of some broken orders."""
        return OrderTally(malformed_orders=count)

    def decode(self, fields: dict[str, Any]) -> WebOrders:
        """Return the figures from their fields."""
        defects = {Defect(name): index(count) for name, count in fields["defects"].items()}
        events = {str(name): index(count) for name, count in fields["events"].items()}
        shapes = {
            name: {str(shape): index(count) for shape, count in fields[name].items()}
            for name in ("revenue_shapes", "data_shapes", "referrer_words", "worths")
        }
        return WebOrders(**{**fields, "defects": defects, "events": events, **shapes})


@dataclass(frozen=True, slots=True)
class _Checkouts:
    """Which rows of a block are orders, and how many rows have no event name."""

    rows: int
    nameless: int
    flags: Any = None  # an Arrow array of booleans; None: no row is


def _look_at_events(names: Column | None, rows: int, words: MissingValues) -> tuple[OrderTally, _Checkouts]:
    """Return the events, and which of them are orders."""
    if names is None:
        return OrderTally(), _Checkouts(0, rows)
    missing = 0
    events: Counter[str] = Counter()
    spelled = []  # the spellings of a checkout: surrounding space is ignored
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
    """Return the orders' values of a column, or ``None`` if there are none."""
    return None if column is None or checkouts.flags is None else column.filter(checkouts.flags)


def _units(order: Order) -> int:
    return 0 if order.revenue is None else exact(order.revenue)


def _look_at_referrers(counts: Mapping[str, int] | None, rows: int, words: MissingValues) -> OrderTally:
    """Count referrers; ``counts`` are the rows by value."""
    if counts is None:
        return OrderTally(referrer_null=rows)
    written: Counter[str] = Counter()
    for value, count in counts.items():
        word = placeholder_of(value) if len(value) <= LONGEST_PLACEHOLDER and value not in words else None
        if word is not None:
            written[word] += count
    return OrderTally(
        referrer_null=sum(count for value, count in counts.items() if value in words),
        referrer_synthetic=sum(count for value, count in counts.items() if is_synthetic(value)),
        referrer_words=Names.bounded(written),
    )


PACK = WebOrdersPack()
