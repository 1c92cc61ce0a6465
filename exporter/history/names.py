"""Events by name against the days before: which are gone, which are new, and whether orders have stopped.

Trends see totals, which a renamed event does not change. This needs only three days of history.
"""

import math
from collections.abc import Iterable, Sequence

from exporter.model import EventChanges, Profile
from exporter.profiling.order_tally import WebOrders, orders_of
from exporter.profiling.orders import CHECKOUT

LOOKS_BACK_DAYS = 14
LEAST_DAYS = 3
LEAST_DAYS_OF_ORDERS = 2
# The least probability of a day without any row, if rows are independent (Poisson): a name that
# occurs 7 times a day is absent once in 1,000 days. Orders are worth an occasional false alarm; their rate is
# not considered known, as a few days say little about it.
NAME_BY_CHANCE = 0.001
ORDERS_BY_CHANCE = 0.07
FEWEST_NEW = 3  # rows of new names: fewer may be a test or a typo, unless orders are fewer than ever
MOST_LOST = 0.5  # share of rows without a name or malformed, above which a day is ignored


def compare_events(today: Profile, before: Sequence[Profile], known: Iterable[str]) -> EventChanges | None:
    """Compare a day's events with those of earlier days in the baseline; ``None`` if nothing changed.

    ``known`` names are expected without any history. Days that are mostly unreadable are not compared, nor
    are feeds without events.
    """
    now = _named(today)
    if now is None:
        return None
    earlier = [events for profile in before if (events := _named(profile)) is not None]
    lost_orders = _lost_orders(now, earlier)
    changes = EventChanges(
        vanished=_vanished(now, earlier, but_orders=lost_orders is not None),
        appeared=_appeared(now, earlier, frozenset(known)),
        lost_orders=lost_orders,
    )
    return changes if changes != EventChanges() else None


def _named(profile: Profile) -> WebOrders | None:
    """Return a day's events, or ``None`` if too many of its rows have no name."""
    lost = profile.malformed_rows + profile.missing.get("event_name", 0)
    return orders_of(profile) if profile.rows > 0 and lost <= MOST_LOST * profile.rows else None


def _lost_orders(today: WebOrders, earlier: Sequence[WebOrders]) -> float | None:
    counts = [day.checkouts for day in earlier]
    days, orders = len(counts), sum(counts)
    if today.checkouts or days < LEAST_DAYS_OF_ORDERS or not all(counts):
        return None
    by_chance = (days / (days + 1)) ** orders  # probability of no order on the next day, after these counts
    return orders / days if by_chance <= ORDERS_BY_CHANCE else None


def _vanished(today: WebOrders, earlier: Sequence[WebOrders], *, but_orders: bool) -> dict[str, float]:
    if len(earlier) < LEAST_DAYS:
        return {}
    always = set.intersection(*(set(day.events) for day in earlier)) - set(today.events)
    usual = {name: sum(day.events[name] for day in earlier) / len(earlier) for name in sorted(always)}
    orders = {CHECKOUT} if but_orders else set()
    return {
        name: rows for name, rows in usual.items() if name not in orders and math.exp(-rows) <= NAME_BY_CHANCE
    }


def _appeared(today: WebOrders, earlier: Sequence[WebOrders], known: frozenset[str]) -> dict[str, int]:
    """Return new names and their rows; many names with few rows each count too (``page_viewed_17``)."""
    seen = known.union(*(day.events for day in earlier))
    new = {name: rows for name, rows in sorted(today.events.items()) if name not in seen}
    fewest_orders = min((day.checkouts for day in earlier), default=0)
    rows = sum(new.values())
    lost = today.checkouts < fewest_orders and rows > 1
    return new if rows >= FEWEST_NEW or lost else {}
