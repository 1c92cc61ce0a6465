"""A window knows the lines of what it holds."""

from pathlib import Path

import pytest

from exporter.places.local import LocalFile
from exporter.profiling.window import Window


def open_window(path: Path, data: bytes, *, end: int | None = None) -> Window:
    """Read all of a file's bytes before ``end`` into a window of one byte's steps."""
    path.write_bytes(data)
    with path.open("rb") as file:
        window = Window(LocalFile(file.fileno()), 0, len(data))
        for _ in range(len(data) if end is None else end):
            window.fill(1)
    return window


LINES = [
    (b"a", 1, 0),
    (b"a\n", 1, 0),
    (b"a\nb", 2, 2),
    (b"a\r\nb\r\n", 2, 3),
    (b"a\rb\r", 2, 2),
    (b"\n\r\n\r", 3, 3),
    (b"a\r\rb\n\nc", 5, 6),
]


@pytest.mark.parametrize(("data", "lines", "last"), LINES)
def test_lines_are_counted_by_any_kind_of_line_end(
    tmp_path: Path, data: bytes, lines: int, last: int
) -> None:
    """A carriage return and a line feed are one end, and a line without an end is a line."""
    window = open_window(tmp_path / "lines", data)
    assert (window.line_end(), window.count_lines(len(data)), window.last_line(len(data))) == (
        len(data),
        lines,
        last,
    )


@pytest.mark.parametrize(
    ("data", "read", "end"),
    [(b"a\nbcd", 4, 2), (b"a\r\nb", 2, 0), (b"a\rbc", 3, 2), (b"a\n\rb", 3, 2), (b"abc", 2, 0)],
)
def test_a_line_that_may_go_on_has_not_ended(tmp_path: Path, data: bytes, read: int, end: int) -> None:
    """Half of a line end is none, while there is more to read."""
    assert open_window(tmp_path / "lines", data, end=read).line_end() == end


@pytest.mark.parametrize("drop", range(8))
def test_what_stays_is_looked_at_again(tmp_path: Path, drop: int) -> None:
    """After dropping bytes a window knows the same as one that never had them."""
    data = b"a\n\xe9\r\nb\rc"
    window = open_window(tmp_path / "lines", data)
    window.drop(drop)
    fresh = open_window(tmp_path / "rest", data[drop:])
    assert bytes(window.view(0, window.filled)) == data[drop:]
    assert (window.feeds, window.has_returns, window.is_ascii) == (
        fresh.feeds,
        fresh.has_returns,
        fresh.is_ascii,
    )
