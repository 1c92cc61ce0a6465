"""Where lines are records no byte is looked at twice."""

from pathlib import Path

import pytest

from exporter.places.local import LocalFile
from exporter.profiling import records
from exporter.profiling.grammar import Grammar
from exporter.profiling.records import Sizes, read_batches
from exporter.profiling.window import Window

LINE = b"x,2025-03-30T00:00:00Z"


@pytest.fixture
def slow_ways(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record how many bytes take the slow way."""
    taken: list[int] = []
    sift = records.sift

    def spy(data: bytes, *arguments: object, **options: object) -> object:
        taken.append(len(data))
        return sift(data, *arguments, **options)

    monkeypatch.setattr(records, "sift", spy)
    return taken


def count(path: Path, data: bytes) -> tuple[int, int]:
    """Return the good and the malformed records of a file without a header."""
    path.write_bytes(data)
    with path.open("rb") as file:
        window = Window(LocalFile(file.fileno()), 0, len(data))
        batches = list(read_batches(window, Grammar(2, 1, 100), (0, 1), Sizes(block=1000)))
    return sum(batch.table.num_rows for batch in batches if batch.table), sum(
        batch.malformed.count for batch in batches
    )


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_line_end_is_read_the_fast_way(tmp_path: Path, slow_ways: list[int], end: bytes) -> None:
    """Files of other systems cost no more than those of this one, malformed lines included."""
    assert count(tmp_path / "x", (LINE + end) * 400 + b"malformed" + end + LINE) == (401, 1)
    assert slow_ways == []


def test_only_blocks_with_records_over_lines_are_read_the_slow_way(
    tmp_path: Path, slow_ways: list[int]
) -> None:
    """One quoted line break costs a second look at its block."""
    data = (LINE + b"\n") * 200 + b'"x\ny",2025-03-30T00:00:00Z\n' + (LINE + b"\n") * 200
    assert count(tmp_path / "x", data) == (401, 0)
    assert len(slow_ways) == 1
