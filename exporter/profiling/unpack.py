"""Compressed files, decompressed: into a file without a name, which is gone as soon as it is closed.

So ranges of it can be read by several threads, as those of any file, and memory does not grow with it.
Another form of compression is a module like ``gzipped``, a line in ``READERS`` and an ending in
``template.COMPRESSED``.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from exporter.profiling.grammar import UnpackError
from exporter.profiling.gzipped import gunzip
from exporter.template import ending_of

READERS: Mapping[str, Callable[[int], Iterator[bytes]]] = {".gz": gunzip}

LARGEST = 64 * 10**9  # bytes that a file may expand to
HARMLESS = 10**9  # bytes that any file may expand to, however small it is
MOST_TIMES = 200  # what a larger one may expand to, as a multiple of its size: no table of rows packs better
ON_DISK = "/var/tmp"  # noqa: S108  for large files; /tmp is often memory


@contextmanager
def unpacked(descriptor: int, name: str) -> Iterator[int]:
    """Give a descriptor of an open file's plain bytes, by its name: its own, or a temporary file's.

    Raises UnpackError where the file is not whole or expands to too much, another OSError where the temporary
    folder (``TMPDIR``) has no room for it.
    """
    ending = ending_of(name)
    if ending is None:
        yield descriptor
        return
    with _temporary() as file:
        _unpack(READERS[ending](descriptor), file.fileno(), _most(os.fstat(descriptor).st_size))
        file.seek(0)
        yield file.fileno()


def _unpack(pieces: Iterator[bytes], to: int, most: int) -> None:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise UnpackError(errno.EFBIG, f"compressed file expands to more than {most:,} bytes, not read")
        _write(to, piece)


def _most(size: int) -> int:
    return min(LARGEST, max(HARMLESS, MOST_TIMES * size))


def _temporary() -> "tempfile._TemporaryFileWrapper[bytes]":
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
