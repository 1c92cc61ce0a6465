"""Which column comes from which: the source of all lineage."""

from collections.abc import Mapping

from exporter.feed import Feed
from exporter.model import Stage
from exporter.profiling.order_tally import NAME

REPORT_TABLE = "report"
SQL_TYPES: Mapping[str, str] = {
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}  # every other column is text

Edges = Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]
"""Table, source table and column to columns of the source."""


def edges_of(feed: Feed) -> Edges:
    """Return the sources of each table's columns: a later stage takes them from the raw one by name."""
    raw = frozenset(feed.raw.names)
    edges: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    for stage in feed.stages:
        if stage is not Stage.RAW:
            columns = {name: _origins(name, raw) for name in feed.table(stage).names}
            edges[stage.value] = {Stage.RAW.value: {name: of for name, of in columns.items() if of}}
    last = Stage.CLEAN if Stage.CLEAN in feed.tables else Stage.RAW
    if NAME in feed.table(last).packs:
        edges[REPORT_TABLE] = {
            last.value: {
                "partition": ("timestamp",),
                "events": ("event_name",),
                "checkouts": ("event_name",),
                "clean_revenue": ("event_data",),
            }
        }
    elif (event_time := feed.table(last).event_time) is not None:
        edges[REPORT_TABLE] = {last.value: {"partition": (event_time,)}}
    return edges


def _origins(column: str, raw: frozenset[str]) -> tuple[str, ...]:
    """Return the raw columns behind a column: one with its name, or with the beginning of its name."""
    if column in raw:
        return (column,)
    stem = column.rpartition("_")[0]
    return (stem,) if stem in raw else ()


def type_of(feed: Feed, stage: Stage, column: str) -> str:
    """Return a column's SQL type."""
    known = feed.table(stage).column(column)
    if known is None:
        return "VARCHAR"
    return "TIMESTAMP" if known.event_time else SQL_TYPES.get(known.type, "VARCHAR")


def columns_of(feed: Feed, table: str) -> tuple[str, ...]:
    """Return the columns of a logical table."""
    if table == REPORT_TABLE:
        known = edges_of(feed).get(table, {})
        return tuple(dict.fromkeys(name for fields in known.values() for name in fields))
    return feed.table(Stage(table)).names
