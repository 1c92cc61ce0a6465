"""Trends of every partition at once, in event time: the order of arrival does not matter.

The values of all partitions are in one frame, a row per calendar day; a window is that frame shifted by
0 to 7 days, so a gap in the calendar stays a gap. A feed with one file a week has a row per week instead: it
would otherwise never have enough days. A partition on another weekday is compared with those of that weekday.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import compress
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from exporter.history.chance import standard_error
from exporter.history.counting import standard_error as error_of_count
from exporter.history.detect import Frame, detect, plain
from exporter.history.detection import Detection, Event, Method
from exporter.history.detectors.known import LONGEST_LAG
from exporter.history.lags import Array, Mask, count, stack
from exporter.history.trend import (
    LEAST_MEMBERS,
    ROWS,
    WINDOW_DAYS,
    Member,
    PartitionTrends,
    Trend,
    TrendFigures,
)
from exporter.metric import Figures
from exporter.model import ONE_DAY, Partition


@dataclass(frozen=True, slots=True)
class Day:
    """The input of trends for one present, readable partition."""

    figures: Figures
    excluded: str | None = None  # why it is excluded from baselines
    event: Event | None = None
    new_level: frozenset[str] | None = frozenset()  # trends declared to start a new level; None: all


@dataclass(slots=True)
class TrendMemory:
    """Computes trends, but only of partitions whose windows have changed."""

    trends: Sequence[Trend]
    period: timedelta = ONE_DAY  # between partitions
    _days: Mapping[Partition, Day] = field(default_factory=dict)
    _known: Mapping[Partition, PartitionTrends] = field(default_factory=dict)

    def compute(
        self, days: Mapping[Partition, Day], wanted: Collection[Partition] | None = None
    ) -> Mapping[Partition, PartitionTrends]:
        """Return what ``compute_trends`` would; unchanged partitions keep the same objects."""
        before, reach = self._days, range(LONGEST_LAG + 1)
        asked = days.keys() if wanted is None else days.keys() & set(wanted)
        changed = [day for day in days.keys() | before.keys() if days.get(day) != before.get(day)]
        stale = {day + self.period * lag for day in changed for lag in reach} & asked
        stale |= asked - self._known.keys()
        needed = {day - self.period * lag for day in stale for lag in reach} & days.keys()
        fresh = compute_trends({day: days[day] for day in needed}, self.trends, stale, self.period)
        self._known = {day: fresh[day] if day in stale else self._known[day] for day in asked}
        self._days = days
        return self._known


def compute_trends(
    days: Mapping[Partition, Day],
    trends: Sequence[Trend],
    wanted: Collection[Partition] | None = None,
    period: timedelta = ONE_DAY,
) -> Mapping[Partition, PartitionTrends]:
    """Compute windows and trends of ``days`` (present, readable partitions, in any order).

    For all of them, or for those ``wanted``, whose windows ``days`` must then include. Lags count
    ``period``, the time between partitions.
    """
    asked = sorted(days if wanted is None else wanted)
    if period == ONE_DAY:
        return _computed(days, trends, asked, period) if asked else {}
    found: dict[Partition, PartitionTrends] = {}
    for phase in sorted({day.toordinal() % period.days for day in asked}):
        own = [day.toordinal() % period.days == phase for day in asked]
        alike = {day: known for day, known in days.items() if day.toordinal() % period.days == phase}
        found |= _computed(alike, trends, list(compress(asked, own)), period)
    return {partition: found[partition] for partition in asked}


def _computed(
    days: Mapping[Partition, Day], trends: Sequence[Trend], asked: Sequence[Partition], period: timedelta
) -> dict[Partition, PartitionTrends]:
    """Compute them for days that are whole periods apart."""
    values = values_frame(days, (*trends, ROWS), period)
    serving = pd.Series({pd.Timestamp(day): known.excluded is None for day, known in days.items()})
    serves = serving.reindex(values.index, fill_value=False).to_numpy()
    table, rows = values.to_numpy()[:, :-1], values.to_numpy()[:, -1]
    counts = _counts(days, trends, values.index)
    shares = np.array([trend.band.method is Method.RATE for trend in trends])
    columns = {
        name: array.tolist()
        for name, array in _Windows(table, serves, rows, shares, counts).columns().items()
    }
    row_of = {day: row for row, day in enumerate(pd.DatetimeIndex(values.index).date)}
    accepted = np.zeros(table.shape, dtype=bool)
    for day, known in days.items():
        accepted[row_of[day]] = [known.new_level is None or trend.name in known.new_level for trend in trends]
    # Windows share the dates of ``days``: with dates of their own they would take half as much memory again.
    dates = {day: day for day in days}
    detected = detect(Frame(table, rows, serves, accepted, counts), trends, [row_of[day] for day in asked])

    def known_of(place: int, partition: Partition) -> PartitionTrends:
        row, event = row_of[partition], days[partition].event
        figures: dict[str, TrendFigures] = {}
        detections: dict[str, Detection] = {}
        for column, trend in enumerate(trends):
            found, detector = _figures(columns, row, column), detected[column]
            if found is not None:
                figures[trend.name] = found
                detections[trend.name] = (
                    detector.on(place, event) if detector else plain(found, rows[row], event)
                )
        return PartitionTrends(_members(partition, days, dates, period), figures, detections)

    return {partition: known_of(place, partition) for place, partition in enumerate(asked)}


def values_frame(
    days: Mapping[Partition, Day], trends: Sequence[Trend], period: timedelta = ONE_DAY
) -> pd.DataFrame:
    """Return the trends' values: a row for each period from first to last day, a column for each trend."""
    rows = [[trend.value_in(known.figures) for trend in trends] for known in days.values()]
    index = pd.DatetimeIndex([pd.Timestamp(day) for day in days])
    frame = pd.DataFrame(rows, index=index, columns=[trend.name for trend in trends], dtype="float64")
    return frame.reindex(pd.date_range(min(index), max(index), freq=period))


