"""Dates and times that are none: what the unreadable ones look like, and placeholders that can be read."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import pyarrow.compute as pc

from exporter.model import NANOSECONDS
from exporter.profiling.names import Names
from exporter.profiling.rfc3339 import read_form
from exporter.profiling.shapes import mask, name_shape
from exporter.profiling.strings import Flags, Strings, look, text_array
from exporter.profiling.values.cells import Cells, count_again, flag_where, flags_of

PLACEHOLDERS = (  # what systems begin or end with, and what people write for never and unknown
    date(1, 1, 1),
    date(1753, 1, 1),
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1969, 12, 31),
    date(1970, 1, 1),
    date(2099, 12, 31),
    date(2999, 12, 31),
    date(9999, 1, 1),
    date(9999, 12, 31),
)
TIMES = (time(), time(1), time(23, 59, 59))  # of placeholders in a format: the epoch may be in local time
ONE_DIGIT = r"^(?:[0 TtZz:./-]{6,}|[9 TtZz:./-]{6,})$"  # 0000-00-00
ISO_DATE = 10  # characters
FIRST_YEAR = 1000  # others are of two digits, or of another mistake
_SAMPLE = datetime(2025, 10, 20, 10, 20, 30)  # noqa: DTZ001  each field has two digits


def _ns(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * NANOSECONDS


EARLY = _ns(date(1970, 1, 3))  # a day later, for any time zone
LATE = _ns(date(2099, 12, 30))
FIRST = _ns(date(FIRST_YEAR, 1, 3))


def shapes_of(cells: Cells, name: Callable[[str], str]) -> tuple[Names, Names]:
    """Count unreadable values by shape; those of zeros or nines only are placeholders, counted apart."""
    flags = flag_where(cells.strings.array, ONE_DIGIT)
    placeholders: Counter[str] = Counter()
    for text, rows in _by_value(cells.where(flags)):
        placeholders[text] += rows
    rest = cells.where(~flags)
    # Digits do not matter from here on; without them, few distinct texts are left for Python.
    masked: Any = pc.replace_substring_regex(rest.strings.array, "[0-9]", "9")
    shapes: Counter[str] = Counter()
    for text, rows in _by_value(Cells(look(masked), rest.counts)):
        shapes[name(text)] += rows
    return Names.bounded(shapes), Names.bounded(placeholders)


def _by_value(cells: Cells) -> Iterator[tuple[str, int]]:
    once = count_again(cells)
    return zip(once.strings.array.to_pylist(), once.counts.tolist(), strict=True)


def named_by(layout: str | None, type_name: str) -> Callable[[str], str]:
    """Return how to name an unreadable value: by what it is if that is known, otherwise by its mask."""
    if layout is None and type_name == "timestamp":
        return name_shape
    possible = mask("2025-10-20" if layout is None else _SAMPLE.strftime(layout))

    def name(text: str) -> str:
        known, masked = name_shape(text), mask(text)
        if masked == possible:
            return "no possible date"
        return known if known.startswith(("epoch", "a spreadsheet's")) else masked

    return name


def count_extremes(
    cells: Cells, layout: str | None, first_ns: int | None, last_ns: int | None
) -> tuple[Names, Names]:
    """Count readable values of years before 1000 by their year, and placeholders.

    The first and the last value show if there may be any, so that usual columns cost nothing.
    """
    if first_ns is None or last_ns is None or (first_ns >= EARLY and last_ns < LATE):
        return Names(), Names()
    years = Names() if first_ns >= FIRST else _count_years(cells, layout)
    begins: Any
    if layout is None:
        cells = cells.where(_may_be_placeholders(cells.strings))
        begins = pc.utf8_slice_codeunits(cells.strings.array, 0, ISO_DATE)
        known = text_array([day.isoformat() for day in PLACEHOLDERS])
    else:
        begins = cells.strings.array
        known = text_array(sorted({_write(day, at, layout) for day in PLACEHOLDERS for at in TIMES}))
    found = flags_of(pc.is_in(begins, value_set=known))
    placeholders: Counter[str] = Counter()
    for text, rows in _by_value(Cells(look(begins), cells.counts).where(found)):
        placeholders[text] += rows
    return years, Names.bounded(placeholders)


def _may_be_placeholders(strings: Strings) -> Flags:
    """Flag texts whose month and day end as those of placeholders do: quickly, for columns of birthdays."""
    flags: Flags = strings.lengths >= ISO_DATE
    for place, letters in ((-1, b"01"), (-4, b"12")):  # of 01, 30 and 31; of 01 and 12
        rows = np.flatnonzero(flags)
        octets = strings.octets[strings.starts[rows] + (ISO_DATE + place)]
        flags[rows] = (octets == letters[0]) | (octets == letters[1])
    return flags


def _write(day: date, at: time, layout: str) -> str:
    """Write a time by its layout; ``strftime`` writes early years with fewer digits on some systems."""
    return datetime.combine(day, at).strftime(layout.replace("%Y", f"{day.year:04}"))


def _count_years(cells: Cells, layout: str | None) -> Names:
    years: Counter[str] = Counter()
    some = cells.where(flag_where(cells.strings.array, "^0[0-9]{3}-")) if layout is None else cells
    for text, rows in _by_value(some):
        moment = None if layout is None else read_form(layout, text)
        year = int(text[:4]) if layout is None else FIRST_YEAR if moment is None else moment.year
        if 1 < year < FIRST_YEAR:  # the first is that of a placeholder
            years[f"the year {year:04}"] += rows
    return Names.bounded(years)
