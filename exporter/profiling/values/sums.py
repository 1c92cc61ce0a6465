"""Exact sums of doubles, vectorised."""

import math

import numpy as np

from exporter.profiling.exact import SCALE, exact
from exporter.profiling.values.codes import Codes, Counts

Doubles = np.ndarray[tuple[int], np.dtype[np.float64]]

LARGEST = 2.0**53  # integers below this are exact as doubles, and so are their sums
HALF = 26  # bits of the lower half of a significand
MANY = 1 << 26  # rows above which sums of halves could be rounded
SIGNIFICAND = 53  # bits of one
FAR = 900  # exponents between which nothing overflows or loses bits
PIECE = 20  # bits of a count per step


def exact_sum(values: Doubles, counts: Counts) -> int:
    """Return the sum of finite values, weighted by their counts, in units of 2**-1074."""
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
    """Sum significands by exponent, in halves so that doubles can hold the sums."""
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


def exact_sums(values: Doubles, groups: Codes, count: int) -> list[int]:
    """Return the sums of finite values by group, in units of 2**-1074."""
    if values.size == 0:
        return [0] * count
    if values.size >= MANY:
        middle = values.size // 2
        first = exact_sums(values[:middle], groups[:middle], count)
        second = exact_sums(values[middle:], groups[middle:], count)
        return [sum(pair) for pair in zip(first, second, strict=True)]
    largest = max(abs(float(values.min())), abs(float(values.max())))
    if largest * values.size < LARGEST and (values == np.rint(values)).all():
        return [int(total) << SCALE for total in np.bincount(groups, values, count).tolist()]
    step = _step(values, largest)
    if step is None:
        return _sums_by_exponent(values, groups, count)
    high = np.rint(values / step) * step
    sums = (np.bincount(groups, part, count).tolist() for part in (high, values - high))
    return [exact(first) + exact(second) for first, second in zip(*sums, strict=True)]


def _step(values: Doubles, largest: float) -> float | None:
    """Return a power of two such that doubles sum exactly its multiples in values, and the remainders.

    ``None`` if there is none, because the smallest and largest value are too far apart.
    """
    least = float(np.abs(values[values != 0]).min())
    top, bottom, bits = math.frexp(largest)[1], math.frexp(least)[1], int(values.size).bit_length()
    exponent = top + bits - SIGNIFICAND
    if bits + exponent - 1 > bottom or not -FAR < exponent < FAR or bottom < -FAR:
        return None
    return math.ldexp(1.0, exponent)


def _sums_by_exponent(values: Doubles, groups: Codes, count: int) -> list[int]:
    """Sum halves of significands by exponent and group, like ``_sum_by_exponent``."""
    bits = np.ascontiguousarray(values).view(np.int64)
    exponents = (bits >> 52) & 0x7FF
    significands = (bits & ((1 << 52) - 1)) | ((exponents > 0).astype(np.int64) << 52)
    signs = np.where(bits < 0, -1, 1)
    known, places = np.unique(exponents, return_inverse=True)
    cells = places * count + groups
    size = count * known.size
    low = np.bincount(cells, (significands & ((1 << HALF) - 1)) * signs, size)
    high = np.bincount(cells, (significands >> HALF) * signs, size)
    totals = [0] * count
    for cell in np.flatnonzero((low != 0) | (high != 0)).tolist():
        exponent, group = int(known[cell // count]), cell % count
        totals[group] += ((int(high[cell]) << HALF) + int(low[cell])) << max(exponent - 1, 0)
    return totals
