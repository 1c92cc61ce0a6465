"""How often detectors are wrong, and what they catch: simulated days, the package's own code.

Each draw is 42 days of one metric, of which the last is judged. Volumes are log-normal with 5 % noise and
weekends 28 % above the other days, the judged day's weekday drawn at random; shares are beta-binomial: 6 % of
4,000 rows, give or take half a point from day to day. Prints one row per case: the share of days that are
called anomalous, for healthy days as false alarms per metric and year, with the 95 % interval of the mean.

    python bench/detectors.py [--draws 40000] [--seed 20251] [--json]
"""

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exporter.contract.load import shipped_feed
from exporter.history.followed import trends_of
from exporter.history.lags import Array, Mask
from exporter.history.rates import LEAST_MEMBERS, judge_rates
from exporter.history.trend import WINDOW_DAYS, TrendFigures, is_anomalous
from exporter.history.weekday import LEAST_OF_WEEKDAY, LEAST_RESIDUALS, judge_weekdays

BANDS = {trend.name: trend.band for trend in trends_of(shipped_feed())}
VOLUME, SHARE = BANDS["events"], BANDS["missing_client_id_ratio"]
DAYS = 42
YEAR = 365.0
NOISE, WEEKEND = 0.05, 0.25  # of the logarithm
SHARE_MEAN, SHARE_STDDEV, ROWS = 0.06, 0.005, 4000
Draw = Callable[[np.random.Generator, int], Array]


@dataclass(frozen=True)
class Flags:
    """Which draws a rule calls anomalous, and how many it could judge at all."""

    alerts: Mask  # by the detector, confirmed or not; or by the 7-day rule
    confirmed: Mask
    judged: float


def volumes(rng: np.random.Generator, draws: int) -> Array:
    """Return healthy days: days by draws."""
    weekday = (np.arange(DAYS)[:, None] + rng.integers(0, 7, draws)) % 7
    noise: Array = rng.normal(0, NOISE, (DAYS, draws))
    return 1000 * np.exp(np.where(weekday >= 5, WEEKEND, 0.0) + noise)


def changed(factor: float, *, bad: bool = False) -> Draw:
    """Return days whose last is multiplied by ``factor``; ``bad``: one of the six before lost 60 %."""

    def draw(rng: np.random.Generator, draws: int) -> Array:
        days = volumes(rng, draws)
        days[-1] *= factor
        if bad:
            days[-1 - rng.integers(1, 7, draws), np.arange(draws)] *= 0.4
        return days

    return draw


def shifted(since: int) -> Draw:
    """Return days that are 25 % higher from ``since`` days before the last on, for good."""

    def draw(rng: np.random.Generator, draws: int) -> Array:
        days = volumes(rng, draws)
        days[-1 - since :] *= 1.25
        return days

    return draw


def gapped(missing: int) -> Draw:
    """Return healthy days of which some of the last four weeks are not there."""

    def draw(rng: np.random.Generator, draws: int) -> Array:
        days = volumes(rng, draws)
        for _ in range(missing):
            days[rng.integers(DAYS - 29, DAYS - 1, draws), np.arange(draws)] = np.nan
        return days

    return draw


def shares(change: float) -> Draw:
    """Return shares whose last is off by ``change``."""

    def draw(rng: np.random.Generator, draws: int) -> Array:
        concentration = SHARE_MEAN * (1 - SHARE_MEAN) / SHARE_STDDEV**2 - 1
        chance = rng.beta(SHARE_MEAN * concentration, (1 - SHARE_MEAN) * concentration, (DAYS, draws))
        chance[-1] += change
        return rng.binomial(ROWS, chance) / ROWS

    return draw


def by_weekday(days: Array) -> Flags:
    """Judge the last day with the detector of volumes."""
    found = judge_weekdays(days, np.ones(DAYS, bool), np.full(days.shape[1], VOLUME.min_spread))
    armed = (found.members[-1] >= LEAST_RESIDUALS) & (found.of_weekday[-1] >= LEAST_OF_WEEKDAY)
    armed &= ~found.polluted[-1]
    off = np.abs(found.score[-1]) > VOLUME.score
    sure = off & (np.abs(found.level_score[-1]) > VOLUME.level_score)
    return Flags(off[armed], sure[armed], float(armed.mean()))


