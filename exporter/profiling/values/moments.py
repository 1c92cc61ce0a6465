"""Columns of dates and times: their instants, and the first and last of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

import numpy as np

from exporter.model import NANOSECONDS, ColumnFigures
from exporter.profiling.names import Names
from exporter.profiling.rfc3339 import parse_ns, read_form
from exporter.profiling.strings import Column, Flags, Strings, look
from exporter.profiling.values import basis
from exporter.profiling.values.basis import Basis
from exporter.profiling.values.cells import Cells, octets_of, read_cells
from exporter.profiling.values.kind import Figure, Reading
from exporter.profiling.values.layouts import (
    COLON_OFFSET,
    FRACTION,
    ZULU,
    Field,
    Layout,
    Letters,
    Moments,
    Place,
    Whole,
    fit,
    layouts_of,
    read_matrix,
)
from exporter.profiling.values.limits import outside
from exporter.profiling.values.odd_dates import count_extremes, named_by, shapes_of

FIGURES = (
    *basis.FIGURES,
    Figure("earliest_timestamp_seconds", "The earliest instant; for a date, its start in UTC."),
    Figure("latest_timestamp_seconds", "The latest instant; for a date, its start in UTC."),
)

TIME = tuple(
    field._replace(letters="Tt ") if field.letters == "T" else field
    for field in layouts_of("%Y-%m-%dT%H:%M:%S")[0]
)
RFC3339 = tuple(
    (*TIME, *fraction, *offset)
    for offset in ((Field(ZULU, "Zz"),), (COLON_OFFSET,), (Field("z"),), ())
    for fraction in ((), (Field("", ".,"), Field(FRACTION)))
)
DATE = "%Y-%m-%d"
QUARTER = 900  # seconds; present-day clocks change at their boundaries
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST = 64  # bytes of a vectorised block

Parse = Callable[[str], int | None]
"""Parses one text to nanoseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class MomentState:
    """A column of dates or times."""

    type: str
    basis: Basis = field(default_factory=Basis)
    first_ns: int | None = None
    last_ns: int | None = None
    shapes: Names = field(default_factory=Names)  # of values that are no dates
    placeholders: Names = field(default_factory=Names)  # such as 1970-01-01 and 0000-00-00

    def merge(self, *others: "MomentState") -> "MomentState":
        """Merge."""
        parts = (self, *others)
        return MomentState(
            self.type,
            Basis.merge([part.basis for part in parts]),
            min((part.first_ns for part in parts if part.first_ns is not None), default=None),
            max((part.last_ns for part in parts if part.last_ns is not None), default=None),
            Names.merge(part.shapes for part in parts),
            Names.merge(part.placeholders for part in parts),
        )

    def seal(self) -> ColumnFigures:
        """Return the figures."""
        numbers = self.basis.numbers()
        if self.first_ns is not None and self.last_ns is not None:
            numbers["earliest_timestamp_seconds"] = self.first_ns / NANOSECONDS
            numbers["latest_timestamp_seconds"] = self.last_ns / NANOSECONDS
        shapes, placeholders = (dict(sorted(one.counts.items())) for one in (self.shapes, self.placeholders))
        return ColumnFigures(self.type, numbers, shapes=shapes, placeholders=placeholders)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The spelling of a column's times: layouts for vectorised parsing, and a parser for other texts."""

    layouts: tuple[Layout, ...]
    most_digits: int  # of fractions of a second
    parse: Parse
    zone: tzinfo | None  # of texts without an offset; None: offsets do not matter


def timestamps(layout: str | None, zone: tzinfo) -> Spelling:
    """Return the spelling of timestamps: a ``strptime`` layout, or RFC 3339."""
    if layout is None:
        return Spelling(RFC3339, 9, partial(parse_ns, zone=zone), zone)
    return Spelling(layouts_of(layout), 6, partial(_parse_layout, layout=layout, zone=zone), zone)


def dates(layout: str | None) -> Spelling:
    """Return the spelling of dates: a ``strptime`` layout, or RFC 3339's full-date."""
    if layout is None:
        return Spelling(layouts_of(DATE), 0, lambda _: None, None)
    return Spelling(layouts_of(layout), 6, partial(_parse_layout, layout=layout, zone=None), None)


def tally_moments(column: Column, reading: Reading, type_name: str, spelling: Spelling) -> MomentState:
    """Count a column of dates or times."""
    cells, missing = read_cells(column, reading.missing)
    good, first, last = _read(cells.strings, spelling)
    invalid = ~good | outside(cells.strings, reading.column.limits)
    odd = (
        (Names(), Names())
        if reading.column.personal
        else _odd(cells, good, reading, type_name, (first, last))
    )
    return MomentState(type_name, Basis.of(cells, missing, invalid), first, last, *odd)


