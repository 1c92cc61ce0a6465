"""How often the value behind a change is named, and how often a wrong one is named by chance.

Each draw is five weeks of a total by value, with noise in the total and in each value, and an anomalous day:
one value has lost 96%, or all have changed alike. Prints, by orders per day and by their distribution over
values, on how many of the anomalous days the right value is named, and on how many a wrong one.

    python bench/contributions.py [--draws 300] [--seed 20251]
"""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from exporter.history.contributions import Usual, break_down
from exporter.model import Split

PAST, WEEK = 35, 7
NOISE = 0.05  # of the total's logarithm
LOST, ALIKE, MORE = 0.04, 0.56, 1.6
Weights = Sequence[float]
ZIPF = [1 / place for place in range(1, 31)]
SPREADS: dict[str, Weights] = {
    "half from one, half from 20": (0.5, *([0.5 / 20] * 20)),
    "three quarters from one": (0.75, 0.15, 0.05, 0.05),
    "nine tenths from one": (0.9, 0.1),
    "30 by Zipf's law, a quarter from one": [weight / sum(ZIPF) for weight in ZIPF],
}
ORDERS = (40, 400, 4000)
Faults = Callable[[int], Weights]


class Shop(NamedTuple):
    """The parameters: orders per day, their distribution over values, the values' noise, what is summed."""

    mean: int
    weights: Weights
    wobble: float
    amounts: bool


def one(count: int) -> Weights:
    """Reduce the first value to almost nothing."""
    return [LOST, *([1.0] * (count - 1))]


def all_alike(factor: float) -> Faults:
    """Change all values by one factor."""
    return lambda count: [factor] * count


def day(rng: np.random.Generator, shop: Shop, factors: Weights) -> Split:
    """Draw one day: orders by value, each with a log-normal amount, or only counted."""
    size = shop.mean * math.exp(NOISE * rng.normal())
    own = np.exp(shop.wobble * rng.normal(size=len(factors)))
    counts = rng.poisson(size * own * np.array(shop.weights) * np.array(factors))
    rows = {f"v{place:02d}": int(count) for place, count in enumerate(counts) if count}
    sold = {name: float(rng.lognormal(4, 1, count).sum()) for name, count in rows.items()}
    return Split("total", "column", "category", rows, 0, sold if shop.amounts else None)


def size_of(split: Split) -> float:
    """Return a day's total."""
    return float(sum((split.rows if split.amounts is None else split.amounts).values()))


def simulate(rng: np.random.Generator, draws: int, shop: Shop, faults: Faults) -> tuple[int, int, int]:
    """Return how many days are anomalous, on how many a value is named, and how often the first one."""
    off = named = right = 0
    own_weekday = [place % WEEK == WEEK - 1 for place in range(PAST)]
    values = len(shop.weights)
    for _ in range(draws):
        past = [day(rng, shop, all_alike(1.0)(values)) for _ in range(PAST)]
        today = day(rng, shop, faults(values))
        sizes = np.log([max(size_of(split), 1.0) for split in past])
        reach = max(0.1, 2.75 * float(np.std(sizes)))
        expected = float(np.exp(np.median(sizes)))
        if abs(math.log(max(size_of(today), 1.0) / expected)) <= reach:
            continue
        off += 1
        usual = Usual(expected, math.exp(-reach), math.exp(reach))
        found = break_down("total", today, past, own_weekday, usual)
        named += found is not None
        right += found is not None and found.leading.value == "v00"
    return off, named, right


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20251)
    options = parser.parse_args()
    print("| of | values differ by | orders | spread | one -96%: named | another named | all alike: named |")
    print("|---|---|---|---|---|---|---|")
    rng = np.random.default_rng(options.seed)
    for amounts, wobble in ((False, 0.0), (False, 0.15), (True, 0.15)):
        for mean in ORDERS[: 2 if amounts else 3]:
            for name, weights in SPREADS.items():
                shop = Shop(mean, weights, wobble, amounts)
                hits = simulate(rng, options.draws, shop, one)
                falls = simulate(rng, options.draws, shop, all_alike(ALIKE))
                rises = simulate(rng, options.draws, shop, all_alike(MORE))
                what = "amounts" if amounts else "orders"
                print(
                    f"| {what} | {wobble:.0%} | {mean} | {name} | {hits[2]} of {hits[0]} | "
                    f"{hits[1] - hits[2]} | {falls[1] + rises[1]} of {falls[0] + rises[0]} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
