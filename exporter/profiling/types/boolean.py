"""Yes or no in common spellings."""

import re
from collections import Counter
from dataclasses import dataclass, field

import pyarrow.compute as pc

from exporter.model import ColumnFigures
from exporter.profiling.names import Names
from exporter.profiling.shapes import mask
from exporter.profiling.strings import Column, text_array
from exporter.profiling.values import basis
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import Cells, flags_of, read_cells
from exporter.profiling.values.kind import Figure, Reading
from exporter.profiling.values.limits import outside

TRUE = ("true", "t", "yes", "1")
FALSE = ("false", "f", "no", "0")
OTHER = re.compile(  # spellings that are not read, but mean yes or no, so that they may be shown
    r"[01]\.0+|-1|[yn]|on|off|wahr|falsch|ja|nein|vrai|faux|oui|non|verdadero|falso|s[i\u00ed]|vero|ok|\.[tf]\.",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class BooleanState:
    """A column of yes and no."""

    basis: Basis = field(default_factory=Basis)
    true: int = 0
    false: int = 0
    shapes: Names = field(default_factory=Names)  # of values that are neither

    def merge(self, *others: "BooleanState") -> "BooleanState":
        """Merge."""
        parts = (self, *others)
        return BooleanState(
            Basis.merge([part.basis for part in parts]),
            sum(part.true for part in parts),
            sum(part.false for part in parts),
            Names.merge(part.shapes for part in parts),
        )

    def seal(self) -> ColumnFigures:
        """Return the figures."""
        numbers = self.basis.numbers() | {"true_rows": self.true}
        if self.true + self.false:
            numbers["true_ratio"] = self.true / (self.true + self.false)
        return ColumnFigures(Boolean.name, numbers, shapes=dict(sorted(self.shapes.counts.items())))


class Boolean:
    """The type ``boolean``."""

    name = "boolean"
    figures = (
        *basis.FIGURES,
        Figure("true_rows", "Rows whose value is true, t, yes or 1, in upper or lower case."),
        Figure("true_ratio", "Rows whose value is true, as a share of those with true or false."),
    )

    def tally(self, values: Column, reading: Reading) -> BooleanState:
        """Count the values of some rows."""
        cells, missing = read_cells(values, reading.missing)
        lower = pc.ascii_lower(cells.strings.array)
        true = flags_of(pc.is_in(lower, value_set=text_array(TRUE)))
        false = flags_of(pc.is_in(lower, value_set=text_array(FALSE)))
        neither = ~(true | false)
        invalid = neither | outside(cells.strings, reading.column.limits)
        shapes = Names() if reading.column.personal or not neither.any() else _shapes(cells.where(neither))
        return BooleanState(Basis.of(cells, missing, invalid), cells.count(true), cells.count(false), shapes)


def _shapes(cells: Cells) -> Names:
    shapes: Counter[str] = Counter()
    for text, rows in zip(cells.strings.array.to_pylist(), cells.counts.tolist(), strict=True):
        shapes[text if OTHER.fullmatch(text) else mask(text)] += rows
    return Names.bounded(shapes)


TYPE = Boolean()
