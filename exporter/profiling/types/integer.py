"""Whole numbers, also as ``3.0``, which pandas writes if others are missing."""

from exporter.profiling.strings import Column
from exporter.profiling.values import numbers
from exporter.profiling.values.kind import Reading
from exporter.profiling.values.numbers import NumberState, tally_numbers


class Integer:
    """The type ``integer``."""

    name = "integer"
    figures = numbers.FIGURES

    def tally(self, values: Column, reading: Reading) -> NumberState:
        """Count the numbers of some rows."""
        return tally_numbers(values, reading, self.name, whole=True)


TYPE = Integer()
