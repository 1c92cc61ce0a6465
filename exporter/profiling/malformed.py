"""The records that are not as wide as the header: how many, how wide, where, and how many are orders."""

import csv
from collections import Counter
from dataclasses import dataclass, field

from exporter.profiling.orders import CHECKOUT
from exporter.profiling.tally import FIRST

LONGEST_COUNTED = 1 << 17  # bytes of a record whose fields are counted; a longer one has too many anyway

_CHECKOUT = CHECKOUT.encode()


@dataclass(slots=True)
class Malformed:
    """What is known of the malformed records of a stretch of lines."""

    count: int = 0
    orders: int = 0  # that name an order's event somewhere
    fields: Counter[str] = field(default_factory=Counter)  # how many have how many fields, where they end
    lines: list[int] = field(default_factory=list)  # where the first begin, from 1 at the stretch's start

    def add(self, record: bytes, line: int, width: int | None) -> None:
        """Count one record. ``width`` is how many fields it has, ``None`` if it has no end to count to."""
        self.count += 1
        self.orders += _CHECKOUT in record
        if width is not None:
            self.fields[str(width)] += 1
        if len(self.lines) < FIRST:
            self.lines.append(line)


def count_fields(record: bytes) -> int | None:
    """Count a record's fields; ``None`` if it is too long to bother."""
    if len(record) > LONGEST_COUNTED:
        return None
    try:
        return len(next(csv.reader([record.decode("latin-1")]), []))
    except csv.Error:
        return None
