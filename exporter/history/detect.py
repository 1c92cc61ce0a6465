"""Runs every trend of the wanted partitions through its detector, vectorised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log

import numpy as np

from exporter.history.counting import factors, is_chance
from exporter.history.counting import spread as counting_spread
from exporter.history.detection import Detection, Event, Method, Readiness
from exporter.history.detectors.detector import Detector, Forecast, Past
from exporter.history.detectors.known import DETECTORS
from exporter.history.lags import Array, Mask, median
from exporter.history.levels import changes, days_on_new_level
from exporter.history.trend import LEAST_MEMBERS, Band, Trend, TrendFigures

COLUMNS_AT_ONCE = 1500  # more would not fit into the processor's cache
WORTH_DAYS = 28  # that say what one order is worth
SMALLEST = 1e-9  # replaces zero and negative values, which have no finite logarithm
LARGEST = log(np.finfo("float64").max)


@dataclass(frozen=True, slots=True)
class Frame:
    """Input of detectors: values by day and trend; rows and usability by day.

    ``accepted`` marks by day and trend where a new level was declared. ``counts`` are the numbers of things
    behind the values, NaN if unknown.
    """

    values: Array
    rows: Array
    serving: Mask
    accepted: Mask
    counts: Array


@dataclass(frozen=True, slots=True)
class Detected:
    """Figures of one trend, each an array of the wanted days, and its detector's readiness on each."""

    method: Method
    readiness: Sequence[Readiness]
    figures: Mapping[str, list[float]]

    def on(self, place: int, event: Event | None) -> Detection:
        """Return one day's detection."""
        known = {name: cell for name, cells in self.figures.items() if isfinite(cell := cells[place])}
        members = int(known.pop("members"))
        return Detection(self.method, self.readiness[place], members, **known, event=event)


def detect(frame: Frame, trends: Sequence[Trend], wanted: Sequence[int]) -> list[Detected | None]:
    """Run each trend's detector over the rows ``wanted``; ``None`` if the 7-day rule judges."""
    found: list[Detected | None] = [None] * len(trends)
    rows = np.array(wanted, dtype="int64")
    for method, detector in DETECTORS.items():
        places = [place for place, trend in enumerate(trends) if trend.band.method is method]
        if places and len(rows):
            bands = [trends[place].band for place in places]
            for place, detected in zip(places, _detected(detector, frame, places, bands, rows), strict=True):
                found[place] = detected
    return found


