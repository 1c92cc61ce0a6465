"""Sums that are exact in any order: doubles as integer multiples of the smallest double."""

import sys

SCALE = 1074  # every finite double is an integer multiple of 2**-1074


def exact(value: float) -> int:
    """Return a finite double as an integer multiple of 2**-1074."""
    numerator, denominator = value.as_integer_ratio()
    return numerator << (SCALE + 1 - denominator.bit_length())


def nearest_double(units: int, parts: int = 1) -> float:
    """Return the double nearest to a fraction of ``total`` times 2**-1074, the largest one on overflow."""
    try:
        return units / (parts << SCALE)  # rounded once, to nearest even
    except OverflowError:
        return sys.float_info.max if units > 0 else -sys.float_info.max
