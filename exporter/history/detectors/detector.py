"""What a detector is: it turns the past of many columns into forecasts."""

from collections.abc import Callable
from dataclasses import dataclass

from exporter.history.detection import Method
from exporter.history.lags import Array, Mask


@dataclass(frozen=True, slots=True)
class Past:
    """The days before the judged ones; a column is one trend of one day.

    ``values`` are lags by columns, the day before first, of the days in baselines, NaN if missing.
    They are logarithms if the detector wants them. ``present`` says where a value existed, whether it
    is in a baseline or not. ``rows`` by lag and ``rows_today`` are the denominators of shares.
    ``least_spread`` is the smallest plausible spread, ``since`` how many of the newest days are on a level
    considered new.
    """

    values: Array
    present: Mask
    rows: Array
    rows_today: Array
    least_spread: Array
    since: Array


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast of each column's day, in the unit of ``Past.values``; NaN if unknown.

    ``spread`` is such that a healthy day exceeds the trend's ``score`` of them as rarely as its budget of
    false alarms says. ``level`` is by how much the newest six days deviate from their expectation, 0 if
    that may be chance. ``members`` are the days used, always known. ``short``: too little history;
    ``unfit``: enough of it, but too much was left out or is inconsistent. ``scale`` is the noise of the past
    and ``own`` the residuals of the newest days with the same weekday; ``None`` if the method knows neither.
    """

    expected: Array
    spread: Array
    level: Array
    members: Array
    short: Mask
    unfit: Mask
    scale: Array | None = None
    own: Array | None = None


@dataclass(frozen=True, slots=True)
class Detector:
    """A method, how many days it looks back, and its forecast function.

    ``missing`` names what must be installed for it, ``None`` if nothing is missing.
    """

    method: Method
    reach: int
    forecast: Callable[[Past], Forecast]
    missing: Callable[[], str | None] = lambda: None
