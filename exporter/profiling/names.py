"""Counts by name, bounded however many names there are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

BOUND = 1000


@dataclass(frozen=True, slots=True)
class Names:
    """Counts of the ``BOUND`` smallest distinct names; the others' total is in ``overflow``.

    Keeping the *smallest* names (by code point), not the first or the most frequent ones, is what makes
    merging exact: a name among the smallest of all is among the smallest of every part that has it, so no
    part has dropped any of its count, and which names stay does not depend on where the input was cut.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    overflow: int = 0

    @classmethod
    def merge(cls, parts: Iterable[Self]) -> Self:
        """Merge: associative, order-free, with ``Names()`` as its identity."""
        total: Counter[str] = Counter()
        overflow = 0
        for part in parts:
            total.update(part.counts)
            overflow += part.overflow
        return cls.bounded(total, overflow)

    @classmethod
    def bounded(cls, counts: Mapping[str, int], overflow: int = 0) -> Self:
        """Keep what fits the bound; names are sorted only if they do not."""
        if len(counts) <= BOUND:
            return cls(dict(counts), overflow)
        kept = {name: counts[name] for name in sorted(counts)[:BOUND]}
        return cls(kept, overflow + sum(counts.values()) - sum(kept.values()))
