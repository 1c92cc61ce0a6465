"""Ranges of days, written as ``2025-03-04..2025-03-08``."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from exporter.gate.acknowledge import NotAcknowledgedError
from exporter.gate.request import read_partition
from exporter.model import Partition

RANGE = ".."
LONGEST = 400  # days in a range; a longer one is a mistyped year
ONE_DAY = timedelta(days=1)


def read_days(texts: Sequence[str]) -> tuple[Partition, ...]:
    """Parse dates and inclusive ranges of dates, each day once. Raises NotAcknowledgedError."""
    return tuple(dict.fromkeys(day for text in texts for day in _read(text)))


def _read(text: str) -> Iterator[Partition]:
    first_text, dots, last_text = text.partition(RANGE)
    first = read_partition(first_text)
    last = read_partition(last_text) if dots else first
    count = (last - first).days + 1
    if not 1 <= count <= LONGEST:
        raise NotAcknowledgedError(f"partition: {text!r} is not a range of 1 to {LONGEST} days")
    yield from (first + ONE_DAY * number for number in range(count))


def runs_of_days(days: Iterable[Partition]) -> Iterator[str]:
    """Format days in order, consecutive ones as ranges that ``read_days`` parses."""
    ordered = sorted(set(days))
    while ordered:
        length = next(
            (number for number in range(1, len(ordered)) if ordered[number] - ordered[number - 1] != ONE_DAY),
            len(ordered),
        )
        run, ordered = ordered[:length], ordered[length:]
        yield run[0].isoformat() if length == 1 else f"{run[0]}{RANGE}{run[-1]}"
