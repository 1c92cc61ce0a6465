"""Bytes that are not text, invalid UTF-8 and NUL: found quickly, counted by lines, classified."""

import codecs
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from exporter.profiling.strings import as_buffer

CONTINUES = 0b1000_0000  # the two highest bits of a byte within a character
HIGHEST_TWO = 0b1100_0000
NULS, WINDOWS, LATIN = "NUL", "0x80 to 0x9f", "0xa0 to 0xff"
_LATIN_START = "\udca0"  # how a byte 0xa0 that is not UTF-8 is decoded


def is_valid(data: memoryview | bytes) -> bool:
    """Return whether bytes are UTF-8."""
    octets = np.frombuffer(data, np.uint8)
    offsets = np.array([0, octets.size], np.int32)
    whole = pa.StringArray.from_buffers(1, as_buffer(offsets), as_buffer(octets))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def repair(data: memoryview | bytes) -> bytes:
    """Replace each byte that is not UTF-8 by U+FFFD and its two hexadecimal digits.

    ASCII bytes, and so all structure, are unchanged; different values remain different.
    """
    return str(data, "utf-8", _SPELLED).encode()


@dataclass(frozen=True, slots=True)
class OddLines:
    """The number of lines with bytes that are not text, and the number of such bytes by kind."""

    lines: int = 0
    octets: Mapping[str, int] = field(default_factory=dict)


NO_LINES = OddLines()


def find_odd_lines(data: memoryview | bytes, longest: int) -> OddLines:
    """Count the lines with invalid UTF-8 or NUL bytes, ignoring lines longer than ``longest`` bytes."""
    text = str(data, "utf-8", "surrogateescape")
    count = position = 0
    octets: Counter[str] = Counter()
    while (found := _BROKEN.search(text, position)) is not None:
        # Line ends are searched from the last line on: however long lines are, no character is read twice.
        start = 1 + max(text.rfind("\n", position, found.start()), text.rfind("\r", position, found.start()))
        start = start or position
        feed = text.find("\n", found.end())
        position = len(text) if feed < 0 else feed
        if (back := text.find("\r", found.end(), position)) >= 0:
            position = back
        line = text[start:position]
        if len(line.encode("utf-8", "surrogateescape")) <= longest:
            count += 1
            octets.update(map(_kind, _BROKEN.findall(line)))
    return OddLines(count, octets)


def _kind(letter: str) -> str:
    """Distinguish bytes that are never text, that are text only in Windows-1252, and also in Latin-1."""
    if letter == "\0":
        return NULS
    return WINDOWS if letter < _LATIN_START else LATIN


def _spell(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  it is registered for decoding only
    return "".join(
        f"\N{REPLACEMENT CHARACTER}{octet:02x}" for octet in error.object[error.start : error.end]
    ), error.end


_SPELLED = "puffy-spelled"
codecs.register_error(_SPELLED, _spell)
_BROKEN = re.compile("[\0\udc80-\udcff]")


def char_start(data: memoryview | bytes, position: int) -> int:
    """Return the last place at or before ``position`` that does not split a valid character."""
    for back in range(min(4, position + 1)):
        if data[position - back] & HIGHEST_TWO != CONTINUES:
            return position - back
    return position
