"""A block's contribution to a tally: what the table's contract needs, and no more."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from exporter.feed import Table
from exporter.model import Day
from exporter.profiling.amounts import split_sums
from exporter.profiling.constants import tally_constants
from exporter.profiling.keys import tally_keys
from exporter.profiling.kinds import TYPES
from exporter.profiling.looks import Look
from exporter.profiling.missing import (
    LONGEST_PLACEHOLDER,
    NO_VALUE,
    OPENING,
    PLACEHOLDERS,
    SAME,
    MissingValues,
    placeholder_of,
)
from exporter.profiling.names import Names
from exporter.profiling.pack import Pack, known_packs
from exporter.profiling.splits import SplitBy, split_by
from exporter.profiling.strings import Column, Flags, Octets, Strings, count_values
from exporter.profiling.tally import Tally
from exporter.profiling.times import tally_times
from exporter.profiling.values.codes import Coded, absent, code
from exporter.profiling.values.kind import Reading, State

LONGEST_WORD = max(map(len, PLACEHOLDERS))

OPENS, REPEATS = (
    np.isin(np.arange(256, dtype=np.uint8), np.frombuffer(letters.encode(), np.uint8))
    for letters in (OPENING, SAME)
)
"""Flags by byte: what begins a template, and what a placeholder of one character repeats."""

Columns = Mapping[str, Column]
Known = Mapping[str, Column | Coded]
"""Columns, some of which have been looked at."""


def packs_of(table: Table) -> tuple[Pack, ...]:
    """Return the packs enabled by the contract."""
    return tuple(known_packs()[name] for name in table.packs)


def columns_read(table: Table) -> tuple[str, ...]:
    """Return the columns needed for figures; nothing else is parsed into values."""
    singled = [name for name in (table.event_time, table.reason) if name is not None]
    typed = [column.name for column in table.typed]
    packed = [name for pack in packs_of(table) for name in pack.columns]
    return tuple(dict.fromkeys((*table.required, *singled, *packed, *typed, *table.key)))


def tally_columns(
    columns: Columns, rows: int, table: Table, day: Day, missing: MissingValues = NO_VALUE
) -> Tally:
    """Count the good records of a block; a column absent from the file is missing in all of them."""
    splits = split_by(table, (by for pack in packs_of(table) for by in pack.split_by))
    looked = {pack.name: pack.look(columns, rows, missing, splits) for pack in packs_of(table)}
    known = {**columns, **_look_once(columns, table, splits)}
    timed = _tally_event_time(known, rows, table, day, missing)
    counted = {name: count for found in looked.values() for name, count in found.missing.items()}
    if table.event_time is not None:
        counted[table.event_time] = timed.untimed
    typed = {column.name for column in table.typed}
    lacking: dict[str, int] = {}
    placeholders: dict[str, Names] = {}
    looks: dict[str, Look] = {}
    for name in table.required:
        if name in typed:
            continue
        if name in counted:
            lacking[name] = counted[name]
        elif name in columns:
            lacking[name], placeholders[name] = count_missing(columns[name], missing)
            looks[name] = Look.of(Strings.of(columns[name]))
        else:
            lacking[name] = rows
    return Tally(
        rows=rows,
        missing=lacking,
        placeholders=placeholders,
        looks=looks,
        constants=tally_constants(columns, missing),
        columns=_tally_types(known, rows, table, day, missing),
        keys=tally_keys([known[name] for name in table.key], missing) if _has_key(table, columns) else None,
        packs={name: found.state for name, found in looked.items()},
        splits={key: split for found in looked.values() for key, split in found.splits.items()}
        | (split_sums(known, table, splits, missing) if rows else {}),
    ).merge(timed, _tally_reasons(columns.get(table.reason or "")))


def _look_once(columns: Columns, table: Table, splits: Sequence[SplitBy]) -> dict[str, Coded]:
    """Read the columns needed for several kinds of figures."""
    uses = Counter((table.event_time, *table.key, *(column.name for column in table.typed), *table.summed))
    if table.summed:
        uses.update(by.column for by in splits)
    return {name: code(column) for name, column in columns.items() if uses[name] > 1}


def _has_key(table: Table, columns: Columns) -> bool:
    return bool(table.key) and all(name in columns for name in table.key)


def _tally_types(
    columns: Known, rows: int, table: Table, day: Day, missing: MissingValues
) -> dict[str, State]:
    states: dict[str, State] = {}
    for column in table.typed:
        values = columns.get(column.name)
        reading = Reading(column, day, missing)
        states[column.name] = TYPES[column.type].tally(absent(rows) if values is None else values, reading)
    return states


def _tally_event_time(columns: Known, rows: int, table: Table, day: Day, missing: MissingValues) -> Tally:
    if table.event_time is None:
        return Tally()
    values = columns.get(table.event_time)
    if values is None:
        return Tally(untimed=rows)
    column = table.column(table.event_time)
    form = None if column is None else column.format
    if isinstance(values, Coded):
        return tally_times(values.strings, day, missing, form, values.counts)
    return tally_times(Strings.of(values), day, missing, form)


def count_missing(column: Column, words: MissingValues = NO_VALUE) -> tuple[int, Names]:
    """Count missing values, and placeholders.

    Only short values and those with unusual edges are checked.
    """
    strings = Strings.of(column)
    lengths, first, last = strings.lengths, strings.first(), strings.last()
    longest = max(words.longest, LONGEST_WORD)
    usual = ~(OPENS.take(first) | ((first == last) & REPEATS.take(first))) | (lengths > LONGEST_PLACEHOLDER)
    plain = (lengths > longest) & _is_graphic(first) & _is_graphic(last) & usual
    empty = lengths == 0
    missing = int(np.count_nonzero(empty))
    written: Counter[str] = Counter()
    odd = ~(plain | empty)
    if odd.any():
        for value, count in count_values(strings.where(odd)).items():
            if value in words:
                missing += count
            elif (word := placeholder_of(value)) is not None:
                written[word] += count
    return missing, Names(written)


def _is_graphic(octets: Octets) -> Flags:
    return (octets - np.uint8(0x21)) < np.uint8(0x5E)


def _tally_reasons(column: Column | None) -> Tally:
    if column is None:
        return Tally()
    reasons: Counter[str] = Counter()
    for cell, count in count_values(column).items():
        for reason in {part.split(":", 1)[0].strip() for part in cell.split("|")} - {""}:
            reasons[reason] += count
    return Tally(reasons=Names.bounded(reasons))
