"""The records that are not as wide as the header: how many, how wide, where, and how many name what."""

import csv
from collections import Counter
from dataclasses import dataclass, field

from exporter.profiling.tally import FIRST

LONGEST_COUNTED = 1 << 17  # bytes of a record whose fields are counted; a longer one has too many anyway


@dataclass(slots=True)
class Malformed:
    """What is known of the malformed records of a stretch of lines."""

    needles: tuple[bytes, ...] = ()
    count: int = 0
    holding: Counter[bytes] = field(default_factory=Counter)  # how many hold each needle somewhere
    fields: Counter[str] = field(default_factory=Counter)  # how many have how many fields, where they end
    lines: list[int] = field(default_factory=list)  # where the first begin, from 1 at the stretch's start

    def add(self, record: bytes, line: int, width: int | None) -> None:
        """Count one record. ``width`` is how many fields it has, ``None`` if it has no end to count to."""
        self.count += 1
        self.holding.update(needle for needle in self.needles if needle in record)
        if width is not None:
            self.fields[str(width)] += 1
        if len(self.lines) < FIRST:
            self.lines.append(line)


def count_fields(record: bytes, delimiter: str, quote: str = '"') -> int | None:
    """Count a record's fields; ``None`` if it is too long to bother."""
    if len(record) > LONGEST_COUNTED:
        return None
    try:
        return len(next(csv.reader([record.decode("latin-1")], delimiter=delimiter, quotechar=quote), []))
    except csv.Error:
        return None
