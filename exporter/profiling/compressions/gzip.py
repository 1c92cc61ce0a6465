"""The bytes in a gzip file, piece by piece; consecutive members are one file.

By ISA-L where there is a wheel of it, which takes half as long as zlib and has the same interface.
A header with several optional parts or a sum is left to zlib: ISA-L misreads it if it comes in two reads.
"""

import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from exporter.places.readable import Readable
from exporter.profiling.compression import CHUNK, PIECE, Compression, cut_off, fault, other

NAME = "gzip"
MAGIC = b"\x1f\x8b"
_FORM = 16 + zlib.MAX_WBITS


def _library() -> Any:
    try:
        return import_module("isal.isal_zlib")
    except ImportError:  # no wheel for this processor
        return zlib


LIBRARY = _library()
_FLAGS = 3  # their place in a header
_USUAL = frozenset({0, 4, 8, 16})  # no optional part, extra data, a name or a comment
_IS_TEXT = 1  # a flag without a part


def gunzip(file: Readable) -> Iterator[bytes]:
    """Yield what an open file expands to; nothing for an empty one.

    Zeros between and after members are padding. Raises UnpackError if the file is incomplete or damaged.
    """
    reader = None  # of the unfinished member
    read = members = 0
    start = b""  # of a member, too little to choose its reader
    file.expect(0, file.size)
    while data := file.read(CHUNK, read):
        read += len(data)
        data, start = start + data, b""
        while data:
            if reader is None:
                data = data.lstrip(b"\0") if members else data
                if not data:
                    break
                _refuse_others(data, members, read - len(data))
                if len(data) <= _FLAGS:
                    start = data
                    break
                library = LIBRARY if data[_FLAGS] & ~_IS_TEXT in _USUAL else zlib
                reader, members = library.decompressobj(_FORM), members + 1
            try:
                piece = reader.decompress(data, PIECE)
            except (LIBRARY.error, zlib.error):
                raise fault(NAME, f"is damaged within its {file.size:,} bytes") from None
            yield piece
            data = reader.unused_data if reader.eof else reader.unconsumed_tail
            reader = None if reader.eof else reader
    if start:
        raise cut_off(NAME, read)
    if reader is not None:
        yield _rest(reader, read)


def _rest(reader: Any, read: int) -> bytes:
    """Return the last bytes: the end of a member may have been read but not yet processed."""
    try:
        rest: bytes = reader.flush()
    except (LIBRARY.error, zlib.error):
        raise fault(NAME, f"is damaged within its {read:,} bytes") from None
    if not reader.eof:
        raise cut_off(NAME, read)
    return rest


def _refuse_others(data: bytes, members: int, place: int) -> None:
    """Reject bytes that do not begin a member; the second byte of two may be still to come."""
    if MAGIC.startswith(data[: len(MAGIC)]):
        return
    if members:
        raise cut_off(NAME, place, f", and what follows is not {NAME}")
    raise other(NAME, ".gz")


COMPRESSION = Compression(NAME, (".gz",), MAGIC, gunzip)
