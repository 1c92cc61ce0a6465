"""A compressed file is read as the plain one that it stands for, or refused in words."""

import errno
import gzip
import os
import random
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from feeds import TABLES
from test_profiling_run import DAY, HEADER, find, rows

from exporter.model import Profile, Stage
from exporter.places.local import LocalFile
from exporter.places.readable import Readable
from exporter.profiling import unpack
from exporter.profiling.compressions import gzip as gzipped
from exporter.profiling.compressions.gzip import MAGIC, gunzip
from exporter.profiling.grammar import NotCsvError, UnpackError
from exporter.profiling.records import Sizes
from exporter.profiling.run import FileChanged, open_part, profile_file
from exporter.template import COMPRESSED

ROWS = rows(3000)
PACKED = gzip.compress(ROWS)
LIBRARIES = ["isal.isal_zlib", "zlib"]  # the second where there is no wheel of the first


def read(path: Path, **options: Any) -> Profile:
    """Profile a file, cut into many ranges."""
    sizes = Sizes(span=20_000, block=7_000)
    return profile_file(find(path), DAY, table=TABLES[Stage.RAW], sizes=sizes, **options)


def write(folder: Path, data: bytes, name: str = "x.csv.gz") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(data)
    return path


def descriptors() -> int:
    """Return how many files are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def expand(path: Path) -> bytes:
    """Return all that a file expands to."""
    with path.open("rb") as file:
        return b"".join(gunzip(LocalFile(file.fileno())))


def reason(call: Callable[[], object]) -> str:
    """Return why a file is refused, which nobody need try again."""
    with pytest.raises(UnpackError) as caught:
        call()
    return str(caught.value.strerror)


def test_every_ending_has_a_reader() -> None:
    """Names are tested below, bytes here."""
    assert sorted(unpack.READERS) == sorted(COMPRESSED)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("level", [0, 9])
def test_the_profile_is_that_of_the_plain_file(tmp_path: Path, threads: int, level: int) -> None:
    """The fingerprint as well, however many ranges and threads there are."""
    plain = read(write(tmp_path, ROWS, "x.csv"))
    assert plain.rows == 3000
    assert read(write(tmp_path, gzip.compress(ROWS, level)), threads=threads) == plain


@pytest.mark.parametrize(
    "data", [b"", HEADER, HEADER.rstrip(), b"\n"], ids=["empty", "header", "line", "feed"]
)
def test_a_file_without_rows_is_as_a_plain_one(tmp_path: Path, data: bytes) -> None:
    """Neither is unreadable."""
    assert read(write(tmp_path, gzip.compress(data))) == read(write(tmp_path, data, "x.csv"))


def test_a_file_without_a_byte_is_empty(tmp_path: Path) -> None:
    """An export that is rerun by redirect has cut it to nothing."""
    assert read(write(tmp_path, b"")).rows == 0


def test_gzip_under_a_plain_name_stays_unreadable(tmp_path: Path) -> None:
    """Who loads by name would load rubbish."""
    with pytest.raises(NotCsvError, match="the file is gzip-compressed"):
        read(write(tmp_path, PACKED, "x.csv"))


@pytest.mark.parametrize("chunk", [1, 2, 3, 17, 1 << 18])
@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
@pytest.mark.parametrize("library", LIBRARIES)
def test_members_and_padding_are_one_file_however_they_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, chunk: int, piece: int
) -> None:
    """Zeros between them as well, and a member that holds nothing."""
    monkeypatch.setattr(gzipped, "LIBRARY", import_module(library))
    monkeypatch.setattr(gzipped, "CHUNK", chunk)
    monkeypatch.setattr(gzipped, "PIECE", piece)
    parts = [random.Random(0).randbytes(300), b"", b"a" * 700]
    packed = gzip.compress(parts[0]) + bytes(5) + gzip.compress(parts[1]) + gzip.compress(parts[2]) + bytes(9)
    assert expand(write(tmp_path, packed)) == b"".join(parts)


@pytest.mark.parametrize("flags", range(32))
@pytest.mark.parametrize("library", LIBRARIES)
def test_any_header_may_be_cut_between_two_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, flags: int
) -> None:
    """With extra data, a name, a comment and a sum, in any combination (RFC 1952)."""
    monkeypatch.setattr(gzipped, "LIBRARY", import_module(library))
    head = MAGIC + bytes([8, flags, *b"\0\0\0\0\0\3"])
    head += b"\5\0extra" * bool(flags & 4) + b"name\0" * bool(flags & 8) + b"comment\0" * bool(flags & 16)
    head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little") * bool(flags & 2)
    path = write(tmp_path, head + gzip.compress(b"a" * 700)[10:])
    for chunk in range(1, len(head) + 2):
        monkeypatch.setattr(gzipped, "CHUNK", chunk)
        assert expand(path) == b"a" * 700


def test_an_unknown_flag_is_refused(tmp_path: Path) -> None:
    """What it announces could not be skipped."""
    path = write(tmp_path, PACKED[:3] + bytes([PACKED[3] | 0x20]) + PACKED[4:])
    assert reason(lambda: read(path)) == f"gzip file is damaged within its {len(PACKED):,} bytes"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PACKED[:-1], f"gzip file is cut off after {len(PACKED) - 1:,} bytes"),
        (PACKED[:1000], "gzip file is cut off after 1,000 bytes"),
        (PACKED[:12], "gzip file is cut off after 12 bytes"),
        (MAGIC[:1], "gzip file is cut off after 1 byte"),
        (PACKED + PACKED[:3], f"gzip file is cut off after {len(PACKED) + 3:,} bytes"),
        (PACKED + PACKED[:400], f"gzip file is cut off after {len(PACKED) + 400:,} bytes"),
        (PACKED + ROWS, f"gzip file is cut off after {len(PACKED):,} bytes, and what follows is not gzip"),
        (PACKED[:-8] + bytes(8), f"gzip file is damaged within its {len(PACKED):,} bytes"),
        (
            PACKED[:500] + b"\xff" * 90 + PACKED[590:],
            f"gzip file is damaged within its {len(PACKED):,} bytes",
        ),
        (ROWS, "not a gzip file, although its name ends in .gz"),
        (b"\0" * 90, "not a gzip file, although its name ends in .gz"),
    ],
    ids=[
        "last byte",
        "half",
        "header",
        "byte",
        "flags",
        "second",
        "garbage",
        "sum",
        "middle",
        "plain",
        "zeros",
    ],
)
@pytest.mark.parametrize("chunk", [7, 1 << 18])
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_not_whole_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, library: str, data: bytes, words: str, chunk: int
) -> None:
    """None of its rows counts."""
    monkeypatch.setattr(gzipped, "LIBRARY", import_module(library))
    monkeypatch.setattr(gzipped, "CHUNK", chunk)
    path = write(tmp_path, data)
    assert reason(lambda: read(path)) == words


def test_a_file_that_is_still_written_to_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not called cut off: it will be whole."""
    path = write(tmp_path, PACKED[:1000])
    source = find(path)

    def written(file: Readable) -> Iterator[bytes]:
        with path.open("ab") as more:
            more.write(b"more")
        yield from gunzip(file)

    assert "cut off" in reason(lambda: read(path))
    monkeypatch.setattr(unpack, "READERS", {".gz": written})
    with pytest.raises(FileChanged), open_part(source.files[0]):
        pass
    with pytest.raises(FileChanged), open_part(replace(source, stamp=replace(source.stamp, size=1)).files[0]):
        pass