def by_rate(days: Array) -> Flags:
    """Judge the last day with the detector of shares."""
    found = judge_rates(days, np.full(DAYS, float(ROWS)), np.ones(DAYS, bool))
    armed = found.members[-1] >= LEAST_MEMBERS
    off = np.abs(found.score[-1]) > SHARE.score
    off &= np.abs(days[-1] - found.expected[-1]) > SHARE.min_change
    sure = off & (np.abs(found.level_score[-1]) > SHARE.level_score)
    return Flags(off[armed], sure[armed], float(armed.mean()))


def by_average(days: Array) -> Flags:
    """Judge the last day with the 7-day rule as it ships."""
    past = days[-1 - WINDOW_DAYS : -1]
    average, spread = np.nanmean(past, axis=0), np.nanstd(past, axis=0, ddof=1)
    count = np.sum(~np.isnan(past), axis=0)
    flags = np.array(
        [
            is_anomalous(
                TrendFigures(x, None, int(n), mean, stddev, x / mean - 1, (x - mean) / stddev), VOLUME
            )
            for x, n, mean, stddev in zip(days[-1], count, average, spread, strict=True)
        ]
    )
    return Flags(flags, flags, 1.0)


@dataclass(frozen=True)
class Case:
    """What is drawn, and whether a flag is a false alarm."""

    name: str
    draw: Draw
    healthy: bool
    detector: Callable[[Array], Flags] = by_weekday


CASES = (
    Case("healthy", changed(1.0), healthy=True),
    Case("healthy, a bad day in the last six", changed(1.0, bad=True), healthy=True),
    Case("25 % higher for good since 6 days", shifted(6), healthy=True),
    Case("25 % higher for good since 13 days", shifted(13), healthy=True),
    Case("healthy, 1 day missing", gapped(1), healthy=True),
    Case("healthy, 3 days missing", gapped(3), healthy=True),
    Case("-15 %", changed(0.85), healthy=False),
    Case("-30 %", changed(0.7), healthy=False),
    Case("-30 %, a bad day in the last six", changed(0.7, bad=True), healthy=False),
    Case("-50 %", changed(0.5), healthy=False),
    Case("+30 %", changed(1.3), healthy=False),
    Case("share: healthy", shares(0.0), healthy=True, detector=by_rate),
    Case("share: 3 points more", shares(0.03), healthy=False, detector=by_rate),
)


def mean(flags: Mask, healthy: bool) -> tuple[float, float, float]:  # noqa: FBT001  a property of the case
    """Return the mean and its 95 % interval: false alarms a year, or a share of days caught."""
    share, n, z = float(flags.mean()), len(flags), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)  # Wilson's interval
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = YEAR if healthy else 1.0
    return share * scale, (middle - reach) * scale, (middle + reach) * scale


def simulate(case: Case, draws: int, seed: int) -> dict[str, tuple[float, float, float]]:
    """Return the figures of one case: of all alerts, confirmed ones, and the 7-day rule on the same days."""
    days = case.draw(np.random.default_rng([seed, CASES.index(case)]), draws)
    found = case.detector(days)
    return {
        "alerts": mean(found.alerts, case.healthy),
        "confirmed": mean(found.confirmed, case.healthy),
        "7-day rule": mean(by_average(days).alerts, case.healthy),
        "armed": (found.judged,) * 3,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=20251)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {case.name: simulate(case, options.draws, options.seed) for case in CASES}
    if options.json:
        print(json.dumps(results, indent=2))
        return
    print("| the day | detector: alerts | confirmed | 7-day rule | armed |\n|---|---|---|---|---|")
    for case in CASES:
        cells = [
            written(results[case.name][name], case.healthy) for name in ("alerts", "confirmed", "7-day rule")
        ]
        print(f"| {case.name} | {' | '.join(cells)} | {results[case.name]['armed'][0]:.1%} |")


def written(figures: tuple[float, float, float], healthy: bool) -> str:  # noqa: FBT001  a property of the case
    """Write a mean with its interval."""
    if healthy:
        return "{:.1f} a year ({:.1f} to {:.1f})".format(*figures)
    return "{:.1%} ({:.1%} to {:.1%})".format(*figures)


if __name__ == "__main__":
    main()
