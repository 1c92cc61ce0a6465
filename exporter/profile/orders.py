"""What is wrong with orders: the JSON of ``checkout_completed`` rows."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

import orjson
import xxhash

from exporter.profile.missing import is_missing
from exporter.profile.tally import Tally, exact

CHECKOUT = "checkout_completed"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Order(NamedTuple):
    """What one checkout row says. ``None`` means that it does not say. A tuple, as there are many."""

    revenue: float | None
    transaction_id: str | None
    items_are_whole: bool
    unparseable: bool = False


NOTHING_SAID = Order(None, None, items_are_whole=False)
UNPARSEABLE = Order(None, None, items_are_whole=False, unparseable=True)


def tally_orders(cells: Iterable[str]) -> Tally:
    """Judge the ``event_data`` cell of each checkout row."""
    orders = [read_order(cell) for cell in cells]
    ids = [order.transaction_id for order in orders if order.transaction_id is not None]
    revenues = [order.revenue for order in orders if order.revenue is not None]
    digests = (xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass")) for text in ids)
    return Tally(
        checkouts=len(orders),
        zero_value=sum(revenue <= 0 for revenue in revenues),
        invalid_revenue=len(orders) - len(revenues),
        missing_transaction_id=len(orders) - len(ids),
        with_transaction_id=len(ids),
        transaction_ids=frozenset(digests),
        corrupt_items=sum(not order.items_are_whole for order in orders),
        unparseable_event_data=sum(order.unparseable for order in orders),
        revenue=sum(map(exact, revenues)),
    )


def read_order(cell: str) -> Order:
    """Read one ``event_data`` cell: strict JSON (RFC 8259), an object, or it says nothing."""
    if is_missing(cell):
        return NOTHING_SAID
    text = cell.strip()
    try:
        data = _load(text)
    except (ValueError, RecursionError):
        return UNPARSEABLE
    if not isinstance(data, dict):
        return UNPARSEABLE
    return Order(
        revenue=_number(data.get("revenue")),
        transaction_id=_transaction_id(data.get("transaction_id"), text),
        items_are_whole=_are_whole(data.get("items")),
    )


def _load(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # orjson refuses some strict JSON too (1e999, lone surrogates): the slower one has the last word.
        return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no JSON"
    raise ValueError(message)


def _number(value: object) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer beyond the largest double
        return None
    return number if math.isfinite(number) else None


def _transaction_id(value: object, text: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        trimmed = value.strip()
        return None if trimmed in ("", "null") else trimmed
    if isinstance(value, float):
        # orjson reads integers beyond 64 bits as doubles, and two of them would be one.
        return str(json.loads(text, parse_int=str)["transaction_id"])
    return json.dumps(value, sort_keys=True)


def _are_whole(items: object) -> bool:
    if not isinstance(items, list) or not items:
        return False
    for item in items:
        if not isinstance(item, dict) or _is_blank(item.get("item_id")):
            return False
        if _is_blank(item.get("item_price")) and _is_blank(item.get("price")):
            return False
    return True


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
