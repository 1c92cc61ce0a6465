"""Rows that repeat another row's key, of one or more columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from exporter.profiling.ids import Ids, unite
from exporter.profiling.missing import MissingValues
from exporter.profiling.strings import Column, Flags
from exporter.profiling.values.cells import missing_flags, trimmed
from exporter.profiling.values.codes import Coded, code
from exporter.profiling.values.hashing import Hashes, hash_strings, mix, unique

BOUND = 5_000_000  # distinct keys that are counted, in 8 bytes each
TOGETHER = 1 << 20  # hashes merged at a time: more would take memory and save little
NEXT = np.uint64(0xD6E8FEB86659FD93)

Runs = tuple[Hashes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class KeyState:
    """The keys of some rows, as hashes of 64 bits; ``KeyState()`` is that of no rows.

    With 5,000,000 keys, one file in 1.5 million has a collision, which counts as one duplicate too many.
    Hashes are kept in sorted runs without repeats, each at least twice as long as the next:
    so every hash is merged only a few times, however many parts there are.
    """

    rows: int = 0  # with a whole key
    runs: Runs | None = ()  # None: more than are counted
    distinct: int | None = None  # if they were counted elsewhere

    def merge(self, *others: "KeyState") -> "KeyState":
        """Merge: associative and order-free in ``duplicates``."""
        parts = (self, *others)
        rows = sum(part.rows for part in parts)
        runs: list[Hashes] = []
        for part in parts:
            if part.runs is None:
                return KeyState(rows, None)
            runs += part.runs
        settled = _settle(runs)
        return KeyState(rows, None if any(run.size > BOUND for run in settled) else settled)

    def duplicates(self) -> int | None:
        """Count the rows whose key an earlier row has; ``None`` if there are too many keys."""
        if self.runs is None:
            return None
        if self.distinct is not None:
            return self.rows - self.distinct if self.distinct <= BOUND else None
        distinct = unique(np.concatenate(self.runs)).size if self.runs else 0
        return self.rows - distinct if distinct <= BOUND else None

    def detach(self) -> tuple["KeyState", Ids | None]:
        """Return the state without its hashes, and the hashes; ``None`` if there are too many."""
        if self.runs is None:
            return self, None
        return KeyState(self.rows), unite(self.runs)

    def counted(self, distinct: int) -> "KeyState":
        """Return the state of the total, whose hashes were detached and counted elsewhere."""
        return replace(self, distinct=distinct)


def tally_keys(columns: Sequence[Column | Coded], missing: MissingValues) -> KeyState:
    """Count the keys of some rows: the trimmed values of one or more columns.

    A row without a part of its key has none.
    """
    hashes: Hashes | None = None
    absent: Flags | None = None
    for column in columns:
        coded = column if isinstance(column, Coded) else code(column)
        strings = trimmed(coded.strings)
        part = coded.spread(hash_strings(strings))
        hashes = part if hashes is None else mix(hashes * NEXT + part)
        lacking = missing_flags(strings, missing)
        if lacking.any():
            rows = coded.spread(lacking)
            absent = rows if absent is None else absent | rows
    if hashes is None:
        return KeyState()
    whole = hashes if absent is None else hashes[~absent]
    return KeyState(whole.size, (unique(whole),) if whole.size else ())


def _settle(runs: list[Hashes]) -> Runs:
    """Merge runs until each is at least twice as long as the next, several short ones at a time."""
    meeting: list[list[Hashes]] = []
    sizes: list[int] = []
    for run in sorted(runs, key=len, reverse=True):
        meeting.append([run])
        sizes.append(run.size)
        while len(sizes) > 1 and sizes[-2] < 2 * sizes[-1]:
            sizes[-2:] = [sizes[-2] + sizes[-1]]
            meeting[-2:] = [meeting[-2] + meeting[-1]]
            if sizes[-1] > TOGETHER:
                meeting[-1] = [_unite(meeting[-1])]
                sizes[-1] = meeting[-1][0].size
    return tuple(map(_unite, meeting))


def _unite(runs: list[Hashes]) -> Hashes:
    return runs[0] if len(runs) == 1 else unique(np.concatenate(runs))
