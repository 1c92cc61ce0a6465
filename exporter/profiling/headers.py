"""Records that repeat the header, as in concatenated parts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow.compute as pc

from exporter.profiling.grammar import NEWLINE, Header
from exporter.profiling.strings import Column, text_array
from exporter.profiling.tally import FIRST, Tally


@dataclass(frozen=True, slots=True)
class Repeats:
    """The repeated headers of a block. ``others`` flags all other rows."""

    count: int = 0
    lines: tuple[
        int, ...
    ] = ()  # positions of the first ones, from 1 at the block's start, if written like the header
    others: Any = None  # pyarrow.ChunkedArray of booleans


def take_out(
    columns: Mapping[str, Column],
    event_time: str | None,
    tally: Tally,
    header: Header,
    block: memoryview | bytes,
) -> Repeats:
    """Find the rows that contain their columns' names. ``tally`` is the count including them.

    Checks only rows without a time in the column of ``event_time``, or with the name of the first column read
    in this column.
    """
    cells = {name: header.cells[header.columns.index(name)] for name in columns}
    if not cells:
        return Repeats()
    if event_time in cells:
        if not tally.unparseable_timestamps:
            return Repeats()
    else:
        name, cell = next(iter(cells.items()))
        if not pc.any(pc.equal(columns[name], text_array([cell])[0])).as_py():
            return Repeats()
    # The header of a part may begin with a byte order mark.
    same: Any = reduce(
        pc.and_,
        (
            pc.is_in(columns[name], value_set=text_array([cell, f"\ufeff{cell}"]))
            for name, cell in cells.items()
        ),
    )
    count: int = pc.sum(same).as_py()
    return Repeats(count, _find_lines(header.line, block) if count else (), pc.invert(same))


def _find_lines(line: bytes, block: memoryview | bytes) -> tuple[int, ...]:
    found = re.finditer(rb"(?:\A|(?<=[\r\n]))(?:\xef\xbb\xbf)?" + re.escape(line) + rb"(?=[\r\n]|\Z)", block)
    places = [match.start() for _, match in zip(range(FIRST), found, strict=False)]
    return tuple(1 + len(NEWLINE.findall(block, 0, place)) for place in places)
