"""Ids that are counted exactly, separately from all other counts, by ranges of their hashes.

They are the only part of a tally that grows with the file. Split by their hashes they can be counted in
several processes, each holding only its share.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from exporter.profiling.values.hashing import unique

Ids = np.ndarray[tuple[int], np.dtype[Any]]
"""Hashes in order and without repeats: of 64 bits, or of 16 bytes as ``DIGESTS``."""

DIGESTS = np.dtype("S16")
MOST_SHARES = 256  # shares are determined by a hash's first byte


def from_digests(digests: frozenset[bytes]) -> Ids:
    """Return digests of 16 bytes in order."""
    return np.sort(np.fromiter(digests, DIGESTS, len(digests)))


def unite(parts: Sequence[Ids]) -> Ids:
    """Return the distinct ids of all parts."""
    if not parts:
        return np.zeros(0, np.uint64)
    return parts[0] if len(parts) == 1 else unique(np.concatenate(parts))


def share(ids: Ids, number: int, shares: int) -> Ids:
    """Return the ``number``-th of some shares, determined by the hashes: equal ids are in the same share."""
    first = _first_bytes(ids)
    start, stop = (-(-MOST_SHARES * bound // shares) for bound in (number, number + 1))
    return ids[np.searchsorted(first, start) : np.searchsorted(first, stop)]


def _first_bytes(ids: Ids) -> np.ndarray[tuple[int], np.dtype[Any]]:
    if ids.dtype == np.uint64:
        return ids >> np.uint64(56)
    return np.ascontiguousarray(ids).view(np.uint8)[:: ids.dtype.itemsize].astype(np.uint16)
