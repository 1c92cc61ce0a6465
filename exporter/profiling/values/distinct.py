"""The number of distinct values: exact while they are few, then approximate, in little memory."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from exporter.profiling.values.hashing import Hashes, unique

BOUND = 100_000  # distinct values counted exactly
INDEX_BITS = 14
REGISTERS = 1 << INDEX_BITS
RANK_BITS = 64 - INDEX_BITS
ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)

Registers = np.ndarray[tuple[int], np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class Distinct:
    """The hashes of all values, or beyond ``BOUND`` the HyperLogLog registers derived from them.

    A part beyond the bound puts the total beyond it, and registers of a union are the larger ones: how
    values were split into parts does not matter.
    """

    hashes: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))  # in order
    registers: Registers | None = None

    @classmethod
    def of(cls, hashes: Hashes) -> "Distinct":
        """Collect hashes, which may repeat."""
        return cls._bounded(unique(hashes))

    @classmethod
    def merge(cls, parts: Sequence["Distinct"]) -> "Distinct":
        """Merge: associative, order-free, with ``Distinct()`` as its identity."""
        known = [part.registers for part in parts if part.registers is not None]
        some = [part.hashes for part in parts if part.hashes.size]
        if known:
            return cls(registers=np.maximum.reduce([*known, *map(_registers, some)]))
        if len(some) <= 1:
            return cls(some[0]) if some else cls()
        return cls._bounded(unique(np.concatenate(some)))

    @classmethod
    def _bounded(cls, hashes: Hashes) -> "Distinct":
        return cls(hashes) if hashes.size <= BOUND else cls(registers=_registers(hashes))

    @property
    def is_exact(self) -> bool:
        """Whether ``count`` is exact."""
        return self.registers is None

    @property
    def count(self) -> int:
        """The number of distinct values; beyond ``BOUND`` with a standard error of 0.8%.

        P. Flajolet et al., HyperLogLog (2007). Its correction for small counts is not needed: they are exact.
        """
        if self.registers is None:
            return self.hashes.size
        ranks = np.bincount(self.registers)
        inverse = math.fsum(int(count) * 2.0**-rank for rank, count in enumerate(ranks))
        return max(BOUND + 1, round(ALPHA * REGISTERS * REGISTERS / inverse))


def _registers(hashes: Hashes) -> Registers:
    """Return, by the first bits of a hash, the highest position of the lowest set bit in the rest."""
    rest = (hashes & np.uint64((1 << RANK_BITS) - 1)) | np.uint64(1 << RANK_BITS)
    lowest = (rest & (~rest + np.uint64(1))).astype(np.float64)  # a power of two, so this is exact
    registers: Registers = np.zeros(REGISTERS, np.uint8)
    ranks = ((lowest.view(np.int64) >> 52) - 1022).astype(np.uint8)
    np.maximum.at(registers, (hashes >> np.uint64(RANK_BITS)).astype(np.intp), ranks)
    return registers
