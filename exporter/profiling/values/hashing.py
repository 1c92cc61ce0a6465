"""64-bit hashes of a column's values, vectorised."""

from dataclasses import dataclass

import numpy as np
import xxhash

from exporter.profiling.strings import Flags, Octets, Places, Strings
from exporter.profiling.values.cells import octets_of

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

WORD = 8  # bytes per step
LONG = 1024  # bytes, above which values are hashed one by one
START = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
MASKS = np.array([(1 << 8 * octets) - 1 for octets in range(WORD + 1)], np.uint64)


@dataclass(frozen=True, slots=True)
class Words:
    """Values as words of eight bytes, the last one padded with zeros."""

    words: Hashes  # words starting at each byte
    starts: Rows
    lengths: Places  # bytes
    together: bool = True  # each value begins where the previous one ends

    def at(self, done: int) -> Hashes:
        """Return the next word of every value after its first bytes, all of which are longer."""
        shortest, longest = int(self.lengths.min()), int(self.lengths.max())
        alike = self.together and shortest == longest
        words = self.words[done::longest][: self.lengths.size] if alike else self.words[self.starts + done]
        return words if shortest >= done + WORD else words & _mask(self.lengths - done)

    def where(self, flags: Flags) -> "Words":
        """Return the flagged values."""
        return Words(self.words, self.starts[flags], self.lengths[flags], together=False)


def hash_strings(strings: Strings) -> Hashes:
    """Return each value's hash, which depends only on its bytes.

    Eight bytes at a time are added and mixed (David Stafford's mix 13, the finalizer of SplitMix64), which is
    bijective: two values of up to eight bytes and one length never collide.
    """
    lengths = strings.lengths
    hashes: Hashes = mix(lengths.astype(np.uint64) * START)
    if lengths.size == 0:
        return hashes
    octets = np.append(octets_of(strings), np.zeros(WORD, np.uint8))
    words = np.ndarray((octets.size - WORD + 1,), "<u8", octets, strides=(1,))
    values = Words(words, strings.starts.astype(np.intp) - strings.starts[0], lengths)
    shortest, longest = int(lengths.min()), int(lengths.max())
    for done in range(0, min(longest, LONG), WORD):
        if shortest > done and longest <= LONG:
            hashes += values.at(done)
            mix(hashes)
        else:
            some = (lengths > done) & (lengths <= LONG)
            if some.any():
                hashes[some] = mix(hashes[some] + values.where(some).at(done))
    if longest > LONG:
        _hash_long(octets, values, hashes)
    return hashes


def _mask(octets: Places) -> Hashes:
    return MASKS.take(octets, mode="clip")


def _hash_long(octets: Octets, values: Words, hashes: Hashes) -> None:
    """Hash long values one by one."""
    view = memoryview(octets.data)
    for row in np.flatnonzero(values.lengths > LONG).tolist():
        start = int(values.starts[row])
        hashes[row] = xxhash.xxh3_64_intdigest(view[start : start + int(values.lengths[row])])


def mix(hashes: Hashes) -> Hashes:
    """Mix bits so that each depends on every other, in place."""
    hashes ^= hashes >> SHIFTS[0]
    hashes *= FIRST
    hashes ^= hashes >> SHIFTS[1]
    hashes *= SECOND
    hashes ^= hashes >> SHIFTS[2]
    return hashes


def unique(hashes: Hashes) -> Hashes:
    """Return the distinct values in order."""
    ordered = np.sort(hashes)
    fresh = np.empty(ordered.size, np.bool_)
    fresh[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return ordered if fresh.all() else ordered[fresh]
