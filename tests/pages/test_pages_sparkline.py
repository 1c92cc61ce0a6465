"""A sparkline draws what it is given, and only that."""

import re

import pytest

from exporter.pages.sparkline import EDGE, HEIGHT, WIDTH, draw


def numbers(path: str) -> list[float]:
    """Return the coordinates of a path, one after the other."""
    return [float(text) for text in re.findall(r"-?[0-9.]+", path)]


def test_values_run_from_edge_to_edge() -> None:
    """The largest is at the top, the smallest at the bottom."""
    drawn = draw([1.0, 3.0, 2.0], [None] * 3, [False] * 3)
    assert numbers(drawn.line) == [EDGE, HEIGHT - EDGE, WIDTH / 2, EDGE, WIDTH - EDGE, HEIGHT / 2]
    assert drawn.last == (WIDTH - EDGE, HEIGHT / 2)
    assert (drawn.band, drawn.dots) == ("", ())


def test_what_is_not_known_leaves_a_gap() -> None:
    """The line and the band are interrupted."""
    drawn = draw([1.0, None, 2.0, 3.0], [(0.0, 4.0), None, (1.0, 3.0), (1.0, 3.0)], [False] * 4)
    assert drawn.line.count("M") == 2
    assert drawn.band.count("Z") == 2


def test_a_value_outside_is_a_dot() -> None:
    """At its own position; an unknown value has none."""
    drawn = draw([1.0, 9.0, None], [None] * 3, [False, True, True])
    assert drawn.dots == ((WIDTH / 2, EDGE),)
    assert drawn.last is None


@pytest.mark.parametrize("values", [[], [None], [0.0], [5.0, 5.0], [-3.0, -3.0], [1e300, -1e300]])
def test_whatever_comes_is_drawn_within_the_frame(values: list[float | None]) -> None:
    """No division by zero, nothing outside the frame, no NaN."""
    drawn = draw(values, [(-1e12, 1e12)] * len(values), [True] * len(values))
    for x, y in zip(*(iter(numbers(drawn.line + drawn.band)),) * 2, strict=True):
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    assert "nan" not in drawn.line + drawn.band


def test_a_wide_interval_does_not_flatten_the_line() -> None:
    """It is clipped, so that the values still fill a third of the height."""
    drawn = draw([1.0, 2.0], [(-1000.0, 1000.0)] * 2, [False] * 2)
    heights = numbers(drawn.line)[1::2]
    assert abs(heights[0] - heights[1]) > HEIGHT / 4
