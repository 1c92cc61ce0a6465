"""What the values of a column look like: how many share one value at most, and which are of another kind.

Counting every value of an identifier would cost more than the rest of a file. Values are put into buckets
instead, by their last bytes and length: the fullest one bounds how often a single value occurs,
and is small while identifiers differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from exporter.profiling.strings import Flags, Octets, Strings
from exporter.profiling.values.codes import Counts

WORD = 8  # bytes
BUCKET_BITS = 12
BUCKETS = 1 << BUCKET_BITS
ODD = np.uint64(0x9E3779B97F4A7C15)

VALUES, FULLEST = "values", "fullest"
ADDRESSES, BROWSERS, JSON = "web addresses", "user agents", "JSON"
FORMS: Mapping[str, bytes] = {ADDRESSES: b"http", BROWSERS: b"Moz"}
"""What values of a form begin with."""

FEWEST = len("{}")  # bytes of JSON
INNER = {ord("{"): b'"} \t\n\r', ord("["): b'{["] \t\n\r0123456789-'}  # a second "{" would be a template's


def _letters(wanted: Iterable[int]) -> Flags:
    found = np.zeros(256, np.bool_)
    found[list(wanted)] = True
    return found


_BEGIN = _letters((*(start[0] for start in FORMS.values()), *INNER))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What some values of a column look like; ``Look()`` is that of none."""

    buckets: Counts = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    forms: Mapping[str, int] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Compare the counts."""
        if not isinstance(other, Look):
            return NotImplemented
        return bool(np.array_equal(self.buckets, other.buckets)) and self.seal() == other.seal()

    __hash__ = None  # type: ignore[assignment]  # arrays have none

    @classmethod
    def of(cls, strings: Strings, counts: Counts | None = None) -> "Look":
        """Look at values, each with its rows; empty ones do not count."""
        filled, buckets = strings.lengths > 0, _buckets(strings)
        if counts is None:
            weighed = np.bincount(buckets if filled.all() else buckets[filled], minlength=BUCKETS)
        else:
            weighed = np.zeros(BUCKETS, np.int64)
            np.add.at(weighed, buckets[filled], counts[filled])
        return cls(weighed.astype(np.int64), _forms(strings, counts))

    def merge(self, *others: "Look") -> "Look":
        """Merge: associative and order-free."""
        parts = (self, *others)
        return Look(
            np.sum([part.buckets for part in parts], axis=0, dtype=np.int64),
            {form: sum(part.forms.get(form, 0) for part in parts) for form in (*FORMS, JSON)},
        )

    def seal(self) -> dict[str, int]:
        """Return the rows with a value, those in the fullest bucket, and those of each form, if any."""
        found = {VALUES: int(self.buckets.sum()), FULLEST: int(self.buckets.max()), **self.forms}
        return {name: rows for name, rows in sorted(found.items()) if rows}


def _buckets(strings: Strings) -> Counts:
    """Return each value's bucket."""
    octets, lengths = strings.octets, strings.lengths
    if octets.size < WORD:
        octets = np.append(octets, np.zeros(WORD, np.uint8))
    words = np.ndarray((octets.size - WORD + 1,), "<u8", octets, strides=(1,))
    places = strings.ends - np.int32(WORD)
    lost = places < 0
    last = words[np.maximum(places, 0) if lost.any() else places]  # take would copy all words
    short = lengths < WORD
    if short.any():  # the bytes before a short value are another's
        last[short] >>= np.uint64(8) * (WORD - np.maximum(lengths[short], 1)).astype(np.uint64)
        for row in np.flatnonzero(lost & (lengths > 0)).tolist():
            last[row] = _word(octets, int(strings.starts[row]), int(strings.ends[row]))
    last += lengths.astype(np.uint64)
    last *= ODD
    found: Counts = (last >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
    return found


def _word(octets: Octets, start: int, end: int) -> int:
    return int.from_bytes(octets[start:end].tobytes(), "little")


def _forms(strings: Strings, counts: Counts | None) -> dict[str, int]:
    """Count values of each form by their first bytes."""
    some = np.flatnonzero(_BEGIN.take(strings.first()) & (strings.lengths >= FEWEST))
    if some.size == 0:
        return {}
    first, *rest = (
        strings.octets.take(strings.starts[some] + np.int32(place), mode="clip") for place in range(4)
    )
    flags: dict[str, Flags] = {}
    for form, start in FORMS.items():
        flags[form] = (first == start[0]) & (strings.lengths[some] > len(start))
        for octets, wanted in zip(rest, start[1:], strict=False):
            flags[form] &= octets == wanted
    flags[JSON] = np.zeros(some.size, np.bool_)
    for begin, inner in INNER.items():
        flags[JSON] |= (first == begin) & _letters(inner).take(rest[0])
    rows = np.ones(some.size, np.int64) if counts is None else counts[some]
    return {form: total for form, found in flags.items() if (total := int(rows[found].sum()))}
