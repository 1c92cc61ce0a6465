"""What docs/scale.md extrapolates from: the cost of a scheduler, a Prometheus and an exporter by size.

    python bench/scale.py scheduler --ranges 10000 100000
    python bench/scale.py prometheus --kind contract --feeds 50 150 450 [--prometheus PROGRAM]
    python bench/scale.py disk --kind contract
    python bench/scale.py exporter --feeds 25 50 100

Each measures several sizes and prints one line per size, and the slope between them, which is what
``scale_model.py`` uses. Processor seconds are printed rather than time, because other work on the machine
affects them less.

- ``scheduler``: a real Dask scheduler and two workers process ranges that read nothing, in the exporter's own
  tree of merges and with its own limit of ranges in flight.
- ``prometheus``: a real server scrapes pages of many feeds of 35 days, derived from one feed's real page,
  with and without the shipped rules.
- ``disk``: bytes per sample in a block that promtool writes from one feed's page.
- ``exporter``: one process serves many small feeds: memory, CPU at rest, and the cost of a delivery.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # for workers, which have to import the work
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the tests' own Prometheus

from scale_parts import disk, exporter, prometheus, scheduler

Rows = Sequence[Mapping[str, float]]


def main() -> int:
    """Measure one part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(dest="part", required=True)
    one = parts.add_parser("scheduler")
    one.add_argument("--ranges", type=int, nargs="+", default=[10_000, 100_000])
    one.add_argument("--in-flight", type=int, default=16)
    one.set_defaults(measure=scheduler.measure, size="ranges")
    one = parts.add_parser("prometheus")
    one.add_argument("--kind", choices=("contract", "events"), default="contract")
    one.add_argument("--feeds", type=int, nargs="+", default=[50, 150, 450])
    one.add_argument("--prometheus", default="prometheus", metavar="PROGRAM")
    one.add_argument("--interval", type=int, default=30, metavar="SECONDS")
    one.add_argument("--rounds", type=int, default=4)
    one.set_defaults(measure=prometheus.measure, size="series")
    one = parts.add_parser("disk")
    one.add_argument("--kind", choices=("contract", "events"), default="contract")
    one.add_argument("--hours", type=int, nargs="+", default=[2, 18])
    one.add_argument("--series", type=int, default=250, help="evenly taken from the page")
    one.set_defaults(measure=disk.measure, size="samples")
    one = parts.add_parser("exporter")
    one.add_argument("--feeds", type=int, nargs="+", default=[25, 50, 100])
    one.add_argument("--rest", type=float, default=60.0, metavar="SECONDS")
    one.set_defaults(measure=exporter.measure, size="feeds")
    options = parser.parse_args()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    report(options.measure, options)
    return 0


def report(measure: Callable[[argparse.Namespace], Rows], options: argparse.Namespace) -> None:
    """Print what each size took, and the slope of each column over the sizes."""
    rows = list(measure(options))
    for name in rows[0] if len(rows) > 1 else ():
        if name != options.size:
            slope, base = fit([row[options.size] for row in rows], [row[name] for row in rows])
            print(f"{name}: {slope:.6g} for each of {options.size}, {base:.6g} without any")


def fit(sizes: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Return slope and intercept of the least-squares line."""
    middle, level = sum(sizes) / len(sizes), sum(values) / len(values)
    spread = sum((size - middle) ** 2 for size in sizes)
    pairs = zip(sizes, values, strict=True)
    slope = sum((size - middle) * (value - level) for size, value in pairs) / spread
    return slope, level - slope * middle


if __name__ == "__main__":
    sys.exit(main())
