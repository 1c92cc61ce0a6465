"""Ids that are counted exactly, apart from all else that is counted: by ranges of their hashes.

They are the one thing in a tally that grows with the file. Cut by their hashes they can be counted in several
processes, none of which ever holds more than its share.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from exporter.profiling.values.hashing import unique

Ids = np.ndarray[tuple[int], np.dtype[Any]]
"""Hashes in order and without repeats: of 64 bits, or of 16 bytes as ``DIGESTS``."""

DIGESTS = np.dtype("S16")
MOST_SHARES = 256  # shares are told by a hash's first byte


def from_digests(digests: frozenset[bytes]) -> Ids:
    """Return digests of 16 bytes in order."""
    return np.sort(np.fromiter(digests, DIGESTS, len(digests)))


def unite(parts: Sequence[Ids]) -> Ids:
    """Return the distinct ones of all parts; of no part at all none."""
    if not parts:
        return np.zeros(0, np.uint64)
    return parts[0] if len(parts) == 1 else unique(np.concatenate(parts))


def share(ids: Ids, number: int, shares: int) -> Ids:
    """Return the ``number``-th of so many shares, told by the hashes alone: equal ids are in equal shares."""
    first = _first_bytes(ids)
    start, stop = (-(-MOST_SHARES * bound // shares) for bound in (number, number + 1))
    return ids[np.searchsorted(first, start) : np.searchsorted(first, stop)]


def _first_bytes(ids: Ids) -> np.ndarray[tuple[int], np.dtype[Any]]:
    if ids.dtype == np.uint64:
        return ids >> np.uint64(56)
    return np.ascontiguousarray(ids).view(np.uint8)[:: ids.dtype.itemsize].astype(np.uint16)
