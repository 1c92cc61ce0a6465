"""False alarms and detection rates of detectors: simulated days, the package's own code.

Each draw is some weeks of one metric and a judged day. Volumes are log-normal with 5% noise and
weekends 28% above the other days, the judged day's weekday drawn at random; shares are beta-binomial: 6% of
4,000 rows, varying by half a point from day to day. Prints one row per case: the share of days
judged anomalous, for healthy days as false alarms per metric and year.

    python bench/detectors.py [--draws 40000] [--seed 20251] [--json]
    python bench/detectors.py --calibrate   # by weeks of history, the score that keeps the false-alarm rate
    python bench/detectors.py --real        # a year of flights from New York, by carrier
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import detector_peers as peers
from judged import forecast_of, scored

from exporter.contract.load import shipped_feed
from exporter.history.chance import standard_error
from exporter.history.detection import Method
from exporter.history.followed import trends_of
from exporter.history.lags import Array, Mask
from exporter.history.trend import SHIPPED

SHARE = {trend.name: trend.band for trend in trends_of(shipped_feed())}["missing_client_id_ratio"]
YEAR, BUDGET = 365.0, 2.3
NOISE, WEEKEND = 0.05, 0.25  # of the logarithm
SHARE_MEAN, SHARE_STDDEV, ROWS = 0.06, 0.005, 4000
CHUNK = 5000  # draws at a time: 26 weeks of all would need gigabytes
Fault = Callable[[np.random.Generator, Array], None]  # changes days by draws in place


@dataclass(frozen=True)
class Case:
    """The parameters: a change of the last day, faults of the days before it, the noise."""

    name: str
    healthy: bool
    change: float = 1.0
    faults: tuple[Fault, ...] = ()
    degrees: float = 0.0  # of Student's t; 0 is normal
    growth: float = 0.0  # per day


def missing(days: int) -> Fault:
    """Leave out some of the last four weeks."""

    def strike(rng: np.random.Generator, logs: Array) -> None:
        for _ in range(days):
            logs[-1 - rng.integers(1, min(29, len(logs)), logs.shape[1]), np.arange(logs.shape[1])] = np.nan

    return strike


def bad(first: int, last: int, factor: float) -> Fault:
    """Change one of the days ``first`` to ``last`` before the judged one."""

    def strike(rng: np.random.Generator, logs: Array) -> None:
        lag = rng.integers(first, min(last + 1, len(logs)), logs.shape[1])
        logs[-1 - lag, np.arange(logs.shape[1])] += math.log(factor)

    return strike


def shifted(since: int) -> Fault:
    """Raise the level by 25% permanently, ``since`` days before the judged one."""

    def strike(rng: np.random.Generator, logs: Array) -> None:
        del rng
        logs[-1 - since :] += math.log(1.25)

    return strike


BAD_DAY, GAPS = bad(1, 6, 0.4), missing(3)
CASES = (
    Case("healthy", healthy=True),
    Case("healthy, a bad day in the last six", healthy=True, faults=(BAD_DAY,)),
    Case("healthy, 3 days missing", healthy=True, faults=(GAPS,)),
    Case("healthy, a holiday some weeks ago", healthy=True, faults=(bad(7, 28, 0.6),)),
    Case("healthy, growth of 0.3% a day", healthy=True, growth=0.003),
    Case("healthy, heavy tails", healthy=True, degrees=4),
    Case("25% higher for the past 6 days", healthy=True, faults=(shifted(6),)),
    Case("25% higher for the past 13 days", healthy=True, faults=(shifted(13),)),
    Case("-15%", healthy=False, change=0.85),
    Case("-15%, a bad day in the last six", healthy=False, change=0.85, faults=(BAD_DAY,)),
    Case("-15%, 3 days missing", healthy=False, change=0.85, faults=(GAPS,)),
    Case("-20%", healthy=False, change=0.8),
    Case("-20%, a bad day in the last six", healthy=False, change=0.8, faults=(BAD_DAY,)),
    Case("-20%, 3 days missing", healthy=False, change=0.8, faults=(GAPS,)),
    Case("-30%", healthy=False, change=0.7),
    Case("-30%, a bad day in the last six", healthy=False, change=0.7, faults=(BAD_DAY,)),
    Case("-50%", healthy=False, change=0.5),
    Case("+15%", healthy=False, change=1.15),
    Case("+30%", healthy=False, change=1.3),
)
BY_NAME = {case.name: case for case in CASES}


@dataclass
class Days:
    """Logarithms of days by draws, the judged one last, and its true mean."""

    logs: Array
    mean: Array


def draw(case: Case, weeks: int, rng: np.random.Generator, draws: int) -> Days:
    """Return some weeks and a day."""
    days = weeks * 7 + 1
    weekday = (np.arange(days)[:, None] + rng.integers(0, 7, draws)) % 7
    means = np.where(weekday >= 5, WEEKEND, 0.0) + case.growth * np.arange(days)[:, None]
    if case.degrees:
        noise = rng.standard_t(case.degrees, means.shape) / math.sqrt(case.degrees / (case.degrees - 2))
    else:
        noise = rng.normal(0, 1, means.shape)
    logs = means + NOISE * noise
    for fault in case.faults:
        fault(rng, logs)
    logs[-1] += math.log(case.change)
    return Days(logs, means[-1])


def shares(change: float, rng: np.random.Generator, draws: int) -> Array:
    """Return 29 shares, the last of which deviates by ``change``."""
    concentration = SHARE_MEAN * (1 - SHARE_MEAN) / SHARE_STDDEV**2 - 1
    chance = rng.beta(SHARE_MEAN * concentration, (1 - SHARE_MEAN) * concentration, (29, draws))
    chance[-1] += change
    return rng.binomial(ROWS, chance) / ROWS


@dataclass
class Count:
    """The number of days judged anomalous, and of all days."""

    off: int = 0
    days: int = 0

    def add(self, flags: Mask) -> None:
        """Add to the count."""
        self.off, self.days = self.off + int(flags.sum()), self.days + len(flags)

    @property
    def share(self) -> float:
        """The share of days judged anomalous."""
        return self.off / self.days if self.days else math.nan

    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95% interval of the share."""
        share, n, z = self.share, self.days, 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return middle - reach, middle + reach


