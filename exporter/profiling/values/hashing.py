"""64 bits for every value of a column, all at once."""

import numpy as np
import xxhash

from exporter.profiling.strings import Strings

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

WORD = 8  # bytes that are taken in together
LONG = 256  # bytes, beyond which values are taken one by one
START = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
ALL = np.uint64(2**64 - 1)


def hash_strings(strings: Strings) -> Hashes:
    """Return a hash by value, which depends on its bytes alone.

    Eight bytes at a time are added and mixed (David Stafford's mix 13, the finalizer of SplitMix64), which is
    one to one: two values of up to eight bytes and one length never collide.
    """
    lengths = strings.lengths
    hashes: Hashes = mix(lengths.astype(np.uint64) * START)
    if lengths.size == 0:
        return hashes
    first, end = int(strings.starts[0]), int(strings.ends[-1])
    padded = np.zeros(end - first + WORD, np.uint8)
    padded[:-WORD] = strings.octets[first:end]
    words = np.ndarray((padded.size - WORD + 1,), "<u8", padded, strides=(1,))
    starts = strings.starts.astype(np.intp) - first
    shortest, longest = int(lengths.min()), int(lengths.max())
    for done in range(0, min(longest, LONG), WORD):
        if shortest >= done + WORD and longest <= LONG:
            hashes = mix(hashes + words[starts + done])
            continue
        rows = np.flatnonzero((lengths > done) & (lengths <= LONG))
        left = np.minimum(lengths[rows] - done, WORD)
        taken = words[starts[rows] + done] & (ALL >> ((WORD - left) * WORD).astype(np.uint64))
        hashes[rows] = mix(hashes[rows] + taken)
    if longest > LONG:
        view = memoryview(padded.data)
        for row in np.flatnonzero(lengths > LONG).tolist():
            start = int(starts[row])
            hashes[row] = xxhash.xxh3_64_intdigest(view[start : start + int(lengths[row])])
    return hashes


def mix(hashes: Hashes) -> Hashes:
    """Let every bit depend on every other; changes what it is given."""
    hashes ^= hashes >> SHIFTS[0]
    hashes *= FIRST
    hashes ^= hashes >> SHIFTS[1]
    hashes *= SECOND
    hashes ^= hashes >> SHIFTS[2]
    return hashes


def unique(hashes: Hashes) -> Hashes:
    """Return the distinct ones in order."""
    ordered = np.sort(hashes)
    fresh = np.empty(ordered.size, np.bool_)
    fresh[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return ordered if fresh.all() else ordered[fresh]