def _odd(
    cells: Cells, good: Flags, reading: Reading, type_name: str, ends: tuple[int | None, int | None]
) -> tuple[Names, Names]:
    """Count the shapes of values that are no dates, and placeholders."""
    layout = reading.column.format
    extreme = count_extremes(cells, layout, *ends)
    if good.all():
        return extreme
    found = shapes_of(cells.where(~good), named_by(layout, type_name))
    return Names.merge((extreme[0], found[0])), Names.merge((extreme[1], found[1]))


def start_of_day(state: MomentState) -> MomentState:
    """Truncate to dates."""
    day = 86_400 * NANOSECONDS
    first = None if state.first_ns is None else state.first_ns // day * day
    last = None if state.last_ns is None else state.last_ns // day * day
    return replace(state, first_ns=first, last_ns=last)


def _read(strings: Strings, spelling: Spelling) -> tuple[Flags, int | None, int | None]:
    """Flag readable texts, and return the first and last instant."""
    good: Flags = np.zeros(strings.starts.size, np.bool_)
    instants: list[int] = []
    lengths = strings.lengths
    for length in np.flatnonzero(np.bincount(lengths[lengths <= LONGEST])).tolist():
        fitting = [fit(layout, length, spelling.most_digits) for layout in spelling.layouts]
        alike = lengths == length
        if any(fitting):
            found, ends = _read_alike(_matrix(strings, alike, length), fitting, spelling.zone)
            good[alike] = found
            instants += ends
    if not good.all():
        texts = strings.where(~good).to_pylist()
        known = {text: spelling.parse(text) for text in set(texts)}
        instants += [instant for instant in known.values() if instant is not None]
        good[~good] = [known[text] is not None for text in texts]
    return good, min(instants, default=None), max(instants, default=None)


def _read_alike(
    letters: Letters, fitting: Sequence[tuple[Place, ...] | None], zone: tzinfo | None
) -> tuple[Flags, list[int]]:
    """Parse texts of one length, each with the first layout that fits."""
    good: Flags = np.zeros(letters.shape[1], np.bool_)
    instants: list[int] = []
    for places in filter(None, fitting):
        rest = ~good
        moments = read_matrix(letters[:, rest] if good.any() else letters, places)
        if moments is not None and moments.good.any():
            instants += _ends(moments, zone)
            good[rest] = moments.good
            if good.all():
                break
    return good, instants


def _matrix(strings: Strings, flags: Flags, length: int) -> Letters:
    """Return texts of one length by position and row."""
    if not flags.all():
        strings = look(strings.where(flags))
    return np.ascontiguousarray(octets_of(strings).reshape(-1, length).T)


def _ends(moments: Moments, zone: tzinfo | None) -> tuple[int, int]:
    """Return the first and the last instant, in nanoseconds since the epoch."""
    seconds = moments.seconds[moments.good]
    nanoseconds = moments.nanoseconds[moments.good]
    if zone is None:
        pass
    elif moments.ahead is not None:
        seconds = seconds - moments.ahead[moments.good]
    elif zone is not UTC:
        seconds = seconds - _offsets(seconds, zone)
    first, last = int(seconds.min()), int(seconds.max())
    return (
        first * NANOSECONDS + int(nanoseconds[seconds == first].min()),
        last * NANOSECONDS + int(nanoseconds[seconds == last].max()),
    )


def _offsets(walls: Whole, zone: tzinfo) -> Whole:
    """Return how many seconds the clock is ahead at each wall time; most share a 15-minute block."""
    quarters, indices = np.unique(walls // QUARTER, return_inverse=True)
    firsts = [_offset(int(quarter) * QUARTER, zone) for quarter in quarters.tolist()]
    lasts = [_offset(int(quarter) * QUARTER + QUARTER - 1, zone) for quarter in quarters.tolist()]
    offsets: Whole = np.array(firsts, np.int64)[indices]
    for odd in [place for place, pair in enumerate(zip(firsts, lasts, strict=True)) if pair[0] != pair[1]]:
        rows = indices == odd
        offsets[rows] = [_offset(wall, zone) for wall in walls[rows].tolist()]
    return offsets


def _offset(wall: int, zone: tzinfo) -> int:
    text = (EPOCH + timedelta(seconds=wall)).replace(tzinfo=None).isoformat()
    return wall - (parse_ns(text, zone) or 0) // NANOSECONDS


def _parse_layout(text: str, layout: str, zone: tzinfo | None) -> int | None:
    """Parse one text; without a zone as local time."""
    moment = read_form(layout, text)
    if moment is None:
        return None
    wall = (moment.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
    ahead = moment.utcoffset()
    if zone is None:
        return wall * 1000
    if ahead is None:
        return (wall - _offset(wall // 1_000_000, zone) * 1_000_000) * 1000
    return (wall - ahead // MICROSECOND) * 1000
