"""Which program is killed when: drawn from a seed, evenly over the run, never two in quick succession."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

FROM, UNTIL = 0.04, 0.92  # of the run: begins when all are up, ends early enough for the last word
EXPORTER_UNTIL = 0.55  # afterwards the exporter lives on, so that its memory can be followed
DOWN = (0.3, 2.0)  # real seconds until it is started again


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
    """Draw kills of the four programs, equally many of each, for a run of so many real seconds.

    Each falls into the first half of a slot of its own, so two are at least half a slot apart.
    """
    chance = Random(f"{seed} kills")
    slot = (UNTIL - FROM) * seconds / count if count else 0.0
    starts = [FROM * seconds + number * slot for number in range(count)]
    early = [number for number, start in enumerate(starts) if start + slot / 2 <= EXPORTER_UNTIL * seconds]
    exporters = set(chance.sample(early, min(len(early), count // len(Name))))
    others = [name for name in Name if name is not Name.EXPORTER]
    rest = [others[number % len(others)] for number in range(count - len(exporters))]
    chance.shuffle(rest)
    return [
        Kill(
            start + chance.uniform(0, slot / 2),
            Name.EXPORTER if number in exporters else rest.pop(),
            chance.uniform(*DOWN),
        )
        for number, start in enumerate(starts)
    ]
