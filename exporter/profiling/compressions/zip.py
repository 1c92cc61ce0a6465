"""ZIP: an archive of one file, by the standard library."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from typing import NamedTuple

from exporter.places.readable import Readable
from exporter.places.stream import Stream
from exporter.profiling.compression import CHUNK, PIECE, Compression, cut_off, damaged, fault, other

NAME = "zip"
MAGIC = b"PK\x03\x04"
MOST_DIRECTORY = 1 << 20  # bytes of the list of members, all of which the library keeps
OFFICE = "[Content_Types].xml"  # in workbooks and the like
ASIDE = "__MACOSX/"  # what macOS adds beside each file
READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
ENCRYPTED = 0x1  # of a member's flags
_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_LONGEST_COMMENT = 0xFFFF
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MAGIC = b"PK\x06\x07"
_IN_RECORD = 0xFFFFFFFF  # the length of a list that is only in the 64-bit record
_END_64 = struct.Struct("<4sQ2H2L4Q")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def unzip(file: Readable) -> Iterator[bytes]:
    """Yield the only file in an open archive; of an archive without a byte, nothing.

    Folders, and what macOS adds, are not counted. Raises UnpackError where the archive is not whole, is
    encrypted, or has any other number of files.
    """
    size = file.size
    if not size:
        return
    head = file.read(len(MAGIC), 0)
    if not (MAGIC.startswith(head) or head == _END_MAGIC):
        raise other(NAME, ".zip")
    _refuse_long(file, _end(file, size))
    try:
        with zipfile.ZipFile(io.BufferedReader(Stream(file), CHUNK)) as archive:
            member = _only(archive)
            file.expect(0, size)
            with archive.open(member) as reader:
                while piece := reader.read(PIECE):
                    yield piece
    except _DAMAGE:
        raise damaged(NAME, size) from None
    except OSError as error:
        if type(error) is OSError and error.errno is None:  # bzip2's own
            raise damaged(NAME, size) from None
        raise


def _only(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    names = [one.filename for one in archive.infolist()]
    if OFFICE in names:
        raise fault(NAME, "is an Excel workbook or another document")
    files = [one for one in archive.infolist() if not (_is_folder(one) or one.filename.startswith(ASIDE))]
    if len(files) != 1:
        raise fault(NAME, f"holds {len(files):,} files, expected one")
    if files[0].flag_bits & ENCRYPTED:
        raise fault(NAME, "is encrypted")
    if files[0].compress_type not in READ:
        raise fault(NAME, f"is compressed by method {files[0].compress_type}, which is not read")
    return files[0]


def _is_folder(member: zipfile.ZipInfo) -> bool:
    return member.filename.endswith("/")  # is_dir raises IndexError for a member without a name


class _End(NamedTuple):
    """Where an archive's last record begins, and how long its list of members is."""

    place: int
    directory: int


def _end(file: Readable, size: int) -> _End:
    """Find the last record. Raises UnpackError where there is none, or more behind it."""
    start = max(0, size - _END.size - _LONGEST_COMMENT)
    tail = _all(file, start, size)
    behind = None
    at = len(tail)
    while (at := tail.rfind(_END_MAGIC, 0, at)) >= 0:
        if len(tail) - at < _END.size:
            continue
        *_, directory, _, comment = _END.unpack_from(tail, at)
        extra = len(tail) - at - _END.size - comment
        if extra == 0:
            return _End(start + at, directory)
        behind = extra if extra > 0 else behind
    if behind is not None:
        raise fault(NAME, f"is followed by {behind:,} bytes that are not part of it")
    raise cut_off(NAME, size)


def _refuse_long(file: Readable, end: _End) -> None:
    """Refuse a list of members that would fill the memory, however its length is written."""
    length = end.directory
    locator = file.read(_LOCATOR.size, max(0, end.place - _LOCATOR.size))
    if locator.startswith(_LOCATOR_MAGIC) and len(locator) == _LOCATOR.size:
        _, _, place, _ = _LOCATOR.unpack(locator)
        record = file.read(_END_64.size, place) if place < end.place else b""
        if len(record) == _END_64.size:
            length = max(_END_64.unpack(record)[-2], 0 if length == _IN_RECORD else length)
    if length > MOST_DIRECTORY:
        raise fault(NAME, f"lists its files in {length:,} bytes, not read")


def _all(file: Readable, start: int, end: int) -> bytes:
    pieces = []
    while start < end and (piece := file.read(end - start, start)):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


COMPRESSION = Compression(NAME, (".zip",), MAGIC, unzip)
