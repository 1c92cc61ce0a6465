"""Records of nothing but delimiters, as spreadsheets write below a table: they are not rows."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exporter.profiling.strings import text_array

_NOTHING = text_array([""])[0]


def take_out(table: pa.Table, read_all: Callable[[], pa.Table | None]) -> tuple[pa.Table, int]:
    """Return the rows with a value in any column, and the number of the others.

    ``table`` has some of the columns. ``read_all`` reads all of them, only if there are rows whose columns
    in ``table`` are all empty.
    """
    if _are_empty(table) is None:
        return table, 0
    whole = read_all()
    empty = None if whole is None or whole.num_rows != table.num_rows else _are_empty(whole)
    if empty is None:
        return table, 0
    kept = table.filter(pc.invert(empty))
    return kept, table.num_rows - kept.num_rows


def _are_empty(table: pa.Table) -> Any:
    """Return which rows are empty, ``None`` if none is: usually one column is enough to see that."""
    empty: Any = None
    for column in table.columns:
        here = pc.equal(column, _NOTHING)
        empty = here if empty is None else pc.and_(empty, here)
        if not pc.any(empty).as_py():
            return None
    return empty
