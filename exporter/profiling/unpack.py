"""Files decompressed, and in UTF-8: into a file without a name, which is gone as soon as it is closed.

So ranges of it can be read by several threads, as those of any file, and memory does not grow with it.
Another form of compression is a module of ``exporter.profiling.compressions`` with a ``COMPRESSION`` in it,
and its endings in ``template.COMPRESSED``.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from exporter.places.local import LocalFile
from exporter.places.readable import Readable
from exporter.profiling import compressions
from exporter.profiling.compression import PIECE, Compression
from exporter.profiling.grammar import UnpackError
from exporter.profiling.transcode import is_utf8, transcoded
from exporter.template import ending_of


def _find() -> Iterator[Compression]:
    for module in iter_modules(compressions.__path__, f"{compressions.__name__}."):
        yield import_module(module.name).COMPRESSION


COMPRESSIONS: tuple[Compression, ...] = tuple(_find())
"""Every form of compression."""

READERS: Mapping[str, Callable[[Readable], Iterator[bytes]]] = {
    ending: form.expand for form in COMPRESSIONS for ending in form.endings
}
"""What reads a compressed file, by the ending of its name."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a compressed file may expand to, so that a few bytes cannot fill a disk.

    A file may expand to ``harmless`` bytes however small it is, to more only up to ``most_times`` its size:
    no table of rows packs better. ``largest`` is the end for any file.
    """

    largest: int = 64 * 10**9
    most_times: float = 200.0
    harmless: int = 10**9

    def most(self, size: int) -> int:
        """Return how many bytes a file of ``size`` bytes may expand to."""
        return min(self.largest, max(self.harmless, round(self.most_times * size)))


USUAL = Expansion()
ON_DISK = "/var/tmp"  # noqa: S108  for large files; /tmp is often memory


@contextmanager
def unpacked(
    file: Readable, name: str, expansion: Expansion = USUAL, encoding: str = "utf-8"
) -> Iterator[Readable]:
    """Give an open file's plain bytes, by its name: itself, or a temporary file.

    Text of another ``encoding`` is given in UTF-8.

    Raises UnpackError if the file is not whole or expands to too much, another OSError where the temporary
    folder (``TMPDIR``) has no room for it.
    """
    ending = ending_of(name)
    is_plain = is_utf8(encoding)
    if ending is None and is_plain:
        yield file
        return
    pieces = _stored(file) if ending is None else READERS[ending](file)
    most = None if ending is None else expansion.most(file.size)
    with temporary() as plain:
        write_pieces(pieces if is_plain else transcoded(pieces, encoding), plain.fileno(), most)
        yield LocalFile(plain.fileno())


def _stored(file: Readable) -> Iterator[bytes]:
    place = 0
    file.expect(0, file.size)
    while data := file.read(PIECE, place):
        place += len(data)
        yield data


@contextmanager
def on_disk(file: Readable) -> Iterator[LocalFile]:
    """Give an open file to what takes nothing but a descriptor: itself, or a copy where it lies elsewhere."""
    if isinstance(file, LocalFile):
        yield file
        return
    with temporary() as copy:
        write_pieces(_stored(file), copy.fileno())
        yield LocalFile(copy.fileno())


def write_pieces(pieces: Iterator[bytes], to: int, most: int | None = None) -> None:
    """Write all pieces into an open file. Raises UnpackError once there are more than ``most`` bytes."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if most is not None and size > most:
            raise UnpackError(errno.EFBIG, f"compressed file expands to more than {most:,} bytes, not read")
        _write(to, piece)


def temporary() -> "tempfile._TemporaryFileWrapper[bytes]":
    """Open a file that has no name, so that nothing of it is left however this program ends."""
    folder = ON_DISK if "TMPDIR" not in os.environ and os.access(ON_DISK, os.W_OK) else None
    try:
        return tempfile.TemporaryFile(buffering=0, dir=folder)  # type: ignore[return-value]
    except OSError as error:
        raise _no_room(error) from None


def _write(descriptor: int, piece: bytes) -> None:
    rest = memoryview(piece)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        raise _no_room(error) from None


def _no_room(error: OSError) -> OSError:
    """Say that it is not the file's fault. Not as FileNotFoundError: that is a file that went away."""
    reason = (error.strerror or str(error)).lower()
    return OSError(errno.ENOSPC, f"it cannot be decompressed into the temporary folder: {reason}")
