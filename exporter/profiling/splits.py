"""Totals by value: how much of a total comes from each category or host.

A split is exact for the names that it keeps (see ``Names``); the others are counted together, so that
the parts always add up to the total.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from exporter.feed import Table
from exporter.model import NO_NAME, Split
from exporter.profiling.exact import nearest_double
from exporter.profiling.missing import MissingValues
from exporter.profiling.names import Names
from exporter.profiling.strings import Column, look, text_array
from exporter.profiling.types.url import hosts
from exporter.profiling.values.cells import trimmed

Namer = Callable[[Any], list[str]]
"""Names the values of a column, given as trimmed texts in an Arrow array."""

NAMED: Mapping[str, Namer] = {
    "category": lambda array: array.to_pylist(),
    "url": lambda array: hosts(look(array)),
}
"""The column types with few enough values to split a total by."""


class SplitBy(NamedTuple):
    """A column by which totals are split, and how its values are named."""

    column: str
    type: str


class SplitKey(NamedTuple):
    """Which total is split, by its metric, and by which column of which type."""

    metric: str
    column: str
    type: str
    of: str = ""  # the summed column, if the metric has a sample per column


@dataclass(frozen=True, slots=True)
class SplitState:
    """The mergeable state behind a ``Split``."""

    rows: Names = field(default_factory=Names)
    amounts: Names | None = None  # in units of 2**-1074, by the same names; None: the rows are the total

    @classmethod
    def of(cls, names: Sequence[str], amounts: Sequence[int] | None = None) -> "SplitState":
        """Add up rows by name, with the contribution of each to the total."""
        rows = Names.bounded(Counter(names))
        if amounts is None:
            return cls(rows)
        total = dict.fromkeys(names, 0)
        for name, amount in zip(names, amounts, strict=True):
            total[name] += amount
        return cls(rows, Names.bounded(total))

    def merge(self, *others: "SplitState") -> "SplitState":
        """Return the state of all parts together: associative and order-free."""
        parts = (self, *others)
        amounts = [part.amounts for part in parts if part.amounts is not None]
        return SplitState(Names.merge(part.rows for part in parts), Names.merge(amounts) if amounts else None)

    def seal(self, key: SplitKey) -> Split:
        """Return the figures."""
        rows = dict(sorted(self.rows.counts.items()))
        counted = Split(key.metric, key.column, key.type, rows, self.rows.overflow, of=key.of)
        if self.amounts is None:
            return counted
        amounts = {name: nearest_double(self.amounts.counts[name]) for name in rows}
        return replace(counted, amounts=amounts, amounts_overflow=nearest_double(self.amounts.overflow))


def split_by(table: Table, known: Iterable[SplitBy]) -> tuple[SplitBy, ...]:
    """Return the columns by which a table's totals are split: its own, and those of its packs.

    Values of personal columns are never named.
    """
    typed = {column.name: SplitBy(column.name, column.type) for column in table.typed if column.type in NAMED}
    others = {by.column: by for by in known if by.column not in {column.name for column in table.typed}}
    personal = {column.name for column in table.columns if column.personal}
    return tuple(by for name, by in {**typed, **others}.items() if name not in personal)


def names_of(values: Column | None, by: SplitBy, rows: int, missing: MissingValues) -> list[str]:
    """Name the value of each of so many rows; if there is none, or the file lacks the column, that too."""
    if values is None or not rows:
        return [NO_NAME] * rows
    found: Any = values.combine_chunks().dictionary_encode()
    names = named(found.dictionary, by, missing)
    return [names[code] for code in found.indices.to_pylist()]


def count_names(counts: Mapping[str, int], by: SplitBy, missing: MissingValues) -> SplitState:
    """Count rows by the names of their values; ``counts`` are the rows by value."""
    rows: Counter[str] = Counter()
    for name, count in zip(named(text_array(list(counts)), by, missing), counts.values(), strict=True):
        rows[name] += count
    return SplitState(Names.bounded(rows))


def named(array: Any, by: SplitBy, missing: MissingValues) -> list[str]:
    """Name the values of an array one by one; values that are missing or have no host share one name."""
    texts = trimmed(look(array)).array
    names = NAMED[by.type](texts)
    return [NO_NAME if text in missing else name for text, name in zip(texts.to_pylist(), names, strict=True)]
