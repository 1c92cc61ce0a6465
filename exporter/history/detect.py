"""Every trend of every partition through its detector, at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from exporter.history import rates, weekday
from exporter.history.detection import Detection, Event, Method, Readiness
from exporter.history.lags import Array, Mask
from exporter.history.trend import LEAST_MEMBERS, Trend, TrendFigures

LONGEST_LAG = max(weekday.LONGEST_LAG, rates.LONGEST_LAG)
FIGURES = ("members", "expected", "spread", "level_shift", "score", "level_score", "rows")


@dataclass(frozen=True, slots=True)
class Detected:
    """Figures of one trend, each an array of days, and how ready its detector is on each."""

    method: Method
    readiness: Sequence[Readiness]
    figures: Mapping[str, list[float]]

    def on(self, row: int, event: Event | None) -> Detection:
        """Return one day's detection."""
        known = {name: cell for name, cells in self.figures.items() if isfinite(cell := cells[row])}
        members = int(known.pop("members", 0))
        return Detection(self.method, self.readiness[row], members, **known, event=event)


def detect(values: Array, rows: Array, serving: Mask, trends: Sequence[Trend]) -> list[Detected | None]:
    """Run each trend's detector over all days; ``None`` for trends that the 7-day rule judges.

    ``values`` are days by trends, ``rows`` and ``serving`` by day.
    """
    found: list[Detected | None] = [None] * len(trends)
    for method, run in ((Method.WEEKDAY, _weekdays), (Method.RATE, _rates)):
        columns = [place for place, trend in enumerate(trends) if trend.band.method is method]
        if columns:
            chosen = [trends[place] for place in columns]
            for place, detected in zip(columns, run(values[:, columns], rows, serving, chosen), strict=True):
                found[place] = detected
    return found


def _weekdays(values: Array, rows: Array, serving: Mask, trends: Sequence[Trend]) -> list[Detected]:
    least = np.array([trend.band.min_spread for trend in trends])
    judged = weekday.judge_weekdays(values, serving, least)
    short = (judged.present < weekday.LEAST_RESIDUALS) | (
        judged.present_of_weekday < weekday.LEAST_OF_WEEKDAY
    )
    bare = (judged.members < weekday.LEAST_RESIDUALS) | (judged.of_weekday < weekday.LEAST_OF_WEEKDAY)
    with np.errstate(over="ignore"):  # what overflows is left out at the end
        figures = {
            "members": judged.members,
            "expected": np.exp(judged.expected),
            "spread": judged.spread,
            "level_shift": np.expm1(judged.level),
            "score": judged.score,
            "level_score": judged.level_score,
        }
    return _by_trend(Method.WEEKDAY, figures, short, bare | judged.polluted, rows)


def _rates(shares: Array, rows: Array, serving: Mask, trends: Sequence[Trend]) -> list[Detected]:
    del trends  # their limits are held against the scores later
    judged = rates.judge_rates(shares, rows, serving)
    figures = {
        "members": judged.members,
        "expected": judged.expected,
        "spread": judged.spread,
        "level_shift": judged.level,
        "score": judged.score,
        "level_score": judged.level_score,
        "rows": np.broadcast_to(rows[:, None], shares.shape),
    }
    least = rates.LEAST_MEMBERS
    return _by_trend(Method.RATE, figures, judged.present < least, judged.members < least, rows)


def _by_trend(
    method: Method, figures: Mapping[str, Array], short: Mask, spoilt: Mask, rows: Array
) -> list[Detected]:
    states = np.select(
        [np.broadcast_to(rows[:, None] == 0, short.shape), short, spoilt],
        [Readiness.EMPTY.value, Readiness.LEARNING.value, Readiness.HELD.value],
        Readiness.ARMED.value,
    )
    return [
        Detected(
            method,
            [Readiness(state) for state in states[:, column].tolist()],
            {name: array[:, column].tolist() for name, array in figures.items()},
        )
        for column in range(short.shape[1])
    ]


def plain(figures: TrendFigures, rows: float, event: Event | None) -> Detection:
    """Return what stands for a detector where the 7-day rule is all there is."""
    ready = Readiness.ARMED if figures.baseline_count >= LEAST_MEMBERS else Readiness.LEARNING
    return Detection(
        Method.AVERAGE, Readiness.EMPTY if rows == 0 else ready, figures.baseline_count, event=event
    )