@dataclass
class Row:
    """One case's counts by detector."""

    counts: dict[str, Count] = field(default_factory=dict)

    def add(self, name: str, flags: Mask) -> None:
        """Count one detector's verdicts."""
        self.counts.setdefault(name, Count()).add(flags)


OURS = {"3 weeks": 3, "4 weeks": 4, "8 weeks": 8, "26 weeks": 26}
OTHERS: Mapping[str, Callable[[Array], Mask]] = {
    "7-day 3 sigma": peers.seven_day,
    "Elementary": peers.elementary,
    "additive": peers.additive,
    "MSTL": peers.mstl,
}


def simulate(case: Case, draws: int, seed: int, *, alone: bool = False) -> Row:
    """Return one case's row: the detector by weeks of history, and others on the eight weeks."""
    row = Row()
    for name, weeks in OURS.items():
        rng = np.random.default_rng([seed, CASES.index(case), weeks])
        for start in range(0, draws, CHUNK):
            days = draw(case, weeks, rng, min(CHUNK, draws - start))
            alerts, confirmed, armed = scored("weekday", days.logs)
            row.add(name, alerts[armed])
            if weeks != OURS["8 weeks"]:
                continue
            row.add("confirmed", confirmed[armed])
            row.add("limit", peers.limit(days.logs, days.mean, NOISE))
            for other, judge in () if alone else OTHERS.items():
                if other != "MSTL" or start == 0:
                    row.add(other, judge(days.logs))
    return row


def share_rows(draws: int, seed: int) -> dict[str, tuple[Row, bool]]:
    """Return the rows of shares."""
    found = {}
    for name, change in (("share: healthy", 0.0), ("share: 3 points more", 0.03)):
        days = shares(change, np.random.default_rng([seed, len(found)]), draws)
        told = forecast_of("rate", days, rows=ROWS)
        off = np.abs(days[-1] - told.expected) > np.maximum(SHARE.score * told.spread, SHARE.min_change)
        row = Row()
        row.add("4 weeks", off)
        baseline = days[-8:-1].mean(axis=0)
        by_chance = SHARE.score * standard_error(baseline, np.array(7.0 * ROWS), np.array(float(ROWS)))
        beyond = np.abs(days[-1] - baseline) > np.maximum(by_chance, SHARE.min_change)
        row.add("7-day 3 sigma", peers.seven_day(np.log(np.maximum(days, 1e-9))) & beyond)
        found[name] = (row, not change)
    return found


def calibrate(draws: int, seed: int) -> None:
    """Print by weeks of history the score that keeps the false-alarm rate: it should be the shipped one."""
    print("| weeks | score | of the shipped one |\n|---|---|---|")
    shipped = SHIPPED[Method.WEEKDAY].score
    for weeks in (2, 3, 4, 5, 6, 8, 10, 13, 18, 26):
        rng, scores = np.random.default_rng([seed, weeks]), []
        for _ in range(0, draws, CHUNK):
            days = draw(BY_NAME["healthy"], weeks, rng, CHUNK)
            told = forecast_of("weekday", days.logs)
            scores.append(np.abs(days.logs[-1] - told.expected) / told.spread)
        score = float(np.nanquantile(np.concatenate(scores), 1 - BUDGET / YEAR))
        print(f"| {weeks} | {score:.2f} | {score / shipped:.3f} |", flush=True)


def written(count: Count | None, healthy: bool) -> str:  # noqa: FBT001  a property of the case
    """Format a count as false alarms per year, or as a share of days detected."""
    if count is None:
        return "-"
    return f"{count.share * YEAR:.1f} a year" if healthy else f"{count.share:.1%}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=20251)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--alone", action="store_true", help="without the other detectors")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose names contain it")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--real", action="store_true")
    options = parser.parse_args()
    if options.calibrate:
        calibrate(options.draws, options.seed)
    elif options.real:
        from detector_series import main as real  # noqa: PLC0415  reads a year of flights

        real()
    else:
        table(options)


def table(options: argparse.Namespace) -> None:
    """Print a row for each case as soon as it is counted."""
    draws, seed, as_json, alone = options.draws, options.seed, options.json, options.alone
    columns = [*OURS, "confirmed", *(() if alone else OTHERS), "limit"]
    told = {}
    if not as_json:
        print(f"| the day | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for case in (case for case in CASES if options.only in case.name):
        row = simulate(case, draws, seed, alone=alone)
        told[case.name] = {name: (count.share, *count.interval()) for name, count in row.counts.items()}
        if not as_json:
            cells = (written(row.counts.get(name), case.healthy) for name in columns)
            print(f"| {case.name} | {' | '.join(cells)} |", flush=True)
    found = share_rows(draws, seed) if options.only in "share" else {}
    for name, (row, healthy) in found.items():
        told[name] = {column: (count.share, *count.interval()) for column, count in row.counts.items()}
        if not as_json:
            cells = (written(row.counts.get(column), healthy) for column in columns)
            print(f"| {name} | {' | '.join(cells)} |")
    if as_json:
        print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
