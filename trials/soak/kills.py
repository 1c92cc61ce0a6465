"""Which program is killed when: drawn from a seed, spread over the run, never two in quick succession."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

FROM, UNTIL = 0.04, 0.92  # of the run: starts when all programs are up, early enough for the last messages
EXPORTER_UNTIL = 0.55  # then the exporter is left alone, so that its memory can be followed
DOWN = (0.3, 2.0)  # real seconds until it is restarted


class Name(StrEnum):
    """A program of a soak."""

    EXPORTER = "exporter"
    PROMETHEUS = "Prometheus"
    ALERTMANAGER = "Alertmanager"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill, in real seconds since the start."""

    at: float
    name: Name
    down: float


def draw_kills(seed: int, count: int, seconds: float) -> list[Kill]:
    """Draw kills of the four programs, equally many of each, for a run of this many real seconds.

    Each falls into the first half of its own slot, so two are at least half a slot apart. Between two kills
    of the exporter another program is killed: it must come up again, or it would be one long outage.
    """
    chance = Random(f"{seed} kills")
    slot = (UNTIL - FROM) * seconds / count if count else 0.0
    starts = [FROM * seconds + number * slot for number in range(count)]
    early = [number for number, start in enumerate(starts) if start + slot / 2 <= EXPORTER_UNTIL * seconds]
    exporters = set(_apart(chance, early, count // len(Name)))
    others = [name for name in Name if name is not Name.EXPORTER]
    left = Counter(dict.fromkeys(others, 0))
    left.update(others[number % len(others)] for number in range(count - len(exporters)))
    kills: list[Kill] = []
    for number, start in enumerate(starts):
        before = kills[-1].name if kills else None
        name = Name.EXPORTER if number in exporters else _another(chance, left, before)
        kills.append(Kill(start + chance.uniform(0, slot / 2), name, chance.uniform(*DOWN)))
    return kills


def _apart(chance: Random, slots: list[int], count: int) -> Iterator[int]:
    """Yield up to ``count`` of the slots, no two of them adjacent."""
    free, wanted = len(slots), count
    position = 0
    while wanted > 0 and position < free:
        spare = free - position - (2 * wanted - 1)
        position += chance.randint(0, min(2, max(spare, 0)))
        yield slots[position]
        position += 2
        wanted -= 1


def _another(chance: Random, left: Counter[Name], before: Name | None) -> Name:
    """Take one of those left, and not the previous one if there is any other."""
    names = [name for name, count in left.items() for _ in range(count) if name is not before]
    name = chance.choice(names or list(left.elements()))
    left[name] -= 1
    return name
