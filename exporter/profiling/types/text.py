"""Any text."""

from dataclasses import dataclass, field

from exporter.model import ColumnFigures
from exporter.profiling.strings import Column
from exporter.profiling.values import basis
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import read_cells
from exporter.profiling.values.kind import Figure, Reading
from exporter.profiling.values.limits import characters, outside


@dataclass(frozen=True, slots=True)
class TextState:
    """A column of texts."""

    basis: Basis = field(default_factory=Basis)
    shortest: int | None = None  # characters
    longest: int | None = None

    def merge(self, *others: "TextState") -> "TextState":
        """Merge."""
        parts = (self, *others)
        return TextState(
            Basis.merge([part.basis for part in parts]),
            min((part.shortest for part in parts if part.shortest is not None), default=None),
            max((part.longest for part in parts if part.longest is not None), default=None),
        )

    def seal(self) -> ColumnFigures:
        """Return the figures."""
        numbers = self.basis.numbers()
        if self.shortest is not None and self.longest is not None:
            numbers |= {"shortest_characters": self.shortest, "longest_characters": self.longest}
        return ColumnFigures(Text.name, numbers)


class Text:
    """The type ``text``."""

    name = "text"
    figures = (
        *basis.FIGURES,
        Figure(
            "shortest_characters",
            "The length of the shortest value in characters, without surrounding white space.",
        ),
        Figure(
            "longest_characters",
            "The length of the longest value in characters, without surrounding white space.",
        ),
    )

    def tally(self, values: Column, reading: Reading) -> TextState:
        """Count the texts of some rows."""
        cells, missing = read_cells(values, reading.missing)
        lengths = characters(cells.strings)
        return TextState(
            Basis.of(cells, missing, outside(cells.strings, reading.column.limits)),
            int(lengths.min()) if lengths.size else None,
            int(lengths.max()) if lengths.size else None,
        )


TYPE = Text()
