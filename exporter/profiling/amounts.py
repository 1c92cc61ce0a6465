"""Sums of a column of numbers by value of another column, exact, a block of rows at a time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from exporter.feed import SUM, Table
from exporter.model import NO_NAME
from exporter.profiling.missing import MissingValues
from exporter.profiling.names import Names
from exporter.profiling.splits import SplitBy, SplitKey, SplitState, named
from exporter.profiling.strings import Column, Flags
from exporter.profiling.values.cells import missing_flags, trimmed
from exporter.profiling.values.codes import Coded, Codes, code
from exporter.profiling.values.numbers import is_whole, read_numbers
from exporter.profiling.values.sums import Doubles, exact_sums


class _Amounts(NamedTuple):
    """The numbers of a column by row, and which rows have one."""

    values: Doubles
    there: Flags


def split_sums(
    columns: Mapping[str, Column | Coded], table: Table, splits: Sequence[SplitBy], missing: MissingValues
) -> dict[SplitKey, SplitState]:
    """Split the sums of the ``summed`` columns; rows without a number add nothing."""
    found: dict[SplitKey, SplitState] = {}
    types = {column.name: column.type for column in table.typed}
    chosen = [name for name in table.summed if name in columns and name in types]
    if not chosen:
        return found
    groups = {by: _groups(columns.get(by.column), by, missing) for by in splits}
    for name in chosen:
        amounts = _read(_coded(columns[name]), missing, whole=types[name] == "integer")
        for by, known in groups.items():
            found[SplitKey(SUM, *by, of=name)] = _split(amounts, *known)
    return found


def _coded(column: Column | Coded) -> Coded:
    return column if isinstance(column, Coded) else code(column)


def _read(coded: Coded, missing: MissingValues, *, whole: bool) -> _Amounts:
    strings = trimmed(coded.strings)
    values, readable = read_numbers(strings)
    if whole:
        readable = readable & is_whole(strings, values)
    there = readable & ~missing_flags(strings, missing)
    return _Amounts(coded.spread(values), coded.spread(there))


def _groups(
    column: Column | Coded | None, by: SplitBy, missing: MissingValues
) -> tuple[list[str], Codes | None]:
    """Return the names of a column's values, and each row's index; ``None`` if there is only one."""
    if column is None:
        return [NO_NAME], None
    coded = _coded(column)
    texts = named(coded.strings.array, by, missing)
    names = list(dict.fromkeys(texts))
    places = {name: place for place, name in enumerate(names)}
    return names, coded.spread(np.fromiter((places[text] for text in texts), np.intp, len(texts)))


def _split(amounts: _Amounts, names: Sequence[str], places: Codes | None) -> SplitState:
    values = amounts.values[amounts.there]
    chosen = np.zeros(values.size, np.intp) if places is None else places[amounts.there]
    rows = np.bincount(chosen, minlength=len(names)).tolist()
    sums = exact_sums(values, chosen, len(names))
    kept = [place for place, count in enumerate(rows) if count]
    return SplitState(
        Names.bounded({names[place]: rows[place] for place in kept}),
        Names.bounded({names[place]: sums[place] for place in kept}),
    )
