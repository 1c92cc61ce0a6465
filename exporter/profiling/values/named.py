"""Columns with few enough values, or names in them, to be counted by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc

from exporter.model import ColumnFigures
from exporter.profiling import names
from exporter.profiling.names import Names
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import Cells, count_again


@dataclass(frozen=True, slots=True)
class NamedState:
    """A column of names."""

    type: str
    basis: Basis = field(default_factory=Basis)
    names: Names = field(default_factory=Names)
    counts: Mapping[str, int] = field(default_factory=dict)  # additional sums, by figure

    def merge(self, *others: "NamedState") -> "NamedState":
        """Merge."""
        parts = (self, *others)
        figures = {figure for part in parts for figure in part.counts}
        return NamedState(
            self.type,
            Basis.merge([part.basis for part in parts]),
            Names.merge(part.names for part in parts),
            {figure: sum(part.counts.get(figure, 0) for part in parts) for figure in figures},
        )

    def seal(self) -> ColumnFigures:
        """Return the figures."""
        numbers = self.basis.numbers() | {figure: float(count) for figure, count in self.counts.items()}
        values = dict(sorted(self.names.counts.items()))
        return ColumnFigures(self.type, numbers, values, self.names.overflow)


def count_names(cells: Cells, *, personal: bool = False) -> Names:
    """Count rows by value. If there are too many values, only those that are kept become texts.

    Arrow orders strings by their bytes, which in UTF-8 is by code point, as Python does.
    """
    if personal:
        return Names()
    once = count_again(cells)
    array: Any = once.strings.array
    counts = once.counts
    if len(array) > names.BOUND:
        kept: Any = pc.select_k_unstable(array, names.BOUND, [("", "ascending")])
        array = array.take(kept)
        counts = counts[np.frombuffer(kept.buffers()[1], np.uint64, len(kept)).astype(np.intp)]
    return Names(dict(zip(array.to_pylist(), counts.tolist(), strict=True)), cells.rows - int(counts.sum()))
