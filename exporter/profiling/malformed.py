"""Records with another number of fields than the header: counts, widths, positions, and text found."""

import csv
from collections import Counter
from dataclasses import dataclass, field

from exporter.profiling.grammar import Grammar
from exporter.profiling.odd_records import OddRecord, recognize
from exporter.profiling.tally import FIRST

LONGEST_COUNTED = 1 << 17  # longest record whose fields are counted; a longer one has too many anyway


@dataclass(slots=True)
class Malformed:
    """The malformed records of a stretch of lines."""

    needles: tuple[bytes, ...] = ()
    count: int = 0
    holding: Counter[bytes] = field(default_factory=Counter)  # how many contain each needle
    fields: Counter[str] = field(default_factory=Counter)  # records by number of fields, if they end
    odd_records: Counter[str] = field(default_factory=Counter)  # records by what they are, if that is known
    lines: list[int] = field(default_factory=list)  # where the first start, from 1 at the stretch's start

    def add(
        self, record: bytes, line: int, width: int | None, grammar: Grammar | None = None
    ) -> OddRecord | None:
        """Count one record, and recognize what it is.

        ``width`` is its number of fields, ``None`` if it has no end.
        """
        self.count += 1
        self.holding.update(needle for needle in self.needles if needle in record)
        if width is not None:
            self.fields[str(width)] += 1
        if len(self.lines) < FIRST:
            self.lines.append(line)
        kind = None if grammar is None else recognize(record, width, grammar)
        if kind is not None:
            self.odd_records[kind] += 1
        return kind


def count_fields(record: bytes, delimiter: str, quote: str = '"') -> int | None:
    """Count a record's fields; ``None`` if it is too long."""
    if len(record) > LONGEST_COUNTED:
        return None
    try:
        return len(next(csv.reader([record.decode("latin-1")], delimiter=delimiter, quotechar=quote), []))
    except csv.Error:
        return None
