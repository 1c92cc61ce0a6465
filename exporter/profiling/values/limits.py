"""Which values are outside a contract's limits."""

import numpy as np
import pyarrow.compute as pc

from exporter.feed import Limits
from exporter.profiling.strings import Flags, Strings, text_array
from exporter.profiling.values.cells import flags_of, is_ascii
from exporter.profiling.values.patterns import matches
from exporter.profiling.values.sums import Doubles


def outside(strings: Strings, limits: Limits) -> Flags:
    """Flag the values outside the limits on texts: values, pattern and length."""
    flags: Flags = np.zeros(strings.starts.size, np.bool_)
    if limits.values is not None:
        flags |= ~flags_of(
            pc.is_in(strings.array, value_set=text_array([text.strip() for text in limits.values]))
        )
    if limits.shortest is not None:
        flags |= characters(strings) < limits.shortest
    if limits.longest is not None:
        flags |= characters(strings) > limits.longest
    if limits.pattern is not None:
        flags |= ~matches(strings, limits.pattern)
    return flags


def outside_range(numbers: Doubles, limits: Limits) -> Flags:
    """Flag the numbers below the minimum or above the maximum."""
    flags: Flags = np.zeros(numbers.size, np.bool_)
    if limits.minimum is not None:
        flags |= numbers < limits.minimum
    if limits.maximum is not None:
        flags |= numbers > limits.maximum
    return flags


def characters(strings: Strings) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Return each value's length in characters."""
    lengths = strings.lengths
    if is_ascii(strings):
        return lengths
    counted = pc.utf8_length(strings.array)
    return np.frombuffer(counted.buffers()[1], np.int32, len(counted), counted.offset * 4)
