"""A ZIP archive is read where it holds one file, and refused in words where it does not."""

import struct
import zipfile
from pathlib import Path

import pytest
from packing import archive
from test_profiling_compressions import ROWS, read, write
from test_profiling_unpack import reason

from exporter.profiling.aside import describe
from exporter.profiling.compressions import zip as zipped
from exporter.profiling.unpack import Expansion

METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
EMPTY = archive()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_gives_the_profile_of_the_plain_file(tmp_path: Path, method: int) -> None:
    """Whatever the file in it is called, and in whatever folder."""
    packed = archive(("export/", b""), ("export/day 1.txt", ROWS), method=method)
    assert read(write(tmp_path, packed, ".zip")) == read(write(tmp_path, ROWS))


def test_what_macos_adds_is_not_a_second_file(tmp_path: Path) -> None:
    """Nor does a comment at the end matter."""
    packed = archive(("x.csv", ROWS), ("__MACOSX/._x.csv", b"\0\5\26\7"))
    commented = packed[:-2] + struct.pack("<H", 7) + b"a daily"
    assert read(write(tmp_path, commented, ".zip")) == read(write(tmp_path, ROWS))


def test_a_file_without_a_name_is_read(tmp_path: Path) -> None:
    """The standard library cannot say whether it is a folder."""
    unnamed = archive(("no name", ROWS)).replace(b"no name", bytes(7))  # names end at a NUL byte
    assert read(write(tmp_path, unnamed, ".zip")) == read(write(tmp_path, ROWS))


def test_an_archive_that_needs_64_bits_is_read(tmp_path: Path) -> None:
    """As one is written whose size is not known beforehand."""
    path = tmp_path / "x.csv.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("x.csv", "w", force_zip64=True) as member,
    ):
        member.write(ROWS)
    assert read(path) == read(write(tmp_path, ROWS))


def encrypted() -> bytes:
    """Return an archive whose only file says that it is encrypted."""
    packed = bytearray(archive(("x.csv", ROWS)))
    packed[6] |= zipped.ENCRYPTED
    packed[packed.rindex(b"PK\x01\x02") + 8] |= zipped.ENCRYPTED
    return bytes(packed)


def by_method(method: int) -> bytes:
    """Return an archive whose only file is compressed by a method of another number."""
    packed = bytearray(archive(("x.csv", ROWS)))
    packed[8:10] = struct.pack("<H", method)
    at = packed.rindex(b"PK\x01\x02") + 10
    packed[at : at + 2] = struct.pack("<H", method)
    return bytes(packed)


def with_long_list(length: int) -> bytes:
    """Return an archive whose last record claims so long a list of members."""
    packed = bytearray(archive(("x.csv", ROWS)))
    packed[-10:-6] = struct.pack("<L", length)
    return bytes(packed)


def with_long_list_64(length: int) -> bytes:
    """Return one whose record of 64 bits claims it."""
    packed = archive(("x.csv", ROWS))
    end = zipped._END_64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, length, 0)
    locator = zipped._LOCATOR.pack(b"PK\x06\x07", 0, len(packed) - 22, 1)
    return packed[:-22] + end + locator + packed[-22:-10] + b"\xff" * 4 + packed[-6:]


REFUSED = {
    "none": (EMPTY, "holds 0 files, expected one"),
    "two": (archive(("a.csv", ROWS), ("b.csv", ROWS)), "holds 2 files, expected one"),
    "workbook": (archive(("[Content_Types].xml", b""), ("xl/a.xml", b"")), "is an Excel workbook or another"),
    "encrypted": (encrypted(), "is encrypted"),
    "deflate64": (by_method(9), "is compressed by method 9, which is not read"),
    "many": (with_long_list(1 << 21), "lists its files in 2,097,152 bytes, not read"),
    "many in 64 bits": (with_long_list_64(1 << 40), "lists its files in 1,099,511,627,776 bytes, not read"),
    "followed": (archive(("x.csv", ROWS)) + b"more", "is followed by 4 bytes that are not part of it"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
def test_an_archive_of_anything_else_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    """Before any row of it counts; one that lies aside is told alike."""
    path = write(tmp_path, data, ".zip")
    assert reason(lambda: read(path)).startswith(f"zip file {words}")
    if data.startswith(zipped.MAGIC):
        assert describe(path).startswith(f"a zip file that {words}")


def with_size(claimed: int) -> bytes:
    """Return an archive that claims so many bytes of its only file."""
    packed = bytearray(archive(("x.csv", ROWS)))
    at = packed.rindex(b"PK\x01\x02") + 24
    packed[at : at + 4] = struct.pack("<L", claimed)
    return bytes(packed)


def test_the_archives_own_word_on_its_size_bounds_nothing(tmp_path: Path) -> None:
    """Rows beyond it are not left out in silence; where it claims more the rows are all there."""
    words = reason(lambda: read(write(tmp_path, with_size(100), ".zip")))
    assert words.startswith("zip file is damaged within its first ")
    assert read(write(tmp_path, with_size(1 << 31), ".zip")) == read(write(tmp_path, ROWS))


def test_a_bomb_of_a_bomb_stops_at_the_bound(tmp_path: Path) -> None:
    """However small it is."""
    packed = archive(("x.csv", ROWS[:70] + b"a" * 3_000_000))
    assert len(packed) < 10_000
    words = reason(lambda: read(write(tmp_path, packed, ".zip"), expansion=Expansion(largest=1_000_000)))
    assert words == "compressed file expands to more than 1,000,000 bytes, not read"
