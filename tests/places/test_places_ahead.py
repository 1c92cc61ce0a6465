"""Prefetched bytes are correct, each is fetched once, and at most two blocks are held."""

import errno
import io
from concurrent.futures import Future
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow.fs import LocalFileSystem
from running import virtual_bytes

from exporter.model import PartFile, Stamp
from exporter.places import ahead
from exporter.places.ahead import Ahead
from exporter.places.readable import PlaceError
from exporter.places.remote import RemoteFile

DATA = bytes(range(256)) * 4


@given(
    start=st.integers(0, 1000), length=st.integers(0, 1024), steps=st.lists(st.integers(1, 300), max_size=40)
)
def test_a_range_comes_once_and_in_order(start: int, length: int, steps: list[int]) -> None:
    """However it is read; nothing beyond the range is fetched."""
    fetched: list[tuple[int, int]] = []

    def submit(position: int, size: int) -> "Future[bytes]":
        fetched.append((position, size))
        future: Future[bytes] = Future()
        future.set_result(DATA[position : position + size])
        return future

    end = min(start + length, len(DATA))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "BLOCK", 100)
        reader, position = Ahead(submit, start, end), start
        for step in steps:
            found = reader.read(min(step, end - position), position)
            if position >= end:
                break
            assert found is not None
            assert bytes(found) == DATA[position : position + len(found)]
            assert len(found) > 0
            position += len(found)
            assert sum(size for _, size in fetched) <= position - start + 200
    assert sum(size for _, size in fetched) <= max(0, end - start)
    assert len({place for place, _ in fetched}) == len(fetched)


@pytest.mark.parametrize("length", [1, 99, 100, 250, 5000])
def test_a_read_is_whole_although_a_block_ends_within_it(tmp_path: Path, length: int) -> None:
    """Only the end of the file makes it shorter."""
    path = tmp_path / "x"
    path.write_bytes(DATA)
    source = LocalFileSystem().open_input_file(str(path))
    file = RemoteFile(PartFile(path, Stamp(0, 0, 0, 0)), None, "x", source, len(DATA))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "BLOCK", 100)
        file.expect(0, len(DATA))
        for start in range(0, len(DATA) + 1, length):
            assert file.read(length, start) == DATA[start : start + length]
    file.close()


class _Gone(io.RawIOBase):
    """A file that cannot be read."""

    def readable(self) -> bool:
        """Return that it could be."""
        return True

    def seekable(self) -> bool:
        """Return that it could be."""
        return True

    def seek(self, place: int, _whence: int = 0) -> int:
        """Go anywhere."""
        return place

    def tell(self) -> int:
        """Return a size."""
        return 1 << 30

    def read(self, _size: int = -1) -> bytes:
        """Fail."""
        raise OSError(errno.EIO, "gone")


def test_reads_that_fail_keep_no_memory(tmp_path: Path) -> None:
    """A bucket may refuse for weeks; Arrow's own `read_at` keeps what it had reserved."""
    file = RemoteFile(
        PartFile(tmp_path / "x", Stamp(0, 0, 0, 0)), None, "x", pa.PythonFile(_Gone(), mode="r"), 1 << 30
    )
    before = virtual_bytes()
    for _ in range(100):
        with pytest.raises(PlaceError):
            file.read(ahead.BLOCK, 0)
    assert virtual_bytes() - before < 50 * ahead.BLOCK


def test_unannounced_ranges_are_not_prefetched() -> None:
    """Reads elsewhere make a request of their own."""
    assert Ahead(lambda *_: Future(), 10, 10).read(5, 0) is None
