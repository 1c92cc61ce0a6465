"""A trend as a small chart: the values of some days, and the expected interval of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 240, 40, 3  # of the drawing, in its own units

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sparkline:
    """SVG paths. ``last`` is the position of the newest value, ``None`` if unknown."""

    line: str
    band: str
    dots: tuple[tuple[float, float], ...]  # values outside their interval
    last: tuple[float, float] | None


def draw(
    values: Sequence[float | None], intervals: Sequence[Interval | None], outside: Sequence[bool]
) -> Sparkline:
    """Draw values and intervals, oldest first; unknown values leave a gap.

    The scale is that of the values; an interval that reaches far beyond them is cut off.
    """
    scale = _Scale.of(values, intervals)
    points = [None if value is None else scale.point(place, value) for place, value in enumerate(values)]
    known = [point for point, is_outside in zip(points, outside, strict=True) if point and is_outside]
    return Sparkline(
        line="".join(_line(points)),
        band="".join(_band(scale, intervals)),
        dots=tuple(known),
        last=points[-1] if points else None,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    step: float

    @classmethod
    def of(cls, values: Sequence[float | None], intervals: Sequence[Interval | None]) -> "_Scale":
        numbers = [value for value in values if value is not None]
        numbers += [edge for interval in intervals if interval for edge in interval]
        seen = [value for value in values if value is not None] or [0.0]
        room = (max(seen) - min(seen)) or abs(max(seen)) or 1.0
        low = max(min(numbers, default=0.0), min(seen) - room)
        high = min(max(numbers, default=1.0), max(seen) + room)
        if high <= low:
            low, high = low - room / 2, low + room / 2
        return cls(low, high, (WIDTH - 2 * EDGE) / max(1, len(values) - 1))

    def point(self, place: int, value: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        return round(EDGE + place * self.step, 1), round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)


def _line(points: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        yield f"{pen}{point[0]:g} {point[1]:g}"
        pen = "L"


def _band(scale: _Scale, intervals: Sequence[Interval | None]) -> Iterator[str]:
    for run in _runs(intervals):
        upper = [scale.point(place, high) for place, (_, high) in run]
        lower = [scale.point(place, low) for place, (low, _) in reversed(run)]
        yield "M" + "L".join(f"{x:g} {y:g}" for x, y in (*upper, *lower)) + "Z"


def _runs(intervals: Sequence[Interval | None]) -> Iterator[list[tuple[int, Interval]]]:
    run: list[tuple[int, Interval]] = []
    for place, interval in enumerate([*intervals, None]):
        if interval is not None:
            run.append((place, interval))
        elif run:
            yield run
            run = []
