"""Which column comes from which: the one table that every lineage is made from."""

from collections.abc import Mapping

from exporter.model import EXPECTED_COLUMNS, RAW_COLUMNS, Stage

REPORT_TABLE = "report"

TYPES: Mapping[str, str] = {"timestamp": "TIMESTAMP"}  # every other column is text

# table -> source table -> column -> columns of the source
EDGES: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    Stage.CLEAN.value: {
        Stage.RAW.value: {column: (column,) for column in RAW_COLUMNS} | {"referrer_host": ("referrer",)}
    },
    Stage.REJECTS.value: {Stage.RAW.value: {column: (column,) for column in RAW_COLUMNS}},
    REPORT_TABLE: {
        Stage.CLEAN.value: {
            "partition": ("timestamp",),
            "events": ("event_name",),
            "checkouts": ("event_name",),
            "clean_revenue": ("event_data",),
        }
    },
}


def type_of(column: str) -> str:
    """Return a column's SQL type."""
    return TYPES.get(column, "VARCHAR")


def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns of a logical table."""
    if table == REPORT_TABLE:
        return tuple(dict.fromkeys(name for fields in EDGES[table].values() for name in fields))
    return EXPECTED_COLUMNS[Stage(table)]
