"""Whatever is in a file's place is described in a few words."""

import gzip
import os
from pathlib import Path

import pytest

from exporter.profiling import aside
from exporter.profiling.aside import describe

ROWS = b"".join(b"%d,value\n" % (number * 7919) for number in range(40_000))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(ROWS), "gzip-compressed"),
        (gzip.compress(b""), "gzip-compressed"),
        (gzip.compress(b"0" * 3_000_000), "gzip-compressed"),
        (gzip.compress(ROWS[:900]) + gzip.compress(ROWS[900:]) + b"\0" * 8, "gzip-compressed"),
        (gzip.compress(ROWS)[:-1], "a gzip file that is cut off after"),
        (gzip.compress(ROWS)[:50_000], "a gzip file that is cut off after 50,000 bytes"),
        (gzip.compress(ROWS)[:12], "a gzip file that is cut off after 12 bytes"),
        (gzip.compress(ROWS[:9]) + gzip.compress(ROWS)[:400], "a gzip file that is cut off after"),
        (gzip.compress(ROWS)[:-8] + bytes(8), "a gzip file that is damaged"),
        (b"PK\x03\x04rest", "a zip file that is cut off after 8 bytes"),
        (b"PAR1", "a Parquet file"),
        (ROWS, ""),
        (b"", ""),
    ],
    ids=range(13),
)
def test_a_file_is_told_by_its_bytes(content: bytes, words: str, tmp_path: Path) -> None:
    """Complete, truncated or damaged; text is not worth mentioning."""
    path = tmp_path / "file"
    path.write_bytes(content)
    said = describe(path)
    assert said.startswith(words) if words else not said


def test_a_large_one_is_not_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first bytes are enough."""
    monkeypatch.setattr(aside, "MOST", 10)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(ROWS)[:500])
    assert describe(path) == "gzip-compressed"


def test_a_folder_is_told_by_how_many_files_it_has(tmp_path: Path) -> None:
    """Parts of a day, as written by a cluster."""
    (tmp_path / "one").touch()
    assert describe(tmp_path) == "a folder of 1 file"
    (tmp_path / "two").touch()
    assert describe(tmp_path) == "a folder of 2 files"


def test_what_cannot_be_looked_at_is_not_spoken_of(tmp_path: Path) -> None:
    """Links could lead anywhere, and a pipe would wait forever."""
    (tmp_path / "file").write_bytes(gzip.compress(ROWS))
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    assert [describe(tmp_path / name) for name in ("link", "pipe", "absent")] == ["", "", ""]


def test_it_is_looked_at_again_when_it_changes(tmp_path: Path) -> None:
    """A copy in progress is complete later."""
    path, whole = tmp_path / "file", gzip.compress(ROWS)
    path.write_bytes(whole[:5000])
    assert "cut off" in describe(path)
    path.write_bytes(whole)
    assert describe(path) == "gzip-compressed"
