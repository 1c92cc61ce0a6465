"""The shape of a day: hours with far fewer or far more rows than usual.

The day's own total does not matter: a stretch is compared with the rest of the same day. It must deviate both
from most days and from the same weekday: the hours of a Sunday are not those of a Monday, and a
single day of the same weekday may have been unusual itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

WEEK = 7
LEAST_DAYS = 5  # that show how much a day's hours usually deviate
FEWEST_ROWS = 30.0  # expected of a stretch: with fewer, half or twice as many occur by chance
LONGEST = 6  # hours of a stretch: for longer ones the rest of the day says little
LOW, LEAST_LOW_HOURS = 0.55, 2  # share of the expected rows
# A busy hour is a mailing or a crawler: on real days six hours have had 1.86 times their rows, one 2.5 times.
HIGH, LEAST_HIGH_HOURS = 1.9, 3
HALFWAY_LOW, HALFWAY_HIGH = 0.8, 1.3  # of each hour of a stretch
BEYOND = 1.4  # times the largest deviation of the days before, except their worst
ALWAYS_OFF = 8  # days above which the worst is left out: it may have been as bad as this one
MOST_SHARE = 0.95  # of a day that a stretch may usually have

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours of a day, ``[start, end)`` from its start, with their rows and the expected rows."""

    start: int
    end: int
    rows: int
    expected: float


@dataclass(frozen=True, slots=True)
class _Days:
    """Rows by hour of each day, today's first, and the usual shares of a day."""

    rows: Matrix
    shares: tuple[Matrix, Matrix]  # of most days, of the same weekday


@dataclass(frozen=True, slots=True)
class _Off:
    """All stretches of one length, one column each, one row per day, by the reference closer to the day.

    ``score`` is in standard deviations of pure chance, above 0 if it deviates in the direction looked for.
    """

    rows: Matrix
    expected: Matrix
    score: Matrix


def unusual_hours(today: Sequence[int], earlier: Mapping[int, Sequence[int]]) -> Stretch | None:
    """Return the most unusual stretch of a day, or ``None`` if none is unusual.

    ``earlier`` are the days before, by the number of days back. A day is its rows, one number per
    hour; days with another length than today are ignored.
    """
    days = _days(today, earlier)
    if days is None:
        return None
    found = max(_candidates(days), key=lambda candidate: candidate[0], default=None)
    return None if found is None else found[1]


def _days(today: Sequence[int], earlier: Mapping[int, Sequence[int]]) -> _Days | None:
    """Return the days with another day of the same weekday to compare with."""
    alike = {back: day for back, day in earlier.items() if len(day) == len(today) and sum(day) > 0}
    shares = {back: np.array(day, np.float64) / sum(day) for back, day in alike.items()}
    usual: dict[int, Any] = {}
    for back in (0, *alike):
        others = [shares[other] for other in alike if other != back and (other - back) % WEEK == 0]
        if others:
            usual[back] = np.mean(others, axis=0)
    if sum(today) <= 0 or 0 not in usual or len(usual) <= LEAST_DAYS:
        return None
    rows = np.array([today if back == 0 else alike[back] for back in usual], np.float64)
    most = np.median(list(shares.values()), axis=0)
    return _Days(rows, (np.broadcast_to(most, rows.shape), np.array(list(usual.values()))))


def _candidates(days: _Days) -> Iterator[tuple[float, Stretch]]:
    """Yield the unusual stretches, each with its deviation."""
    for low in (True, False):
        least = LEAST_LOW_HOURS if low else LEAST_HIGH_HOURS
        if not _is_whole(days, least, low=low).any():  # as on most days: skip the rest
            continue
        off = {length: _off(days, length, low=low) for length in range(least, LONGEST + 1)}
        usual = _farthest([known.score[1:] for known in off.values()])
        for length, known in off.items():
            far = (
                _is_far(known, low=low) & (known.score[0] > BEYOND * usual) & _is_whole(days, length, low=low)
            )
            for start in np.flatnonzero(far & (known.expected[0] >= FEWEST_ROWS)).tolist():
                rows, expected = round(float(known.rows[0, start])), float(known.expected[0, start])
                yield float(known.score[0, start]), Stretch(start, start + length, rows, expected)


def _is_far(known: _Off, *, low: bool) -> Any:
    """Return which of today's stretches have half or nearly twice their rows."""
    rows, expected = known.rows[0], known.expected[0]
    return rows <= LOW * expected if low else rows >= HIGH * expected


def _is_whole(days: _Days, length: int, *, low: bool) -> Any:
    """Return which of today's stretches deviate in each of their hours, not because of a single one."""
    one = _off(days, 1, low=low)
    rows, expected = one.rows[0], one.expected[0]
    off = rows < HALFWAY_LOW * expected if low else rows > HALFWAY_HIGH * expected
    return np.lib.stride_tricks.sliding_window_view(off, length).all(1)


def _off(days: _Days, length: int, *, low: bool) -> _Off:
    """Compare each stretch of each day with its usual share, and with the rest of its day."""
    rows = _added(days.rows, length)
    rest = days.rows.sum(1, keepdims=True) - rows
    shares = (np.minimum(_added(share, length), MOST_SHARE) for share in days.shares)
    ways = [share / (1 - share) * rest for share in shares]
    expected = np.minimum(*ways) if low else np.maximum(*ways)
    return _Off(rows, expected, (expected - rows if low else rows - expected) / np.sqrt(expected + 1.0))


def _added(matrix: Matrix, length: int) -> Matrix:
    """Return the sums of consecutive hours, starting at each hour."""
    summed: Matrix = np.lib.stride_tricks.sliding_window_view(matrix, length, axis=1).sum(2)
    return summed


def _farthest(scores: Sequence[Matrix]) -> float:
    """Return the largest deviation of the earlier days; if there are many, without the worst."""
    worst = np.sort(np.concatenate(scores, axis=1).max(axis=1))
    return max(1.0, float(worst[-2 if worst.size >= ALWAYS_OFF else -1]))
