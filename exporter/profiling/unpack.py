"""Files decompressed and converted to UTF-8, into an unnamed temporary file, gone when closed.

So several threads can read ranges of it, as of any file, and memory does not grow with it.
Another compression is a module of ``exporter.profiling.compressions`` with a ``COMPRESSION``,
and its endings in ``template.COMPRESSED``.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from exporter.errors import reason_of
from exporter.places.local import LocalFile
from exporter.places.readable import Readable
from exporter.profiling import compressions
from exporter.profiling.compression import PIECE, Compression
from exporter.profiling.form import COMPRESSED
from exporter.profiling.grammar import UnpackError
from exporter.profiling.transcode import is_utf8, transcoded
from exporter.registry import constants_of
from exporter.template import ending_of

COMPRESSIONS: tuple[Compression, ...] = tuple(constants_of(compressions, "COMPRESSION"))
"""Every compression."""

READERS: Mapping[str, Callable[[Readable], Iterator[bytes]]] = {
    ending: form.expand for form in COMPRESSIONS for ending in form.endings
}
"""The compression by the ending of a file's name."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The limits of decompression, so that a few bytes cannot fill a disk.

    Any file may expand to ``harmless`` bytes, to more only up to ``most_times`` its size:
    no table of rows compresses better. ``largest`` is the limit for all files.
    """

    largest: int = 64 * 10**9
    most_times: float = 200.0
    harmless: int = 10**9

    def most(self, size: int) -> int:
        """Return how many bytes a file of ``size`` bytes may expand to."""
        return min(self.largest, max(self.harmless, round(self.most_times * size)))


USUAL = Expansion()
LONGEST_MAGIC = 8  # bytes
ON_DISK = "/var/tmp"  # noqa: S108  for large files; /tmp is often in memory


@contextmanager
def unpacked(
    file: Readable, name: str, expansion: Expansion = USUAL, encoding: str = "utf-8"
) -> Iterator[Readable]:
    """Provide an open file's plain bytes, depending on its name: itself, or a temporary file.

    Text in another ``encoding`` is converted to UTF-8.

    Raises UnpackError if the file is incomplete or expands to too much, another OSError if the temporary
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
        within = LocalFile(plain.fileno())
        if ending is not None:
            _refuse_compressed(within)
        yield within


def _refuse_compressed(file: Readable) -> None:
    """Raise UnpackError if a decompressed file is still compressed."""
    head = file.read(LONGEST_MAGIC, 0)
    again = next((name for magic, name in COMPRESSED if head.startswith(magic)), None)
    if again is not None:
        raise UnpackError(errno.EILSEQ, f"the file is compressed twice: what is in it is {again}")


def _stored(file: Readable) -> Iterator[bytes]:
    place = 0
    file.expect(0, file.size)
    while data := file.read(PIECE, place):
        place += len(data)
        yield data


@contextmanager
def on_disk(file: Readable) -> Iterator[LocalFile]:
    """Provide an open file for code that needs a descriptor: itself, or a copy of a remote file."""
    if isinstance(file, LocalFile):
        yield file
        return
    with temporary() as copy:
        write_pieces(_stored(file), copy.fileno())
        yield LocalFile(copy.fileno())


def write_pieces(pieces: Iterator[bytes], to: int, most: int | None = None) -> None:
    """Write all pieces to an open file. Raises UnpackError once there are more than ``most`` bytes."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if most is not None and size > most:
            raise UnpackError(errno.EFBIG, f"compressed file expands to more than {most:,} bytes, not read")
        _write(to, piece)


def temporary() -> "tempfile._TemporaryFileWrapper[bytes]":
    """Open an unnamed file, so that nothing is left however this program ends."""
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
    """Report that it is not the file's fault, but not as FileNotFoundError: that would be a vanished file."""
    reason = reason_of(error)
    return OSError(errno.ENOSPC, f"it cannot be decompressed into the temporary folder: {reason}")
