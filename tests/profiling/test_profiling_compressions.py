"""Each compression gives the plain file's profile, or an error with a position in the file."""

import random
from pathlib import Path
from typing import Any

import pytest
from feeds import TABLES
from packing import PACK
from running import virtual_bytes
from test_profiling_run import DAY, find, rows
from test_profiling_unpack import reason

from exporter.model import Profile, Stage
from exporter.places import stream
from exporter.profiling import members
from exporter.profiling.aside import describe
from exporter.profiling.grammar import UnpackError
from exporter.profiling.records import Sizes
from exporter.profiling.run import profile_file
from exporter.profiling.unpack import COMPRESSIONS, Expansion

NAMES = {form.endings[0]: form.name for form in COMPRESSIONS}
ROWS = rows(3000)
STREAMS = set(PACK) - {".zip"}  # whose files may follow each other
BY_ENDING = pytest.mark.parametrize("ending", PACK)


def read(path: Path, **options: Any) -> Profile:
    """Profile a file, cut into many ranges."""
    sizes = Sizes(span=20_000, block=7_000)
    return profile_file(find(path), DAY, table=TABLES[Stage.RAW], sizes=sizes, **options)


def write(folder: Path, data: bytes, ending: str = "") -> Path:
    """Write a file."""
    path = folder / f"x.csv{ending}"
    path.write_bytes(data)
    return path


@BY_ENDING
def test_damaged_files_keep_no_memory(tmp_path: Path, ending: str) -> None:
    """Arrow's own `read` keeps what it had reserved where it raises."""
    packed = PACK[ending](ROWS)
    path = write(tmp_path, packed[: len(packed) // 2], ending)
    with pytest.raises(UnpackError):
        read(path)
    before = virtual_bytes()
    for _ in range(100):
        with pytest.raises(UnpackError):
            read(path)
    assert virtual_bytes() - before < 50 << 20


def test_each_form_is_tested_here() -> None:
    """A new one needs a line above."""
    assert set(NAMES) == set(PACK)


@BY_ENDING
@pytest.mark.parametrize("chunk", [1, 2, 3, 17, 1 << 18])
def test_the_profile_is_that_of_the_plain_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, chunk: int
) -> None:
    """With one member or several, one of them empty, however they are split."""
    monkeypatch.setattr(members, "CHUNK", chunk)
    monkeypatch.setattr(stream, "TOGETHER", chunk)
    data = ROWS if chunk > 3 else ROWS[:2000]
    pack, cut = PACK[ending], len(data) // 3
    plain = read(write(tmp_path, data))
    assert read(write(tmp_path, pack(data), ending)) == plain
    if ending not in STREAMS:
        return
    parts = pack(data[:cut]) + pack(b"") + pack(data[cut:])
    assert read(write(tmp_path, parts, ending)) == plain


@BY_ENDING
def test_a_file_without_a_byte_is_empty(tmp_path: Path, ending: str) -> None:
    """A compressed file of nothing is not unreadable either."""
    assert read(write(tmp_path, b"", ending)).rows == 0
    assert read(write(tmp_path, PACK[ending](b""), ending)).rows == 0


@BY_ENDING
@pytest.mark.parametrize("length", [1, 3, 9, 1000, -1])
def test_what_is_cut_off_is_refused_with_the_place(tmp_path: Path, ending: str, length: int) -> None:
    """None of its rows count; a misplaced one is described alike."""
    packed = PACK[ending](random.Random(0).randbytes(4000) + ROWS)[:length]
    path = write(tmp_path, packed, ending)
    words = f"is cut off after {len(packed):,} {'byte' if length == 1 else 'bytes'}"
    assert reason(lambda: read(path)) == f"{NAMES[ending]} file {words}"
    if length > 6:
        assert describe(path) == f"a {NAMES[ending]} file that {words}"


@BY_ENDING
def test_what_is_damaged_is_refused_with_a_place(tmp_path: Path, ending: str) -> None:
    """Or with what comes after it."""
    packed = PACK[ending](random.Random(0).randbytes(40) + ROWS)
    for data in (packed + b"more bytes that are nothing\n" * 9, packed[:6] + b"\xff" * 30 + packed[36:]):
        path = write(tmp_path, data, ending)
        words = reason(lambda path=path: read(path))  # type: ignore[misc]
        assert words.startswith(f"{NAMES[ending]} file is ")
        assert "bytes" in words


@BY_ENDING
def test_another_file_under_such_a_name_is_named(tmp_path: Path, ending: str) -> None:
    """A plain one, most likely."""
    path = write(tmp_path, ROWS, ending)
    assert reason(lambda: read(path)) == f"not a {NAMES[ending]} file, although its name ends in {ending}"


@BY_ENDING
def test_a_bomb_stops_at_the_bound_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    """By its ratio, beyond a harmless size, and by its size; open files are closed."""
    path = write(tmp_path, PACK[ending](ROWS[:70] + b"a" * 3_000_000), ending)
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    for bound in (Expansion(harmless=1_000_000, most_times=2), Expansion(largest=1_000_000)):
        words = reason(lambda bound=bound: read(path, expansion=bound))  # type: ignore[misc]
        assert words == "compressed file expands to more than 1,000,000 bytes, not read"
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files
