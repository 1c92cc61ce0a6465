"""Calendar dates: RFC 3339's full-date, or the column's own format."""

from exporter.profiling.strings import Column
from exporter.profiling.values import moments
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.kind import Reading
from exporter.profiling.values.moments import MomentState, dates, start_of_day, tally_moments


class Date:
    """The type ``date``."""

    name = "date"
    figures = moments.FIGURES

    def tally(self, values: Column, reading: Reading) -> MomentState:
        """Count the dates of some rows; a time after them, if the format has one, is ignored."""
        return start_of_day(tally_moments(values, reading, self.name, dates(reading.column.format)))

    def absent(self, rows: int) -> MomentState:
        """Count rows of a file without the column."""
        return MomentState(self.name, Basis(rows=rows, missing=rows))


TYPE = Date()