def test_what_expands_to_too_much_is_refused(tmp_path: Path) -> None:
    """A few bytes must not fill a disk; up to the bound they are read."""
    path = write(tmp_path, gzip.compress(HEADER + b"a" * 200_000))
    size = len(HEADER) + 200_000
    bound = unpack.Expansion(harmless=size)
    assert read(path, expansion=bound).rows == 1
    bound = replace(bound, harmless=size - 1)
    refused = reason(lambda: read(path, expansion=bound))
    assert refused == f"compressed file expands to more than {size - 1:,} bytes, not read"
    assert read(path, expansion=replace(bound, most_times=1000)).rows == 1, "so much smaller it may well be"
    bound = replace(bound, most_times=1000, largest=1000)
    assert reason(lambda: read(path, expansion=bound)).endswith("more than 1,000 bytes, not read")


def test_a_full_temporary_folder_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not the file's fault, so it is tried again."""
    path, folder = write(tmp_path, PACKED), tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def full(_descriptor: int, _data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = descriptors()
    with monkeypatch.context() as context:
        context.setattr(os, "write", full)
        with pytest.raises(OSError, match="it cannot be decompressed") as caught:
            read(path)
    assert not isinstance(caught.value, NotCsvError | FileNotFoundError)
    assert str(caught.value.strerror).endswith("into the temporary folder: no space left on device")
    assert read(path).rows == 3000
    assert list(folder.iterdir()) == []
    assert descriptors() == before


@pytest.mark.parametrize("named", [True, False])
def test_it_is_unpacked_to_a_disk_unless_a_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    """Where /tmp is memory, a large file must not fill it."""
    asked: list[str | None] = []
    make = tempfile.TemporaryFile

    def noted(**options: str | None) -> object:
        asked.append(options["dir"])
        return make(buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    monkeypatch.setattr(unpack, "ON_DISK", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    if not named:
        monkeypatch.delenv("TMPDIR")
    assert read(write(tmp_path, PACKED)).rows == 3000
    assert asked == [None if named else str(tmp_path)]


def test_no_temporary_folder_is_said_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not read as a file that went away."""

    def absent(**_options: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", absent)
    with pytest.raises(OSError, match="no usable temporary directory") as caught:
        read(write(tmp_path, PACKED))
    assert not isinstance(caught.value, FileNotFoundError)
    assert read(write(tmp_path, ROWS, "x.csv")).rows == 3000
