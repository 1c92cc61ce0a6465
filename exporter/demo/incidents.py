"""What goes wrong in a pipeline: each incident changes a healthy day in one way."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Any

from exporter.demo.rows import ORDER, PAGE_VIEWED, Row

Change = Callable[[list[Row], Random], list[Row]]


class Incident(StrEnum):
    """One thing that goes wrong with one day."""

    RENAMED_ID_COLUMN = "renamed_id_column"  # client_id arrives as clientId; harmless with the right alias
    LOST_COLUMN = "lost_column"  # the referrer column is gone
    MISSING_IDS = "missing_ids"  # 15 to 20% of the rows have no client id
    ZERO_VALUE_ORDERS = "zero_value_orders"  # one or two orders of revenue 0 with one item of nulls
    NULL_ITEM_PRICES = "null_item_prices"  # no item of any order has a price
    DUPLICATE_ORDERS = "duplicate_orders"  # one or two transaction ids are duplicated
    DROPPED_ROWS = "dropped_rows"  # 35% of the rows are missing
    SILENT_AFTERNOON = "silent_afternoon"  # no events for about three hours
    EMPTY = "empty"  # a header and no rows
    LATE = "late"  # an hour or more past due; the content is normal
    MISSING = "missing"  # no files at all


MISSING_ID_SHARES = (0.158, 0.192)  # within 15 to 20% after rounding, also on a day of forty rows
KEPT_SHARE = 0.65
SILENCE_STARTS = (timedelta(hours=12, minutes=10), timedelta(hours=13, minutes=50))
SILENCE_LASTS = (timedelta(hours=2, minutes=50), timedelta(hours=3, minutes=10))
CLOCK = slice(11, 19)  # HH:MM:SS within a timestamp
NO_ITEM = dict.fromkeys(("item_id", "item_name", "item_variant", "quantity", "item_price"))


def apply_incidents(
    rows: list[Row], incidents: Collection[Incident], key: Callable[[str], Random]
) -> list[Row]:
    """Return the rows with the incidents applied. ``key`` seeds each incident's randomness."""
    for incident, change in CHANGES.items():
        if incident in incidents:
            rows = change(rows, key(incident))
    return rows


def _lose_ids(rows: list[Row], rng: Random) -> list[Row]:
    already = sum(not row.client_id for row in rows)
    views = [at for at, row in enumerate(rows) if row.event_name == PAGE_VIEWED and row.client_id]
    wanted = round(rng.uniform(*MISSING_ID_SHARES) * len(rows)) - already
    lost = set(rng.sample(views, k=max(0, min(wanted, len(views)))))
    return [row._replace(client_id="") if at in lost else row for at, row in enumerate(rows)]


def _zero_orders(rows: list[Row], rng: Random) -> list[Row]:
    def spoil(order: dict[str, Any]) -> None:
        order.update(revenue=0, items=[NO_ITEM])

    places = _orders(rows)
    return _edit(rows, dict.fromkeys(rng.sample(places, k=_few(places)), spoil))


def _null_prices(rows: list[Row], rng: Random) -> list[Row]:
    del rng  # every order is affected

    def spoil(order: dict[str, Any]) -> None:
        order["items"] = [item | {"item_price": None} for item in order["items"]]

    return _edit(rows, dict.fromkeys(_orders(rows), spoil))


def _duplicate_orders(rows: list[Row], rng: Random) -> list[Row]:
    places = _orders(rows)
    chosen = rng.sample(places, k=2 * _few(places)) if len(places) > 1 else []
    edits = {}
    for first, second in zip(chosen[::2], chosen[1::2], strict=True):
        twin = json.loads(rows[first].event_data)["transaction_id"]
        edits[second] = lambda order, twin=twin: order.update(transaction_id=twin)
    return _edit(rows, edits)


def _drop_rows(rows: list[Row], rng: Random) -> list[Row]:
    phase = rng.random()  # evenly over the day: lost rows must not look like a gap in time
    return [
        row
        for at, row in enumerate(rows)
        if int((at + 1) * KEPT_SHARE + phase) > int(at * KEPT_SHARE + phase)
    ]


def _fall_silent(rows: list[Row], rng: Random) -> list[Row]:
    start = _between(rng, SILENCE_STARTS)
    begin, end = _clock(start), _clock(start + _between(rng, SILENCE_LASTS))
    return [row for row in rows if not begin <= row.timestamp[CLOCK] < end]


def _lose_all(rows: list[Row], rng: Random) -> list[Row]:
    del rows, rng
    return []


CHANGES: Mapping[Incident, Change] = {
    Incident.MISSING_IDS: _lose_ids,
    Incident.ZERO_VALUE_ORDERS: _zero_orders,
    Incident.NULL_ITEM_PRICES: _null_prices,
    Incident.DUPLICATE_ORDERS: _duplicate_orders,
    Incident.DROPPED_ROWS: _drop_rows,
    Incident.SILENT_AFTERNOON: _fall_silent,
    Incident.EMPTY: _lose_all,
}


def _orders(rows: list[Row]) -> list[int]:
    return [at for at, row in enumerate(rows) if row.event_name == ORDER]


def _few(places: list[int]) -> int:
    """Two of many, one of a few: the rest of a tiny day's orders must stay valid."""
    return min(2, max(1, len(places) // 4)) if places else 0


def _edit(rows: list[Row], edits: Mapping[int, Callable[[dict[str, Any]], None]]) -> list[Row]:
    changed = list(rows)
    for at, edit in edits.items():
        order = json.loads(rows[at].event_data)
        edit(order)
        changed[at] = rows[at]._replace(event_data=json.dumps(order, separators=(",", ":")))
    return changed


def _between(rng: Random, bounds: tuple[timedelta, timedelta]) -> timedelta:
    return bounds[0] + rng.random() * (bounds[1] - bounds[0])


def _clock(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
