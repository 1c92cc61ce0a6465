"""What is wrong with orders: the JSON of ``checkout_completed`` rows."""

import json
import math
import re
from typing import Any, NamedTuple, NoReturn

import orjson

from exporter.profiling.missing import NO_VALUE, MissingValues
from exporter.profiling.order_shapes import NOTHING, shape_of_broken, shape_of_object
from exporter.profiling.shapes import name_number

CHECKOUT = "checkout_completed"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Order(NamedTuple):
    """One checkout row. ``None`` means unknown. A tuple, as there are many."""

    revenue: float | None
    transaction_id: str | None
    items_are_whole: bool
    unparseable: bool = False
    shape: str | None = None  # of a revenue that is not a number
    cell: str | None = None  # the shape of a cell that is not an order's JSON object


NOTHING_SAID = Order(None, None, items_are_whole=False, shape=NOTHING, cell=NOTHING)


def read_order(cell: str, missing: MissingValues = NO_VALUE) -> Order:
    """Parse one ``event_data`` cell: a strict JSON object (RFC 8259), otherwise everything is unknown."""
    if cell in missing:
        return NOTHING_SAID
    text = cell.strip()
    try:
        data = _load(text)
    except (ValueError, RecursionError):
        return _unparseable(text)
    if not isinstance(data, dict):
        return _unparseable(text)
    revenue = _number(data.get("revenue"))
    return Order(
        revenue=revenue,
        transaction_id=_transaction_id(data.get("transaction_id"), text, missing),
        items_are_whole=_are_whole(data.get("items"), missing),
        shape=_shape(data.get("revenue"), missing) if revenue is None else None,
        cell=shape_of_object(data) if revenue is None else None,
    )


def _unparseable(text: str) -> Order:
    return Order(None, None, items_are_whole=False, unparseable=True, cell=shape_of_broken(text))


def _shape(value: object, missing: MissingValues) -> str:
    """Return the shape of a value that should be a number, without its content."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        text = value.strip()
        return (text or NOTHING) if text in missing else name_number(text)
    for kind, name in ((bool, "true or false"), (list, "a list"), (dict, "an object")):
        if isinstance(value, kind):
            return name
    return "a number beyond all bounds"


def _load(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # orjson also rejects some strict JSON (1e999, lone surrogates): the slower parser decides.
        return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is not JSON"
    raise ValueError(message)


def _number(value: object) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer above the largest double
        return None
    return number if math.isfinite(number) else None


def _transaction_id(value: object, text: str, missing: MissingValues) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return None if value in missing else value.strip()
    if isinstance(value, float):
        # orjson reads integers above 64 bits as doubles, which would make two of them equal.
        return str(json.loads(text, parse_int=str)["transaction_id"])
    return json.dumps(value, sort_keys=True)


def _are_whole(items: object, missing: MissingValues) -> bool:
    if not isinstance(items, list) or not items:
        return False
    for item in items:
        if not isinstance(item, dict) or _is_blank(item.get("item_id"), missing):
            return False
        if _is_blank(item.get("item_price"), missing) and _is_blank(item.get("price"), missing):
            return False
    return True


def _is_blank(value: object, missing: MissingValues) -> bool:
    return value is None or (isinstance(value, str) and value in missing)
