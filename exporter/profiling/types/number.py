"""Numbers in plain decimal notation, with or without an exponent."""

from exporter.profiling.strings import Column
from exporter.profiling.values import numbers
from exporter.profiling.values.kind import Reading
from exporter.profiling.values.numbers import NumberState, tally_numbers


class Number:
    """The type ``number``."""

    name = "number"
    figures = numbers.FIGURES

    def tally(self, values: Column, reading: Reading) -> NumberState:
        """Count the numbers of some rows."""
        return tally_numbers(values, reading, self.name)


TYPE = Number()
