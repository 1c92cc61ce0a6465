"""The rows behind a check: which stage they are in, and how to select them."""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from exporter.checks.check import Check
from exporter.feed import Table
from exporter.figures.table import BY_NAME
from exporter.history.trend import Trend
from exporter.model import Day, Stage
from exporter.plain import plain
from exporter.profiling.missing import is_missing
from exporter.profiling.order_tally import Defect
from exporter.profiling.orders import CHECKOUT, Order, read_order
from exporter.profiling.referrer import is_synthetic
from exporter.profiling.rfc3339 import parse_form, parse_ns
from exporter.triage.records import Record

Key = Callable[[Record, Day], Hashable | None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows of one stage. ``key`` returns ``None`` for other rows, otherwise the group of a row.

    One row of each group is shown before any second one; if ``repeated``, whole groups of
    several rows.
    """

    stage: Stage
    what: str
    key: Key
    needle: str | None = None  # every such row contains this text
    repeated: bool = False


def evidence_of(
    check: Check, trends: Mapping[str, Trend], labels: Mapping[str, str], tables: Mapping[Stage, Table]
) -> Evidence | None:
    """Return the rows behind a check's finding, or ``None`` without any: a silence, a missing file.

    ``labels`` are those of the alert, needed if the check covers several stages or fields.
    """
    if check.value is not None:
        metric = check.value.selector.metric
        known = {name: values[0] for name, values in check.value.selector.labels.items() if len(values) == 1}
    elif (trend := trends.get(check.trend or "")) is not None:
        metric = trend.metric
        known = dict(zip(BY_NAME[metric].labels, trend.labels, strict=True))
    else:
        return None
    return evidence(metric, {**known, **labels}, tables)


def evidence(  # noqa: PLR0911  one line per kind of row
    metric: str, labels: Mapping[str, str], tables: Mapping[Stage, Table]
) -> Evidence | None:
    """Return the rows behind a metric's sample, or ``None`` if there are none."""
    stage = Stage(labels.get("stage", Stage.RAW))
    table = tables.get(stage)
    if table is None:
        return None
    if metric == "puffy_partition_checkout_defects":
        return _defective(stage, Defect(labels["defect"])) if "defect" in labels else None
    if metric in {"puffy_partition_missing_ratio", "puffy_partition_missing_rows"}:
        return _lacking(stage, table.required if "field" not in labels else (labels["field"],))
    if metric in {"puffy_column_missing_ratio", "puffy_column_missing_rows"} and "column" in labels:
        return _lacking(stage, (labels["column"],))
    if metric in {"puffy_partition_new_event_rows", "puffy_partition_revenue"}:
        return _revenue(stage) if metric.endswith("revenue") else _named(labels.get("event_name", ""))
    if metric == "puffy_partition_malformed_orders_ratio":
        return Evidence(stage, "malformed lines that contain an order", _malformed, CHECKOUT)
    if metric in _TIMED:
        return Evidence(stage, _TIMED[metric][0], _TIMED[metric][1](table)) if table.event_time else None
    if metric in _ROWS:
        return Evidence(stage, *_ROWS[metric])
    rejects = tables.get(Stage.REJECTS)
    if rejects is None or metric not in {*_REJECTED, _GAP}:
        return None
    return rejected(rejects) if metric in _REJECTED else _rejected_orders(rejects)


def _order(record: Record) -> Order | None:
    if record.row is None or record.row.get("event_name", "").strip() != CHECKOUT:
        return None
    return read_order(record.row.get("event_data", ""))


def _if(found: bool) -> str | None:  # noqa: FBT001  one group of all rows
    return "" if found else None


def _orders(stage: Stage, what: str, wanted: Callable[[Order], bool]) -> Evidence:
    def key(record: Record, _: Day) -> Hashable | None:
        order = _order(record)
        return _if(order is not None and wanted(order))

    return Evidence(stage, what, key, CHECKOUT)


def _transaction(record: Record, _: Day) -> Hashable | None:
    order = _order(record)
    return None if order is None else order.transaction_id


def _has_no_value(order: Order) -> bool:
    return order.revenue is not None and order.revenue <= 0


_DEFECTS: Mapping[Defect, tuple[str, Callable[[Order], bool]]] = {
    Defect.ZERO_VALUE: ("orders with a revenue of zero or less", _has_no_value),
    Defect.INVALID_REVENUE: (
        "orders whose revenue is not a number",
        lambda order: order.revenue is None and not order.unparseable,
    ),
    Defect.MISSING_TRANSACTION_ID: (
        "orders without a transaction id",
        lambda order: order.transaction_id is None and not order.unparseable,
    ),
    Defect.CORRUPT_ITEMS: (
        "orders whose items lack an id or a price",
        lambda order: not order.items_are_whole and not order.unparseable,
    ),
    Defect.UNPARSEABLE_EVENT_DATA: (
        "orders whose event_data is not a JSON object",
        lambda order: order.unparseable,
    ),
}


def _defective(stage: Stage, defect: Defect) -> Evidence | None:
    if defect is Defect.DUPLICATE_TRANSACTION_ID:
        return Evidence(stage, "orders that share a transaction id", _transaction, CHECKOUT, repeated=True)
    return _orders(stage, *_DEFECTS[defect]) if defect in _DEFECTS else None


def _revenue(stage: Stage) -> Evidence:
    return _orders(stage, "orders without revenue", lambda order: order.revenue is None or order.revenue <= 0)


def _lacking(stage: Stage, fields: tuple[str, ...]) -> Evidence:
    def key(record: Record, _: Day) -> Hashable | None:
        row = record.row
        missing = () if row is None else tuple(name for name in fields if is_missing(row.get(name, "")))
        return missing or None

    return Evidence(stage, f"rows without {' or '.join(fields)}", key)


def _named(name: str) -> Evidence:
    def key(record: Record, _: Day) -> Hashable | None:
        return _if(record.row is not None and plain(record.row.get("event_name", "").strip()) == name)

    return Evidence(Stage.RAW, f"rows of the event {name}", key)


def _malformed(record: Record, _: Day) -> Hashable | None:
    return len(record.cells) if record.row is None else None


def _time_in(table: Table, record: Record, day: Day) -> tuple[str, int | None]:
    """Return a record's event time as written, and as an instant if it is one."""
    column = table.column(table.event_time or "")
    value = "" if record.row is None or column is None else record.row.get(column.name, "").strip()
    form = None if column is None else column.format
    return value, parse_ns(value, day.zone) if form is None else parse_form(form, value, day.zone)


def _unparseable(table: Table) -> Key:
    def key(record: Record, day: Day) -> Hashable | None:
        value, instant = _time_in(table, record, day)
        return _if(not is_missing(value) and instant is None)

    return key


def _out_of_day(table: Table) -> Key:
    def key(record: Record, day: Day) -> Hashable | None:
        _, instant = _time_in(table, record, day)
        return _if(instant is not None and not day.start_ns <= instant < day.end_ns)

    return key


def _no_referrer(record: Record, _: Day) -> Hashable | None:
    return _if(record.row is not None and is_missing(record.row.get("referrer", "")))


def _made_up(record: Record, _: Day) -> Hashable | None:
    return _if(record.row is not None and is_synthetic(record.row.get("referrer", "")))


def _is_no_text(record: Record, _: Day) -> Hashable | None:
    return _if(any(NO_TEXT.search(cell) for cell in record.cells))


NO_TEXT = re.compile("[\0\udc80-\udcff]")  # as decoded by ``surrogateescape``

_ROWS: Mapping[str, tuple[str, Key]] = {
    "puffy_partition_malformed_rows": ("malformed lines", _malformed),
    "puffy_partition_referrer_null_ratio": ("rows without referrer", _no_referrer),
    "puffy_partition_referrer_synthetic_ratio": ("rows with a placeholder for referrer", _made_up),
    "puffy_partition_invalid_utf8_lines": ("rows with invalid UTF-8 or NUL bytes", _is_no_text),
}
_TIMED: Mapping[str, tuple[str, Callable[[Table], Key]]] = {
    "puffy_partition_unparseable_timestamps": ("rows whose timestamp cannot be read", _unparseable),
    "puffy_partition_out_of_day_rows": ("rows with a timestamp of another day", _out_of_day),
}
_GAP = "puffy_partition_revenue_gap_ratio"
_REJECTED = frozenset(
    ("puffy_partition_reject_ratio", "puffy_partition_rejects", "puffy_partition_schema_mismatch")
)


def rejected(table: Table) -> Evidence:
    """Return the rows of a table of rejects, one of each combination of reasons first."""
    return Evidence(Stage.REJECTS, "rejected rows", _reasons(table))


def _rejected_orders(table: Table) -> Evidence:
    reasons = _reasons(table)

    def key(record: Record, day: Day) -> Hashable | None:
        return None if _order(record) is None else reasons(record, day)

    return Evidence(Stage.REJECTS, "rejected orders", key, CHECKOUT)


def _reasons(table: Table) -> Key:
    def key(record: Record, _: Day) -> Hashable | None:
        if record.row is None:
            return None
        reasons = record.row.get(table.reason or "", "")
        return frozenset(part.partition(":")[0].strip() for part in reasons.split("|"))

    return key
