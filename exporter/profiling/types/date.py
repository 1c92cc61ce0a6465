"""Calendar dates: RFC 3339's full-date, or the column's own format."""

from exporter.profiling.strings import Column
from exporter.profiling.values import moments
from exporter.profiling.values.kind import Reading
from exporter.profiling.values.moments import MomentState, dates, start_of_day, tally_moments


class Date:
    """The type ``date``."""

    name = "date"
    figures = moments.FIGURES

    def tally(self, values: Column, reading: Reading) -> MomentState:
        """Count the dates of some rows; a time after them, if the format has one, is ignored."""
        return start_of_day(tally_moments(values, reading, self.name, dates(reading.column.format)))


TYPE = Date()
