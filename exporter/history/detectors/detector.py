"""What a detector is: the past of many columns in, what is expected of the day after each of them out."""

from collections.abc import Callable
from dataclasses import dataclass

from exporter.history.detection import Method
from exporter.history.lags import Array, Mask


@dataclass(frozen=True, slots=True)
class Past:
    """The days before those that are judged; a column is one trend of one day.

    ``values`` are lags by columns, the day before first, of the days that serve in baselines, NaN if none
    is. They are logarithms where the detector asks for these. ``present`` says where a value was, whether it
    serves or not. ``rows`` by lag and ``rows_today`` are what a share is a share of. ``least_spread`` is
    the smallest spread to believe in, ``since`` how many of the newest days stand on a level taken for new.
    """

    values: Array
    present: Mask
    rows: Array
    rows_today: Array
    least_spread: Array
    since: Array


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of each column's day, in the unit of ``Past.values``; NaN if nothing can be said.

    ``spread`` is such that a healthy day is beyond the trend's ``score`` of them as rarely as its budget of
    false alarms says. ``level`` is by how much the newest six days lie off what is expected of them, 0 if
    that may be chance. ``members`` are the days that it rests on. ``short``: too little history; ``unfit``:
    enough of it, but too much of that was left out or contradicts itself.
    """

    expected: Array
    spread: Array
    level: Array
    members: Array
    short: Mask
    unfit: Mask


@dataclass(frozen=True, slots=True)
class Detector:
    """A method, how many days it looks back, and how it sees the next one.

    ``missing`` names what must be installed for it, ``None`` if nothing is missing.
    """

    method: Method
    reach: int
    forecast: Callable[[Past], Forecast]
    missing: Callable[[], str | None] = lambda: None
