"""The figures computed by every engine, in one form, so that results can be compared."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

NA = ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
NA = (*NA, "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
SYNTHETIC = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?[Ss]ource-[0-9a-fA-F]{8}\.com(?::[0-9]*)?(?:[/?#].*)?$"
COLUMNS = ("client_id", "page_url", "referrer", "timestamp", "event_name", "event_data", "user_agent")
READ = ("client_id", "referrer", "timestamp", "event_name", "event_data")
CHECKOUT = "checkout_completed"
START = datetime(2031, 5, 17, tzinfo=UTC)
START_NS = int(START.timestamp()) * 10**9
END_NS = START_NS + 86_400 * 10**9
MINUTE_NS = 60 * 10**9

Figures = dict[str, object]


def silence(minutes: Iterable[int]) -> int:
    """Return the longest run of minutes of the day without an event, in seconds."""
    lively = {*minutes}
    calendar = "".join("1" if minute in lively else "0" for minute in range(1440))
    return 60 * max(len(run) for run in calendar.split("1"))


def judge_orders(cells: Iterable[str | None]) -> Figures:
    """Judge orders row by row with ``json.loads``, as a plain script does."""
    checkouts = unparseable = invalid = zero = lacking = corrupt = 0
    revenue = 0.0
    ids: list[str] = []
    for cell in cells:
        checkouts += 1
        order = _load(cell)
        unparseable += order is None and bool(cell)
        fields: Mapping[str, object] = order or {}
        amount = _number(fields.get("revenue"))
        invalid += amount is None
        zero += amount is not None and amount <= 0
        revenue += amount or 0.0
        key = fields.get("transaction_id")
        text = "" if key is None else str(key).strip()
        lacking += text in ("", "null")
        if text not in ("", "null"):
            ids.append(text)
        corrupt += not _are_whole(fields.get("items"))
    return {
        "checkouts": checkouts,
        "zero_value": zero,
        "invalid_revenue": invalid,
        "missing_transaction_id": lacking,
        "duplicate_transaction_id": len(ids) - len(set(ids)),
        "corrupt_items": corrupt,
        "unparseable_event_data": unparseable,
        "revenue": round(revenue, 2),
    }


def _load(cell: str | None) -> Mapping[str, object] | None:
    try:
        order = json.loads(cell or "")
    except ValueError:
        return None
    return order if isinstance(order, dict) else None


def _number(value: object) -> float | None:
    if isinstance(value, str) and re.fullmatch(
        r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", value
    ):
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _are_whole(items: object) -> bool:
    return (
        isinstance(items, list)
        and bool(items)
        and all(
            isinstance(item, dict)
            and item.get("item_id") is not None
            and (item.get("item_price") is not None or item.get("price") is not None)
            for item in items
        )
    )
