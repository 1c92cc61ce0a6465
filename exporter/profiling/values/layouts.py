"""Dates and times in a fixed layout, read digit by digit, vectorised."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from exporter.profiling.strings import Flags, Octets

Whole = np.ndarray[tuple[int], np.dtype[np.int64]]
Small = np.ndarray[tuple[int], np.dtype[Any]]
"""Integers in as few bytes as possible."""

Letters = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

ZERO, TEN = np.uint8(ord("0")), np.uint8(10)
FEBRUARY = 2
SECONDS_OF_DAY = 86_400
CENTURY = 69  # two-digit years below this are of this century, as in POSIX
NOON = 12

WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2, "I": 2, "p": 2, "b": 3, "z": 5}
FRACTION = "f"  # as many digits as fit
BOUNDS = {"Y": (1, 9999), "m": (1, 12), "d": (1, 31), "H": (0, 23), "M": (0, 59), "S": (0, 59), "I": (1, 12)}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

ROOMS = (np.uint8, np.uint8, np.uint8, np.uint16, np.uint16, *[np.uint32] * 5)  # by number of digits
LAST_YEAR, MONTHS, DECEMBER = 9999, 13, 12
CENTURIES = np.where(np.arange(100) < CENTURY, 2000, 1900).astype(np.uint16) + np.arange(100, dtype=np.uint16)


def _calendar() -> tuple[Whole, Whole]:
    """Return, by year and month from 0, the days since the epoch before that month, and its length."""
    years = np.arange(LAST_YEAR + 1)
    before = years - 1
    days = 365 * before + before // 4 - before // 100 + before // 400 - 719_162
    lengths = np.tile([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], (years.size, 1))
    lengths[((years % 4 == 0) & (years % 100 != 0)) | (years % 400 == 0), FEBRUARY] = 29
    return (days[:, None] + np.cumsum(lengths, axis=1) - lengths).ravel(), lengths.ravel()


DAYS, LENGTHS = _calendar()


class Field(NamedTuple):
    """One part of a layout: a strptime directive, or one of some letters."""

    directive: str
    letters: str = ""


Layout = tuple[Field, ...]

COLON_OFFSET = Field("z", ":")  # +hh:mm, where Field("z") is +hhmm
ZULU = "Z"  # a letter for a zero offset


class Place(NamedTuple):
    """A field and its position."""

    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Moments:
    """The parsed values, and their rows. Seconds are since the epoch, on a clock ``ahead`` of UTC."""

    good: Flags
    seconds: Whole
    nanoseconds: Small  # of the second
    ahead: Small | None  # seconds; None if the texts have no offset


@lru_cache(maxsize=256)
def layouts_of(text: str) -> tuple[Layout, ...]:
    """Return the fixed layouts of a ``strptime`` format: one for each spelling of an offset."""
    fields = []
    for directive, letter in re.findall(r"%(.)|([^%])", text, re.DOTALL):
        if directive not in ("", "%", FRACTION) and directive not in WIDTHS:
            return ()
        fields.append(Field("", "%") if directive == "%" else Field(directive, letter))
    if not (text.isascii() and _is_definite(fields)):
        return ()
    offsets = (Field("z"), COLON_OFFSET, Field(ZULU, "Z"))
    if Field("z") not in fields:
        return (tuple(fields),)
    return tuple(tuple(offset if field == Field("z") else field for field in fields) for offset in offsets)


def _is_definite(fields: list[Field]) -> bool:
    """Return whether fields give a day exactly once, and are separable by their widths."""
    named = [field.directive for field in fields if field.directive]
    directives = set(named)
    after_fraction = [after for field, after in pairwise(fields) if field.directive == FRACTION]
    return (
        len(named) == len(directives)
        and "d" in directives
        and len({"Y", "y"} & directives) == 1
        and len({"m", "b"} & directives) == 1
        and ({"I", "p"} & directives) in (set(), {"I", "p"})
        and not {"I", "H"} <= directives
        and all(not after.directive and not after.letters.isdigit() for after in after_fraction)
    )


def fit(fields: Layout, length: int, most_digits: int) -> tuple[Place, ...] | None:
    """Return each field's position in a text of some bytes; ``None`` if they do not fit."""
    widths = [_width(field) for field in fields if field.directive != FRACTION]
    room = length - sum(widths)
    if len(widths) == len(fields):
        return tuple(_places(fields, 0)) if room == 0 else None
    return tuple(_places(fields, room)) if 1 <= room <= most_digits else None


