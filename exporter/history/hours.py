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
# Shorter stretches must be nearly empty, or a burst that weighs in the day.
EMPTY, BURST, LEAST_BURST = 0.1, 6.0, 0.1  # the last: its additional rows, as a share of the day's usual ones
FEWEST_OF_HOUR = 50.0  # expected of an hour that counts as nearly empty
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
    size: Any  # by day, the rows it would have if all hours were as its middle one
    few: bool  # the same weekday is unknown: only a burst is surely unusual


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
    """Return the days with another day of the same weekday to compare with, or all if those are few."""
    alike = {back: day for back, day in earlier.items() if len(day) == len(today) and sum(day) > 0}
    shares = {back: np.array(day, np.float64) / sum(day) for back, day in alike.items()}
    usual: dict[int, Any] = {}
    for back in (0, *alike):
        others = [shares[other] for other in alike if other != back and (other - back) % WEEK == 0]
        if others:
            usual[back] = np.mean(others, axis=0)
    few = 0 not in usual or len(usual) <= LEAST_DAYS
    if sum(today) <= 0 or len(alike) < LEAST_DAYS:
        return None
    compared = (0, *alike) if few else tuple(usual)
    rows = np.array([today if back == 0 else alike[back] for back in compared], np.float64)
    most = np.broadcast_to(np.median(list(shares.values()), axis=0), rows.shape)
    own = most if few else np.array(list(usual.values()))
    return _Days(rows, (most, own), _sizes(rows, most[0]), few)


def _sizes(rows: Matrix, shares: Any) -> Any:
    """Return each day's size by its middle hour, weighted by rows: a burst or a gap does not move it."""
    with np.errstate(all="ignore"):
        sizes = np.where(shares > 0, rows / shares, np.nan)
    order = np.argsort(sizes, axis=1)  # NaN sorts last
    weights = np.cumsum(shares[order], axis=1)
    middle = (weights < weights[:, -1:] / 2).sum(axis=1)[:, None]
    return np.take_along_axis(sizes, np.take_along_axis(order, middle, 1), 1)[:, 0]


def _candidates(days: _Days) -> Iterator[tuple[float, Stretch]]:
    """Yield the unusual stretches, each with its deviation."""
    for low in (False,) if days.few else (True, False):
        if not _is_whole(days, 1, low=low).any():  # as on most days: skip the rest
            continue
        off = {length: _off(days, length, low=low) for length in range(1, LONGEST + 1)}
        usual = _farthest([known.score[1:] for known in off.values()])
        for length, known in off.items():
            far = _is_far(known, days, length, low=low) & (known.score[0] > BEYOND * usual)
            for start in np.flatnonzero(far & _is_whole(days, length, low=low)).tolist():
                rows, expected = round(float(known.rows[0, start])), float(known.expected[0, start])
                yield float(known.score[0, start]), Stretch(start, start + length, rows, expected)


def _is_far(known: _Off, days: _Days, length: int, *, low: bool) -> Any:
    """Return which of today's stretches have half or nearly twice their rows; short ones none, or a burst."""
    rows, expected = known.rows[0], known.expected[0]
    enough = expected >= FEWEST_ROWS
    if low and length < LEAST_LOW_HOURS:
        return (rows <= EMPTY * expected) & (expected >= FEWEST_OF_HOUR)
    if not low and (length < LEAST_HIGH_HOURS or days.few):
        size = days.size[0]  # 0 if hardly any hour has rows: then this is no burst, but all there is
        return (rows >= BURST * expected) & (rows - expected >= LEAST_BURST * size) & (size > 0)
    return enough & (rows <= LOW * expected if low else rows >= HIGH * expected)


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
    shares = [np.minimum(_added(share, length), MOST_SHARE) for share in days.shares]
    # The rest of the day may be off as well: a burst makes it larger, a gap smaller.
    sizes = [rest / (1 - share) for share in shares]
    limit = np.fmin if low else np.fmax
    ways = [share * limit(size, days.size[:, None]) for share, size in zip(shares, sizes, strict=True)]
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