def _detected(
    detector: Detector, frame: Frame, places: Sequence[int], bands: Sequence[Band], wanted: Array
) -> list[Detected]:
    own = Frame(
        frame.values[:, places], frame.rows, frame.serving, frame.accepted[:, places], frame.counts[:, places]
    )
    since = _since(detector.method, own, bands, wanted)
    at_once = max(1, COLUMNS_AT_ONCE // len(places))
    parts = [
        _figures(detector, own, bands, wanted[start : start + at_once], since[start : start + at_once])
        for start in range(0, len(wanted), at_once)
    ]
    figures = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    states = figures.pop("state").astype("int64")
    order = list(Readiness)
    return [
        Detected(
            detector.method,
            [order[state] for state in states[:, column].tolist()],
            {name: array[:, column].tolist() for name, array in figures.items()},
        )
        for column in range(len(places))
    ]


def _since(method: Method, own: Frame, bands: Sequence[Band], wanted: Array) -> Array:
    """Return for how many days the past of each wanted day has been on a new level."""
    accepted = days_on_new_level(own.accepted, wanted, np.ones(len(bands)))
    if not method.of_logarithms:
        return accepted
    after = np.array([band.new_level_days for band in bands])
    with np.errstate(all="ignore"):
        logs = np.where((own.values > 0) & own.serving[:, None], np.log(own.values), np.nan)
    found = days_on_new_level(changes(logs), wanted, after)
    # Of two the later one.
    return np.where((accepted > 0) & (found > 0), np.minimum(accepted, found), np.maximum(accepted, found))


def _figures(
    detector: Detector, own: Frame, bands: Sequence[Band], wanted: Array, since: Array
) -> dict[str, Array]:
    """Return the figures of the wanted days, each an array of days by trends."""
    shape = (len(wanted), len(bands))
    values = own.values[wanted]
    rows = np.broadcast_to(own.rows[wanted][:, None], shape)
    with np.errstate(all="ignore"):  # missing values are NaN, overflows are left out at the end
        forecast = detector.forecast(_past(detector, own, bands, wanted, since))
        expected, spread, level = (
            array.reshape(shape) for array in (forecast.expected, forecast.spread, forecast.level)
        )
        logarithms = detector.method.of_logarithms
        found = np.log(np.maximum(values, SMALLEST)) if logarithms else values
        low, high = _limits(detector.method, expected, spread, bands, rows)
        if forecast.scale is not None and forecast.own is not None:
            scale, members = (array.reshape(shape) for array in (forecast.scale, forecast.members))
            counted = np.exp(expected) / _worth(own, wanted)
            by_chance = is_chance(counted, scale, forecast.own.reshape(-1, *shape))
            least, most = factors(counted, members, np.array([band.score for band in bands]))
            low = np.where(by_chance, np.fmin(low, np.exp(expected) * least), low)
            high = np.where(by_chance, np.fmax(high, np.exp(expected) * most), high)
            spread = np.where(by_chance, np.fmax(spread, counting_spread(counted, members)), spread)
        return {
            "members": forecast.members.reshape(shape),
            "expected": np.exp(expected) if logarithms else expected,
            "low": low,
            "high": high,
            "spread": spread,
            "level_shift": np.expm1(level) if logarithms else level,
            "score": (found - expected) / spread,
            "level_score": (found - expected - level) / spread,
            "new_level_days": np.where(since > 0, since, np.nan),
            **({} if logarithms else {"rows": rows}),
            "state": _states(forecast, rows, shape),
        }


def _past(detector: Detector, own: Frame, bands: Sequence[Band], wanted: Array, since: Array) -> Past:
    lags = np.arange(1, detector.reach + 1)[:, None]
    columns = len(wanted) * len(bands)
    days, there = wanted[None] - lags, wanted[None] >= lags
    values = np.where(there[:, :, None], own.values[np.maximum(days, 0)], np.nan)
    serving = (own.serving[np.maximum(days, 0)] & there)[:, :, None]
    if detector.method.of_logarithms:
        values = np.where(values > 0, np.log(values), np.nan)
    rows = np.where(there, own.rows[np.maximum(days, 0)], np.nan)[:, :, None]
    return Past(
        values=np.where(serving, values, np.nan).reshape(detector.reach, columns),
        present=~np.isnan(values).reshape(detector.reach, columns),
        rows=np.broadcast_to(rows, values.shape).reshape(detector.reach, columns),
        rows_today=np.repeat(own.rows[wanted], len(bands)),
        least_spread=np.tile([band.min_spread for band in bands], len(wanted)),
        since=since.reshape(columns),
    )


def _worth(own: Frame, wanted: Array) -> Array:
    """Return what one counted thing has usually been worth, by wanted day and trend; NaN if unknown."""
    known = own.serving[:, None] & (own.counts > 0) & (own.values > 0)
    worth = np.where(known, own.values / own.counts, np.nan)
    lags = np.arange(1, WORTH_DAYS + 1)[:, None]
    there = (wanted[None] >= lags)[:, :, None]
    return median(np.where(there, worth[np.maximum(wanted[None] - lags, 0)], np.nan))


def _limits(
    method: Method, expected: Array, spread: Array, bands: Sequence[Band], rows: Array
) -> tuple[Array, Array]:
    """Return the lowest and highest normal value, in the trend's unit."""
    reach = spread * np.array([band.score for band in bands])
    change = np.array([band.min_change for band in bands])
    if method.of_logarithms:
        middle, low, high = (
            np.exp(np.minimum(edge, LARGEST)) for edge in (expected, expected - reach, expected + reach)
        )
        return np.minimum(low, middle - change), np.maximum(high, middle + change)
    low, high = (
        np.minimum(expected - reach, expected - change),
        np.maximum(expected + reach, expected + change),
    )
    # A share must represent some rows, expected or found.
    least = np.array([band.min_count for band in bands]) / rows
    few = expected < least
    return np.where(few, np.minimum(low, 0.0), low), np.where(few, np.maximum(high, least), high)


def _states(forecast: Forecast, rows: Array, shape: tuple[int, int]) -> Array:
    order = list(Readiness)
    states: Array = np.select(
        [rows == 0, forecast.short.reshape(shape), forecast.unfit.reshape(shape)],
        [order.index(state) for state in (Readiness.EMPTY, Readiness.LEARNING, Readiness.HELD)],
        order.index(Readiness.ARMED),
    )
    return states


def plain(figures: TrendFigures, rows: float, event: Event | None) -> Detection:
    """Return a placeholder for a detector if only the 7-day rule applies."""
    ready = Readiness.ARMED if figures.baseline_count >= LEAST_MEMBERS else Readiness.LEARNING
    return Detection(
        Method.AVERAGE, Readiness.EMPTY if rows == 0 else ready, figures.baseline_count, event=event
    )
