"""Which columns identify a row: the smallest combination without duplicates on any day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow.compute as pc

from exporter.sniff.reading import Texts

MOST_TRIED = 200
MOST_COLUMNS = 3
KEPT = 60  # combinations unique in the first file that are tried on the others
KEPT_OF_MANY_ROWS = 6
MANY_ROWS = 200_000
LEAST_ROWS = 20  # rows of a file; with fewer, anything is unique by chance


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible column of the key; lower ranks are likelier. ``names``: it identifies rows, by its name."""

    name: str
    rank: int
    names: bool


def find_keys(columns: dict[str, Texts], candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """Return combinations that are unique in these rows, smallest and likeliest first.

    One of their columns must identify something: a time and a colour are unique only by chance.
    """
    coded = {one.name: _codes(columns[one.name]) for one in candidates}
    rows = next((len(codes) for codes, _ in coded.values()), 0)
    if rows < LEAST_ROWS:
        return []
    found: list[tuple[str, ...]] = []
    tried = 0
    for names in _ranked([one for one in candidates if coded[one.name][1] > 1]):
        if any(set(smaller) <= set(names) for smaller in found):
            found.append(names)  # for days on which the smaller one is not sufficient
        elif np.prod([float(coded[name][1]) for name in names]) >= rows:
            tried += 1
            if _is_unique([coded[name] for name in names], rows):
                found.append(names)
        if tried >= MOST_TRIED or len(found) >= (KEPT if rows < MANY_ROWS else KEPT_OF_MANY_ROWS):
            break
    return found


def is_key(columns: dict[str, Texts], names: Sequence[str]) -> bool:
    """Return whether no two rows have the same values in these columns; ``False`` if one is missing."""
    if any(name not in columns for name in names):
        return False
    coded = [_codes(columns[name]) for name in names]
    return _is_unique(coded, len(coded[0][0]))


def _ranked(candidates: Sequence[Candidate]) -> Iterator[tuple[str, ...]]:
    for size in range(1, MOST_COLUMNS + 1):
        some = [chosen for chosen in combinations(candidates, size) if any(one.names for one in chosen)]
        for chosen in sorted(some, key=lambda chosen: sum(one.rank for one in chosen)):
            yield tuple(one.name for one in chosen)


Codes = tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", int]


def _codes(texts: Texts) -> Codes:
    """Return each row's value as a number, and the number of values."""
    encoded = pc.utf8_trim_whitespace(texts).combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), len(encoded.dictionary)


def _is_unique(coded: Sequence[Codes], rows: int) -> bool:
    joined, values = coded[0]
    for codes, count in coded[1:]:
        joined, values = _dense(joined * count + codes)
    return values == rows


def _dense(codes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Codes:
    """Return the values renumbered, so that further products stay small."""
    values, numbered = np.unique(codes, return_inverse=True)
    return numbered.astype(np.int64), len(values)
