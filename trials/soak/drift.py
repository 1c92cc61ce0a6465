"""What processes use over time, and whether it grows: samples from /proc and a robust slope."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import psutil

Z_95 = 1.96
FEWEST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A process at one moment: seconds since the start, resident bytes, open files, threads."""

    pid: int
    seconds: float
    resident: int
    files: int
    threads: int


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope per second with its 95% confidence interval."""

    value: float
    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        """Whether zero lies within the interval."""
        return self.low <= 0 <= self.high


def take_sample(pid: int, seconds: float) -> Sample | None:
    """Sample a process, ``None`` if it is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return Sample(pid, seconds, process.memory_info().rss, process.num_fds(), process.num_threads())
    except psutil.Error:
        return None


def folder_bytes(folder: Path) -> int:
    """Return the total size of the files below a folder; those that vanish meanwhile are ignored."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def medians(points: Iterable[tuple[float, float]], every: float) -> list[tuple[float, float]]:
    """Return one point for each block of this many seconds.

    Neighbouring samples of a process are correlated; a confidence interval that treats them as independent
    would be too narrow.
    """
    blocks: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        blocks.setdefault(int(point[0] // every), []).append(point)
    return [
        (statistics.median(x for x, _ in block), statistics.median(y for _, y in block))
        for _, block in sorted(blocks.items())
    ]


def theil_sen(points: Sequence[tuple[float, float]]) -> Slope | None:
    """Return the median of the slopes between all pairs, ``None`` for fewer than four points.

    Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968).
    """
    count = len(points)
    if count < FEWEST_POINTS:
        return None
    slopes = sorted((b - y) / (a - x) for (x, y), (a, b) in combinations(points, 2) if a != x)
    spread = Z_95 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(int((len(slopes) - spread) / 2), 0)
    high = min(math.ceil((len(slopes) + spread) / 2), len(slopes) - 1)
    return Slope(statistics.median(slopes), slopes[low], slopes[high])
