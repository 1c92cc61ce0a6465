"""False alarms and detection rates on small counts, with and without the noise of counting.

Each draw is eight weeks of a count and a judged day: Poisson days with weekends half as busy, or steady days
that vary by 2% at most. Judged by the weekday method as shipped, and without ``history.counting``.

    python bench/counts.py [--draws 40000] [--seed 20251]
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from judged import forecast_of

from exporter.history.counting import factors, is_chance
from exporter.history.detection import Method
from exporter.history.lags import Array, Mask
from exporter.history.trend import SHIPPED

VOLUME = SHIPPED[Method.WEEKDAY]
DAYS, YEAR, CHUNK = 57, 365.0, 5000
CHANGES = (1.0, 0.0, 0.3, 0.5, 0.7, 2.0)


def draw(mean: float, change: float, rng: np.random.Generator, draws: int, *, steady: bool) -> Array:
    """Return days by draws, the judged one last."""
    weekday = (np.arange(DAYS)[:, None] + rng.integers(0, 7, draws)) % 7
    means = np.where(weekday >= 5, mean / 2, mean)
    means[-1] *= change
    if steady:
        return np.round(means * (1 + rng.uniform(-0.02, 0.02, means.shape)))
    return rng.poisson(means).astype("float64")


def judged(counts: Array) -> tuple[Mask, Mask]:
    """Return which draws' last day is anomalous: without the noise of counting, and with it."""
    logs = np.where(counts > 0, np.log(np.maximum(counts, 1e-9)), np.nan)
    logs[-1] = np.log(np.maximum(counts[-1], 1e-9))
    found = forecast_of("weekday", logs)
    assert found.scale is not None
    assert found.own is not None
    expected, reach = np.exp(found.expected), np.exp(VOLUME.score * found.spread)
    low, high = expected / reach, expected * reach
    least, most = factors(expected, found.members, np.full(expected.shape, VOLUME.score))
    noisy = is_chance(expected, found.scale, found.own)
    before = (counts[-1] < low) | (counts[-1] > high)
    low, high = (
        np.where(noisy, np.minimum(low, expected * least), low),
        np.where(noisy, np.maximum(high, expected * most), high),
    )
    return before, (counts[-1] < low) | (counts[-1] > high)


def main() -> None:
    """Print a table: false alarms a year, then the share of changed days that is detected."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=20251)
    options = parser.parse_args()
    print("| a day | days | counting | false alarms a year | all lost | -70% | -50% | -30% | twice |")
    print("|---|---|---|---|---|---|---|---|---|")
    for mean in (10, 25, 100, 400):
        for steady in (False, True):
            rng = np.random.default_rng(options.seed)
            shares = []
            for change in CHANGES:
                parts = range(0, options.draws, CHUNK)
                both = [judged(draw(mean, change, rng, CHUNK, steady=steady)) for _ in parts]
                shares.append([np.concatenate(known).mean() for known in zip(*both, strict=True)])
            for place, name in enumerate(("without", "with")):
                cells = [f"{shares[0][place] * YEAR:.1f}", *(f"{known[place]:.0%}" for known in shares[1:])]
                print(f"| {mean} | {'steady' if steady else 'by chance'} | {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
