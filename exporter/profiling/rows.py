"""The counts of a block's good records, without repeated headers."""

from collections.abc import Mapping

import numpy as np

from exporter.feed import Table
from exporter.model import Day
from exporter.profiling.columns import packs_of, tally_columns
from exporter.profiling.grammar import Header
from exporter.profiling.headers import Repeats, take_out
from exporter.profiling.malformed import Malformed
from exporter.profiling.missing import MissingValues
from exporter.profiling.names import Names
from exporter.profiling.strings import Column
from exporter.profiling.tally import FIRST, Tally
from exporter.profiling.utf8 import OddLines


def tally_rows(
    values: Mapping[str, Column],
    rows: int,
    header: Header,
    settings: tuple[Table, Day, MissingValues],
    block: memoryview | bytes = b"",
) -> tuple[Tally, Repeats]:
    """Count ``rows`` good records. ``block`` are their lines, if any."""
    table, day, missing = settings
    tally = tally_columns(values, rows, table, day, missing)
    repeats = take_out(values, table.event_time, tally, header, block)
    if repeats.count:
        kept = {name: values[name].filter(repeats.others) for name in values}
        left = rows - repeats.count
        tally = tally_columns(kept, left, table, day, missing) if left else Tally()
        tally = tally.merge(Tally(repeated_headers=repeats.count))
    return tally, repeats


def tally_malformed(malformed: Malformed, odd: OddLines, table: Table) -> Tally:
    """Count malformed records, and lines with bytes that are not text."""
    return Tally(
        rows=malformed.count,
        malformed_rows=malformed.count,
        malformed_fields=Names.bounded(malformed.fields),
        invalid_utf8_lines=odd.lines,
        odd_bytes=odd.octets,
        odd_records=malformed.odd_records,
        packs={
            pack.name: pack.malformed(malformed.holding[pack.needle])
            for pack in packs_of(table)
            if pack.needle is not None and malformed.count
        },
    )


def places_of(repeats: Repeats) -> tuple[int, ...]:
    """Return the row numbers, from 0, of the first repeated headers of a block."""
    if not repeats.count:
        return ()
    found: list[int] = []
    before = 0
    for chunk in repeats.others.chunks:
        bits = np.unpackbits(np.frombuffer(chunk.buffers()[1], np.uint8), bitorder="little")
        others = bits[chunk.offset : chunk.offset + len(chunk)]
        found += [before + int(place) for place in np.flatnonzero(others == 0)[:FIRST]]
        before += len(chunk)
    return tuple(found[:FIRST])
