"""Trends of every partition at once, in event time: which file came when changes nothing.

The values of all partitions stand in one frame, a row per calendar day; a window is that frame shifted by
0 to 7 days, so a gap in the calendar stays a gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

import numpy as np
import pandas as pd

from exporter.figures.metric import Figures
from exporter.history.trend import LEAST_MEMBERS, WINDOW_DAYS, Member, PartitionTrends, Trend, TrendFigures
from exporter.model import Partition

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Day:
    """What history needs of one present, readable partition."""

    figures: Figures
    excluded: str | None = None  # why it serves in no baseline


def compute_trends(
    days: Mapping[Partition, Day], trends: Sequence[Trend]
) -> Mapping[Partition, PartitionTrends]:
    """Compute windows and trends of all ``days`` (present, readable partitions, in any order)."""
    if not days:
        return {}
    values = values_frame(days, trends)
    serving = pd.Series({pd.Timestamp(day): known.excluded is None for day, known in days.items()})
    figures = _Windows(values.to_numpy(), serving.reindex(values.index, fill_value=False).to_numpy())
    columns = {name: array.tolist() for name, array in figures.columns().items()}
    row_of = {day: row for row, day in enumerate(pd.DatetimeIndex(values.index).date)}
    return {
        partition: PartitionTrends(
            members=_members(partition, days),
            trends={
                trend.name: row
                for column, trend in enumerate(trends)
                if (row := _figures(columns, row_of[partition], column)) is not None
            },
        )
        for partition in days
    }


def values_frame(days: Mapping[Partition, Day], trends: Sequence[Trend]) -> pd.DataFrame:
    """Return the trends' values: a row for each calendar day from first to last, a column for each trend."""
    rows = [[trend.value_in(known.figures) for trend in trends] for known in days.values()]
    index = pd.DatetimeIndex([pd.Timestamp(day) for day in days])
    frame = pd.DataFrame(rows, index=index, columns=[trend.name for trend in trends], dtype="float64")
    return frame.reindex(pd.date_range(min(index), max(index), freq="D"))


class _Windows:
    """Means, spreads and changes over shifted copies of one frame: arrays of days by trends."""

    def __init__(self, values: Array, serving: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
        lagged = np.stack([_shift(values, lag) for lag in range(WINDOW_DAYS + 1)])
        usable = np.stack([_shift(serving.astype("float64")[:, None], lag) for lag in range(WINDOW_DAYS + 1)])
        self.value = values
        self.lagged = lagged
        self.baseline = np.where(usable[1:] == 1, lagged[1:], np.nan)

    def columns(self) -> dict[str, Array]:
        """Return each figure as an array of days by trends, NaN where it cannot be known."""
        with np.errstate(all="ignore"):  # what overflows or divides by zero is left out at the end
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
                "zscore": np.where((spread > 0) & np.isfinite(spread), change / spread, np.nan),
                "day_over_day_ratio": _change(self.value, self.lagged[1]),
                "week_over_week_ratio": _change(self.value, self.lagged[WINDOW_DAYS]),
            }


def _shift(values: Array, lag: int) -> Array:
    shifted = np.full_like(values, np.nan)
    shifted[lag:] = values[: max(0, len(values) - lag)]
    return shifted


def _mean(stack: Array) -> tuple[Array, Array]:
    count = np.sum(~np.isnan(stack), axis=0).astype("float64")
    mean = np.nansum(stack, axis=0) / count
    # Members near the largest double have a mean, though not a sum; equal ones are their own mean.
    mean = np.where(np.isinf(mean), np.nansum(stack / count, axis=0), mean)
    mean = np.where(_constant(stack), np.fmax.reduce(stack, axis=0), mean)
    return np.where(count >= LEAST_MEMBERS, mean, np.nan), count


def _sample_stddev(stack: Array, mean: Array, count: Array) -> Array:
    squares = np.nansum((stack - mean) ** 2, axis=0)
    spread = np.sqrt(squares / (count - 1))
    # Equal members have no spread at all; rounding in their mean must not make one up.
    return np.where(np.isnan(mean), np.nan, np.where(_constant(stack), 0.0, spread))


def _constant(stack: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(np.fmax.reduce(stack, axis=0) == np.fmin.reduce(stack, axis=0))


def _change(value: Array, before: Array) -> Array:
    return np.where(before != 0, value / before - 1, np.nan)


def _figures(columns: Mapping[str, list[list[float]]], row: int, column: int) -> TrendFigures | None:
    cells = {name: cell for name, cells in columns.items() if isfinite(cell := cells[row][column])}
    if "value" not in cells:
        return None
    return TrendFigures(baseline_count=int(cells.pop("baseline_count")), **cells)


def _members(partition: Partition, days: Mapping[Partition, Day]) -> tuple[Member, ...]:
    earlier = ((lag, partition - timedelta(days=lag)) for lag in range(WINDOW_DAYS + 1))
    return tuple(Member(day, lag, days[day].excluded) for lag, day in earlier if day in days)