def _counts(days: Mapping[Partition, Day], trends: Sequence[Trend], index: "pd.Index[Any]") -> Array:
    """Return the numbers of things behind the trends' values: days by trends, NaN if unknown."""
    rows = [[trend.count_in(known.figures) for trend in trends] for known in days.values()]
    frame = pd.DataFrame(rows, index=pd.DatetimeIndex([pd.Timestamp(day) for day in days]), dtype="float64")
    counts: Array = frame.reindex(index).to_numpy()
    return counts


class _Windows:
    """Means, spreads and changes over shifted copies of one frame: arrays of days by trends.

    ``rows`` are those of each day, ``shares`` says which trends are shares of them; ``counts`` are the
    numbers of things behind other values.
    """

    def __init__(self, values: Array, serving: Mask, rows: Array, shares: Mask, counts: Array) -> None:
        self.value, self.rows, self.shares = values, rows, shares
        self.lagged = stack(values, range(WINDOW_DAYS + 1))
        before = range(1, WINDOW_DAYS + 1)
        self.baseline = stack(np.where(serving[:, None], values, np.nan), before)
        self.counts_before = np.where(np.isnan(self.baseline), np.nan, stack(counts, before))
        self.rows_before = np.where(np.isnan(self.baseline), np.nan, stack(rows, before)[:, :, None])

    def columns(self) -> dict[str, Array]:
        """Return each figure as an array of days by trends, NaN if unknown."""
        with np.errstate(all="ignore"):  # overflows and divisions by zero are left out at the end
            average, _ = _mean(self.lagged[:WINDOW_DAYS])
            baseline, members = _mean(self.baseline)
            spread = _sample_stddev(self.baseline, baseline, members)
            change = self.value - baseline
            return {
                "value": self.value,
                "avg7d": average,
                "baseline_count": members,
                "baseline_avg": baseline,
                "baseline_stddev": spread,
                "deviation_ratio": np.where(baseline != 0, self.value / baseline - 1, np.nan),
                "chance": np.where(
                    self.shares, self._chance(baseline), self._counting(baseline, spread, members)
                ),
                "zscore": np.where((spread > 0) & np.isfinite(spread), change / spread, np.nan),
                "day_over_day_ratio": _change(self.value, self.lagged[1]),
                "week_over_week_ratio": _change(self.value, self.lagged[WINDOW_DAYS]),
            }

    def _counting(self, baseline: Array, spread: Array, members: Array) -> Array:
        known = np.where(np.isnan(self.counts_before), np.nan, self.baseline)
        worth = np.nansum(known, axis=0) / np.nansum(self.counts_before, axis=0)
        return error_of_count(baseline, spread, worth, members)

    def _chance(self, baseline: Array) -> Array:
        return standard_error(baseline, np.nansum(self.rows_before, axis=0), self.rows[:, None])


def _mean(stacked: Array) -> tuple[Array, Array]:
    there = count(stacked)
    mean = np.nansum(stacked, axis=0) / there
    # Members near the largest double have a mean, but not a sum; equal ones are their own mean.
    mean = np.where(np.isinf(mean), np.nansum(stacked / there, axis=0), mean)
    mean = np.where(_constant(stacked), np.fmax.reduce(stacked, axis=0), mean)
    return np.where(there >= LEAST_MEMBERS, mean, np.nan), there


def _sample_stddev(stacked: Array, mean: Array, there: Array) -> Array:
    squares = np.nansum((stacked - mean) ** 2, axis=0)
    spread = np.sqrt(squares / (there - 1))
    # Equal members have no spread at all; rounding of their mean must not create one.
    return np.where(np.isnan(mean), np.nan, np.where(_constant(stacked), 0.0, spread))


def _constant(stacked: Array) -> Mask:
    return np.asarray(np.fmax.reduce(stacked, axis=0) == np.fmin.reduce(stacked, axis=0))


def _change(value: Array, before: Array) -> Array:
    return np.where(before != 0, value / before - 1, np.nan)


def _figures(columns: Mapping[str, list[list[float]]], row: int, column: int) -> TrendFigures | None:
    cells = {name: cell for name, cells in columns.items() if isfinite(cell := cells[row][column])}
    if "value" not in cells:
        return None
    return TrendFigures(baseline_count=int(cells.pop("baseline_count")), **cells)


def _members(
    partition: Partition,
    days: Mapping[Partition, Day],
    dates: Mapping[Partition, Partition],
    period: timedelta,
) -> tuple[Member, ...]:
    earlier = ((lag, partition - period * lag) for lag in range(LONGEST_LAG + 1))
    return tuple(Member(dates[day], lag, days[day].excluded) for lag, day in earlier if day in days)