def _places(fields: Layout, room: int) -> Iterator[Place]:
    start = 0
    for field in fields:
        end = start + (room if field.directive == FRACTION else _width(field))
        yield Place(field, start, end)
        start = end


def _width(field: Field) -> int:
    return WIDTHS["z"] + 1 if field == COLON_OFFSET else WIDTHS.get(field.directive, 1)


def read_matrix(letters: Letters, places: tuple[Place, ...]) -> Moments | None:
    """Read texts of one length: ``letters`` by place and row. ``None`` where none is of this layout."""
    good: Flags = np.ones(letters.shape[1], np.bool_)
    for place in places:
        if place.field.directive in ("", ZULU):
            good &= _is_any(letters[place.start], place.field.letters)
    if not good.any():
        return None
    values: dict[str, Small] = {}
    for field, start, end in places:
        if field.directive == ZULU:
            values["z"] = np.zeros(good.size, np.int64)
        if field.directive in ("", ZULU):
            continue
        found, value = _read_field(field.directive, letters[start:end])
        good &= found
        values[field.directive] = value
    days, found = _read_day(values)
    good &= found
    seconds: Whole = days * np.int64(SECONDS_OF_DAY)
    for directive, unit in (("H", 3600), ("M", 60), ("S", 1)):
        if directive in values:
            seconds += values[directive] * np.int32(unit)
    return Moments(good, seconds, values.get(FRACTION, np.zeros(good.size, np.uint32)), values.get("z"))


def _is_any(letters: Octets, wanted: str) -> Flags:
    found: Flags = letters == ord(wanted[0])
    for letter in wanted[1:]:
        found |= letters == ord(letter)
    return found


def _read_field(directive: str, letters: Letters) -> tuple[Flags, Small]:
    if directive == "b":
        return _read_month(letters)
    if directive == "p":
        half = letters[0] | 0x20
        return (_is_any(half, "ap")) & (letters[1] | 0x20 == ord("m")), np.uint8(NOON) * (half == ord("p"))
    if directive == "z":
        return _read_offset(letters)
    good, value = _read_digits(letters)
    if directive == FRACTION:
        return good, value.astype(np.uint32) * np.uint32(10 ** (9 - len(letters)))
    low, high = BOUNDS.get(directive, (0, 99))
    return good & (value >= low) & (value <= high), value


def _read_digits(letters: Letters) -> tuple[Flags, Small]:
    """Parse up to nine digits into the smallest type that fits."""
    digits = letters - ZERO
    good: Flags = np.logical_and.reduce(digits < TEN)
    kind = ROOMS[len(digits)]
    value = digits[0].astype(kind)
    for digit in digits[1:]:
        value *= kind(10)
        value += digit
    return good, value


def _read_month(letters: Letters) -> tuple[Flags, Whole]:
    lower = (letters | 0x20).astype(np.int64)
    packed = (lower[0] << 16) | (lower[1] << 8) | lower[2]
    value = np.zeros(packed.size, np.uint8)
    for number, name in enumerate(_MONTHS, 1):
        value[packed == int.from_bytes(name.encode(), "big")] = number
    return (value > 0) & (letters >= ord("A")).all(axis=0), value


def _read_offset(letters: Letters) -> tuple[Flags, Whole]:
    """Read ``+hhmm`` or ``+hh:mm`` as seconds."""
    signed = _is_any(letters[0], "+-")
    if len(letters) > WIDTHS["z"]:
        signed &= letters[3] == ord(":")
    good_hours, hours = _read_field("H", letters[1:3])
    good_minutes, minutes = _read_field("M", letters[-2:])
    seconds = hours * np.int64(3600) + minutes * np.int64(60)
    return signed & good_hours & good_minutes, np.where(letters[0] == ord("-"), -seconds, seconds)


def _read_day(values: dict[str, Small]) -> tuple[Whole, Flags]:
    """Return the day since the epoch, and flag existing days; convert to 24 hours."""
    year = values["Y"] if "Y" in values else CENTURIES[np.minimum(values["y"], 99)]
    month = values["m"] if "m" in values else values["b"]
    # Values out of bounds are already flagged, and must not be looked up.
    place = np.minimum(year, LAST_YEAR).astype(np.intp) * MONTHS + np.minimum(month, DECEMBER)
    if "I" in values:
        values["H"] = values["I"] % NOON + values["p"]
    return DAYS[place] + values["d"] - 1, values["d"] <= LENGTHS[place]
