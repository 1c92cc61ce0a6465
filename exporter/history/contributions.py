"""Which value of a column explains most of a total's change, if one does.

A value is named only if three conditions hold: its own change is at least two thirds of the total's; what is
left without it is normal; and its share of the total has moved by more than chance, and more
than from day to day. If all values fall alike their shares stay the same: none is named, however large.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from exporter.history.seasonal import NORMAL_MAD
from exporter.model import Split

EXPLAINS = 2 / 3  # of the total's change, above which a value explains most of it
LEAST_DAYS = 5  # days needed to call a value usual
LEAST_WEEKDAYS = 3  # of the day's own weekday; with fewer, days of any weekday are used
LEAST_OTHERS = 10  # usual rows of all other values: with fewer, no value is named
CHANCE = 4.0  # standard deviations by which a share must deviate
SELDOM = 0.1  # of the days before may have deviated by more than ...
BEYOND = 1.5  # ... this fraction of it
OF_MEDIANS = 1.57  # the variance of a median, in variances of a mean
OF_AMOUNTS = 5.0  # the variance of a share of amounts at least, in variances of the share of their rows
MOST_PARTS = 5  # that are shown


@dataclass(frozen=True, slots=True)
class Contribution:
    """One value's contribution to a total, usual and on the day."""

    value: str
    usual: float
    found: float

    @property
    def change(self) -> float:
        """The day's difference from usual."""
        return self.found - self.usual

    @property
    def ratio(self) -> float | None:
        """Its own change as a ratio; ``None`` for a new value."""
        return self.change / self.usual if self.usual else None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A total's change, and the value behind it; ``others`` are all other values.

    ``parts`` are the values with the largest changes, the one that explains most first.
    """

    trend: str
    column: str
    type: str
    total: Contribution
    others: Contribution
    parts: tuple[Contribution, ...]

    @property
    def leading(self) -> Contribution:
        """The value that explains most of the change."""
        return self.parts[0]

    def share(self, part: Contribution) -> float:
        """Return a value's part of the total's change."""
        return part.change / self.total.change


@dataclass(frozen=True, slots=True)
class Usual:
    """A day's expected total, and the normal range as factors of it."""

    expected: float
    low: float
    high: float


def break_down(
    trend: str, today: Split, past: Sequence[Split], own_weekday: Sequence[bool], usual: Usual
) -> Breakdown | None:
    """Return which value explains most of a total's change, or ``None`` if none does.

    ``past`` are the days to compare with, in any order; ``own_weekday`` says which of them have the
    same weekday as the day itself.
    """
    if len(past) < LEAST_DAYS:
        return None
    known = known_alike((today, *past))
    days = [_Day.of(split, known) for split in past]
    days = [day for day in days if day.is_usable]
    day = _Day.of(today, known)
    if len(days) < LEAST_DAYS or not day.is_usable:
        return None
    same = [_Day.of(split, known) for split, own in zip(past, own_weekday, strict=True) if own]
    same = [one for one in same if one.is_usable]
    chosen = same if len(same) >= LEAST_WEEKDAYS else days
    total = Contribution("", usual.expected, day.total)
    parts = sorted(
        (
            Contribution(name, usual.expected * median(one.share(name) for one in chosen), day.amount(name))
            for name in known
        ),
        key=lambda part: (-part.change * math.copysign(1.0, total.change), part.value),
    )
    if not parts:
        return None
    leading, rest = parts[0], _others(total, parts[0])
    if not _explains(leading, total, rest, usual) or _is_chance(leading, usual, day, days, chosen):
        return None
    return Breakdown(trend, today.column, today.type, total, rest, tuple(parts[:MOST_PARTS]))


def known_alike(splits: Sequence[Split]) -> tuple[str, ...]:
    """Return the names whose counts are known on every day, even if others did not fit the bound.

    The smallest names are kept, so that on a day with an overflow all names up to the last one are known.
    """
    ends = [max(split.rows, default="") for split in splits if split.overflow]
    names = {name for split in splits for name in split.rows}
    return tuple(sorted(name for name in names if not ends or name <= min(ends)))


def _others(total: Contribution, part: Contribution) -> Contribution:
    return Contribution("", total.usual - part.usual, total.found - part.found)


def _explains(leading: Contribution, total: Contribution, rest: Contribution, usual: Usual) -> bool:
    """Return whether a value explains most of the change, and the others are as usual."""
    if not total.change or leading.change / total.change < EXPLAINS or rest.usual <= 0:
        return False
    return usual.low <= rest.found / rest.usual <= usual.high


@dataclass(frozen=True, slots=True)
class _Day:
    """One day's total by value."""

    rows: int
    total: float
    amounts: Mapping[str, float]
    of_amounts: bool

    @classmethod
    def of(cls, split: Split, known: Sequence[str]) -> "_Day":
        amounts = split.rows if split.amounts is None else split.amounts
        overflow = split.overflow if split.amounts is None else split.amounts_overflow
        chosen = {name: float(amounts.get(name, 0)) for name in known}
        rows = sum(split.rows.values()) + split.overflow
        return cls(rows, float(sum(amounts.values()) + overflow), chosen, split.amounts is not None)

    @property
    def is_usable(self) -> bool:
        """Whether it has shares: amounts may cancel out, or overflow."""
        return 0 < self.total < math.inf

    def amount(self, name: str) -> float:
        return self.amounts.get(name, 0.0)

    def share(self, name: str) -> float:
        return self.amount(name) / self.total


def _is_chance(
    leading: Contribution, usual: Usual, day: _Day, days: Sequence[_Day], chosen: Sequence[_Day]
) -> bool:
    """Return whether the value's share may deviate by chance, as if all values had changed alike."""
    name, share = leading.value, leading.usual / usual.expected
    rows = median(one.rows for one in days)
    if rows * (1 - share) < LEAST_OTHERS:  # so share is below 1
        return True
    off = abs(day.share(name) - share)
    middle = median(one.share(name) for one in days)
    sizes = sorted(abs(one.share(name) - middle) for one in days)
    if off <= BEYOND * sizes[-1 - int(SELDOM * len(sizes))]:
        return True
    before = sum(one.rows for one in chosen) / OF_MEDIANS
    now = min(1.0, max(0.0, day.share(name)))  # amounts may be negative
    scatter = NORMAL_MAD * median(sizes) * len(sizes) / (len(sizes) - 0.8)
    by_rows = middle * (1 - middle) / rows
    more = max(OF_AMOUNTS if day.of_amounts else 1.0, scatter**2 / by_rows if by_rows > 0 else 0.0)
    return _odds(now, day.rows, max(0.0, share), before) <= CHANCE**2 * more


def _odds(now: float, rows: float, share: float, before: float) -> float:
    """Return twice the log odds that two shares differ: by chance alone, the square of a normal variable.

    The likelihood-ratio test of two binomial samples (Wilks 1938), which also holds for few rows.
    """
    both = (now * rows + share * before) / (rows + before)
    terms = (
        (size * part, part, whole)
        for size, own in ((rows, now), (before, share))
        for part, whole in ((own, both), (1 - own, 1 - both))
    )
    return 2 * sum(weight * math.log(part / whole) for weight, part, whole in terms if part > 0 and whole > 0)
