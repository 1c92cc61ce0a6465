"""What a form of compression is, and how its faults are told."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exporter.places.readable import Readable
from exporter.profiling.grammar import UnpackError

CHUNK = 1 << 18  # compressed bytes read together
PIECE = 1 << 20  # decompressed bytes at once, at most: a few bytes can expand to a thousand times as many


@dataclass(frozen=True, slots=True)
class Compression:
    """One form. ``expand`` yields the plain bytes of an open file in pieces, of one without a byte nothing.

    It raises UnpackError, with the place, where the file is not whole.
    """

    name: str  # as a person calls it
    endings: tuple[str, ...]  # of names, lower case, the usual one first
    magic: bytes  # that such a file begins with
    expand: Callable[[Readable], Iterator[bytes]]


def fault(name: str, what: str) -> UnpackError:
    """Say what is wrong with a file."""
    return UnpackError(errno.EILSEQ, f"{name} file {what}")


def cut_off(name: str, place: int, follows: str = "") -> UnpackError:
    """Say that a file ends too early."""
    return fault(name, f"is cut off after {place:,} bytes{follows}")


def damaged(name: str, place: int) -> UnpackError:
    """Say where a file can be read no further."""
    return fault(name, f"is damaged within its first {place:,} bytes")


def other(name: str, ending: str) -> UnpackError:
    """Say that a file is none of its kind."""
    return UnpackError(errno.EILSEQ, f"not a {name} file, although its name ends in {ending}")
