"""What a compression is, and how its errors are described."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from exporter.places.readable import Readable
from exporter.profiling.grammar import UnpackError

CHUNK = 1 << 18  # compressed bytes per read
PIECE = 1 << 20  # decompressed bytes at a time: a few bytes can expand to a thousand times as many


@dataclass(frozen=True, slots=True)
class Compression:
    """One compression. ``expand`` yields the plain bytes of an open file in pieces; nothing for an empty one.

    It raises UnpackError, with the position, if the file is incomplete or damaged.
    """

    name: str  # its display name
    endings: tuple[str, ...]  # file endings, lower case, the usual one first
    magic: bytes  # with which such a file begins
    expand: Callable[[Readable], Iterator[bytes]]


def fault(name: str, what: str) -> UnpackError:
    """Describe an error of a file."""
    return UnpackError(errno.EILSEQ, f"{name} file {what}")


def cut_off(name: str, place: int, follows: str = "") -> UnpackError:
    """Describe that a file ends too early."""
    return fault(name, f"is cut off after {place:,} {'byte' if place == 1 else 'bytes'}{follows}")


def damaged(name: str, place: int) -> UnpackError:
    """Describe where a file is damaged."""
    return fault(name, f"is damaged within its first {place:,} bytes")


def other(name: str, ending: str) -> UnpackError:
    """Describe that a file is of another kind."""
    return UnpackError(errno.EILSEQ, f"not a {name} file, although its name ends in {ending}")
