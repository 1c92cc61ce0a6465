"""Which values are outside the limits that a contract sets."""

import re

import numpy as np
import pyarrow.compute as pc

from exporter.feed import Limits
from exporter.profiling.strings import Flags, Strings, text_array
from exporter.profiling.values.cells import flags_of
from exporter.profiling.values.sums import Doubles
from exporter.profiling.window import FIRST_BEYOND_ASCII


def outside(strings: Strings, limits: Limits) -> Flags:
    """Flag the values that the limits on texts leave out: those on values, pattern and length."""
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
    """Return how many characters each value has."""
    lengths = strings.lengths
    if (
        lengths.size == 0
        or strings.octets[strings.starts[0] : strings.ends[-1]].max(initial=0) < FIRST_BEYOND_ASCII
    ):
        return lengths
    counted = pc.utf8_length(strings.array)
    return np.frombuffer(counted.buffers()[1], np.int32, len(counted), counted.offset * 4)


def is_ascii(strings: Strings) -> bool:
    """Tell whether no value has a byte beyond ASCII."""
    octets = strings.octets[strings.starts[0] : strings.ends[-1]]
    return bool(octets.max(initial=0) < FIRST_BEYOND_ASCII)


def matches(strings: Strings, pattern: str) -> Flags:
    """Flag the values that match as a whole, as Python's ``re`` reads the pattern."""
    match = re.compile(pattern).fullmatch
    return np.fromiter(
        (match(text) is not None for text in strings.array.to_pylist()), np.bool_, strings.starts.size
    )
