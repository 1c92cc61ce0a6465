"""Texts with few distinct values: rows by value."""

from exporter.profiling.strings import Column
from exporter.profiling.values import basis
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import read_cells
from exporter.profiling.values.kind import Reading
from exporter.profiling.values.limits import outside
from exporter.profiling.values.named import NamedState, count_names


class Category:
    """The type ``category``."""

    name = "category"
    figures = basis.FIGURES

    def tally(self, values: Column, reading: Reading) -> NamedState:
        """Count the values of some rows; those of a personal column are not named."""
        cells, missing = read_cells(values, reading.missing)
        return NamedState(
            self.name,
            Basis.of(cells, missing, outside(cells.strings, reading.column.limits)),
            count_names(cells, personal=reading.column.personal),
        )


TYPE = Category()
