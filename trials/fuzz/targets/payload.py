"""JSON within cells and JSON lines, compared with the json module."""

import json
import math
from typing import Any

import pyarrow as pa
import reference
from target import Target, agree

from exporter.profiling import utf8
from exporter.profiling.json_lines import cell, load
from exporter.profiling.missing import is_missing
from exporter.profiling.orders import read_order
from exporter.profiling.packs.web_orders import Defect


def run(data: bytes) -> None:
    """Parse one cell and one line."""
    _try_cell(data.decode("utf-8", "replace"))
    line = data.strip()
    found = load(line)
    try:
        wanted: Any = json.loads(line.decode("utf-8") if utf8.is_valid(line) else utf8.repair(line))
    except ValueError:
        wanted = None
    except RecursionError:  # the depth limit depends on the caller
        return
    agree(_spelled(found), _spelled(wanted if isinstance(wanted, dict) else None), "a line")
    for value in (found or {}).values():
        pa.array([cell(value)], pa.string()).validate(full=True)


def _spelled(value: Any) -> str:
    """Return text in which NaN equals itself and 1 differs from 1.0."""
    return json.dumps(value)


def _try_cell(text: str) -> None:
    order = read_order(text)
    try:
        revenue, defects, shapes, broken, _ = reference.judge_orders([text])
    except RecursionError:
        return
    agree(order.revenue or 0.0, revenue, "the revenue")
    invalid = defects[Defect.INVALID_REVENUE]
    agree(
        {
            "unparseable": int(order.unparseable),
            "invalid": int(order.revenue is None),
            "corrupt": int(not order.items_are_whole),
        },
        {
            "unparseable": defects[Defect.UNPARSEABLE_EVENT_DATA],
            "invalid": invalid if not order.unparseable else 1,
            "corrupt": defects[Defect.CORRUPT_ITEMS] if not order.unparseable else 1,
        },
        "defects",
    )
    if not order.unparseable:
        agree(order.transaction_id is None, bool(defects[Defect.MISSING_TRANSACTION_ID]), "the missing id")
        agree([] if order.shape is None else [order.shape], list(shapes), "the revenue's shape")
    if not is_missing(text):
        agree([] if order.cell is None else [order.cell], list(broken), "the shape of the cell")
    if order.revenue is not None and not math.isfinite(order.revenue):
        raise AssertionError(order)


TARGET = Target(
    name="payload",
    run=run,
    seeds=(
        b'{"revenue": 12.5, "transaction_id": "ORD-1", "items": [{"item_id": "1", "item_price": 2}]}',
        b'{"revenue": "1e999", "transaction_id": 123456789012345678901234567890}',
        b'{"revenue": -1, "items": [{"item_id": 0, "price": ""}]}',
        b'{"revenue": NaN, "a": Infinity, "b": -0.0, "c": 1e400, "d": "\\ud800"}',
        b'{"revenue": true, "revenue": null, "transaction_id": 1.0}',
        b"{'revenue': 1}",
        b'{""revenue"": 1}',
        b"[object Object]",
        b'"{\\"revenue\\": 1}"',
        b'[{"a": []}]',
        b'{"revenue": 12.',
        b" null ",
        b'\xff{"a": "\xff"}',
    ),
    words=(
        b'"revenue"',
        b'"transaction_id"',
        b'"items"',
        b'"item_id"',
        b'"price"',
        b"NaN",
        b"1e400",
        b"-0",
        b"\\ud800",
        b"\\u0000",
        b"null",
        b"18446744073709551616",
        b"9007199254740993",
        b"\xe2\x80\xa8",
    ),
    longest=400,
)
