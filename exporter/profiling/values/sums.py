"""Sums of doubles without any error, all at once."""

import numpy as np

from exporter.profiling.exact import SCALE
from exporter.profiling.values.codes import Counts

Doubles = np.ndarray[tuple[int], np.dtype[np.float64]]

LARGEST = 2.0**53  # whole doubles below it are exact, and so are their sums
HALF = 26  # bits of the lower half of a significand
MANY = 1 << 26  # rows, from which on sums of halves could be rounded
PIECE = 20  # bits of a count that are taken together


def exact_sum(values: Doubles, counts: Counts) -> int:
    """Return the sum of finite values, each as often as counted, in units of 2**-1074."""
    rows = int(counts.sum())
    if rows == 0:
        return 0
    largest = max(abs(float(values.min())), abs(float(values.max())))
    if largest * rows < LARGEST and (values == np.rint(values)).all():
        return int((values.astype(np.int64) * counts).sum()) << SCALE
    if rows >= MANY:
        if int(counts.max()) < MANY >> 1 and values.size > 1:
            middle = values.size // 2
            return exact_sum(values[:middle], counts[:middle]) + exact_sum(values[middle:], counts[middle:])
        low = counts & ((1 << PIECE) - 1)
        return exact_sum(values, low) + (exact_sum(values, counts >> PIECE) << PIECE)
    return _sum_by_exponent(values, counts)


def _sum_by_exponent(values: Doubles, counts: Counts) -> int:
    """Add up significands, halved so that doubles hold the sums, by their exponent."""
    bits = np.ascontiguousarray(values).view(np.int64)
    exponents = (bits >> 52) & 0x7FF
    significands = (bits & ((1 << 52) - 1)) | ((exponents > 0).astype(np.int64) << 52)
    times = np.where(bits < 0, -counts, counts)
    low = np.bincount(exponents, (significands & ((1 << HALF) - 1)) * times)
    high = np.bincount(exponents, (significands >> HALF) * times)
    total = 0
    for exponent in np.flatnonzero((low != 0) | (high != 0)).tolist():
        total += ((int(high[exponent]) << HALF) + int(low[exponent])) << max(exponent - 1, 0)
    return total
