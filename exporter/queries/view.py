"""The table for statements: the day's file as read by DuckDB, typed by the contract."""

import re
from collections.abc import Iterator

from exporter.feed import Column, Table
from exporter.profiling.grammar import Header
from exporter.profiling.missing import MissingValues
from exporter.profiling.types.boolean import FALSE, TRUE
from exporter.profiling.values.numbers import NUMBER

TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
    "boolean": "BOOLEAN",
}
PADDED = rf"^\s*{NUMBER.strip('^$')}\s*$"


def view_of(
    file: str,
    table: Table,
    header: Header,
    missing: MissingValues,
    *,
    repeats: bool = False,
    empties: bool = False,
) -> str:
    """Return the statement that creates the view.

    ``repeats`` excludes rows that repeat the header, ``empties`` those without any value.

    A column that the contract allows to be absent is NULL then; of two with the same name, ignoring case, the
    contract's is used, otherwise the first. Values unreadable as the column's type are NULL.
    """
    columns = [f"{value} AS {quoted(name)}" for name, value in _columns(table, header, missing)]
    source = _source(file, table, header)
    excluded = [_same_as(header, table)] if repeats else []
    excluded += [_is_empty(header)] if empties else []
    rest = f" WHERE NOT ({' OR '.join(excluded)})" if excluded else ""
    return f"CREATE VIEW {quoted(table.name)} AS SELECT {', '.join(columns)} FROM {source}{rest}"  # noqa: S608  all parts are quoted


def quoted(name: str) -> str:
    """Return a quoted SQL name."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _columns(table: Table, header: Header, missing: MissingValues) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for column in table.columns:
        place = header.position(column.name)
        if place is None and column.expected and header.columns:
            continue
        taken.add(column.name.lower())
        kind = TYPES.get(column.type, "VARCHAR")
        yield column.name, f"NULL::{kind}" if place is None else _typed(f"c{place}", column, missing)
    for place, name in enumerate(header.columns):
        if name and name.lower() not in taken:
            taken.add(name.lower())
            yield name, _typed(f"c{place}", Column(name), missing)


def _typed(cell: str, column: Column, missing: MissingValues) -> str:
    trimmed = f"trim({cell})"  # blanks only: listing what to trim takes several times as long
    if column.type in {"integer", "number"}:
        number = f"TRY_CAST({cell} AS DOUBLE)"  # which ignores white space
        there = f"regexp_matches({cell}, {_text(PADDED)}) AND isfinite({number})"
        if column.type == "integer":
            return f"CASE WHEN {there} AND {number} = trunc({number}) THEN TRY_CAST({cell} AS BIGINT) END"
        return f"CASE WHEN {there} THEN {number} END"
    if column.type == "boolean":
        true, false = (", ".join(map(_text, words)) for words in (TRUE, FALSE))
        lower = f"lower({trimmed})"
        return f"CASE WHEN {lower} IN ({true}) THEN true WHEN {lower} IN ({false}) THEN false END"
    if column.type in {"timestamp", "date"}:
        read = trimmed if column.format is None else f"try_strptime({trimmed}, {_text(column.format)})"
        return f"TRY_CAST({read} AS {TYPES[column.type]})"
    # Not IN: for so many words DuckDB creates a join, which is computed even if the column is not used.
    none = _text(rf"\s*(?:{'|'.join(map(re.escape, sorted(missing.words)))})\s*")
    long = f"strlen({trimmed}) > {missing.longest}"
    return f"CASE WHEN {long} OR NOT regexp_full_match({cell}, {none}) THEN {cell} END"


def _source(file: str, table: Table, header: Header) -> str:
    if not header.columns:
        return "(SELECT 1) WHERE false"
    cells = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(header.width))
    return (
        f"read_csv({_text(file)}, auto_detect = false, header = false, skip = {header.lines}, "
        f"columns = {{{cells}}}, delim = {_text(table.form.delimiter)}, quote = {_text(table.form.quote)}, "
        f"escape = {_text(table.form.quote)}, "
        "ignore_errors = true, strict_mode = false, compression = 'none')"
    )


def _same_as(header: Header, table: Table) -> str:
    """Return the condition that a row contains the names of the contract's columns."""
    places = [place for column in table.columns if (place := header.position(column.name)) is not None]
    cells = (f"coalesce(trim(c{place}), '') = {_text(header.cells[place])}" for place in places)
    return f"({' AND '.join(cells) or 'false'})"


def _is_empty(header: Header) -> str:
    """Return the condition that a row has no value in any column."""
    return "(" + " AND ".join(f"coalesce(c{place}, '') = ''" for place in range(header.width)) + ")"
