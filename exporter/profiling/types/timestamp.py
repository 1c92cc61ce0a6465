"""Instants: RFC 3339 and the other spellings of ``rfc3339``, or the column's own format."""

from exporter.profiling.strings import Column
from exporter.profiling.values import moments
from exporter.profiling.values.kind import Reading
from exporter.profiling.values.moments import MomentState, tally_moments, timestamps


class Timestamp:
    """The type ``timestamp``."""

    name = "timestamp"
    figures = moments.FIGURES

    def tally(self, values: Column, reading: Reading) -> MomentState:
        """Count the timestamps of some rows; one without an offset is in the day's timezone."""
        spelling = timestamps(reading.column.format, reading.day.zone)
        return tally_moments(values, reading, self.name, spelling)


TYPE = Timestamp()
