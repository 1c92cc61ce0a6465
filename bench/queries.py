"""The cost of a contract's SQL rules: profiling a file alone, with one query, with five.

    python bench/queries.py --mb 50

Orders are generated; each run starts a new process for its queries, like the exporter. Rounds are
interleaved. Processor seconds are those of both processes.
"""

import argparse
import itertools
import os
import random
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

from exporter.discover.calendar import Calendar
from exporter.feed import Column, Query, Table
from exporter.model import SourceFile, Stage, Stamp
from exporter.profiling.run import open_part, profile_file
from exporter.queries.answer import Bounds, Known, answer
from exporter.template import PathTemplate

DAY = date(2025, 3, 1)
TABLE = Table(
    "orders",
    Stage.RAW,
    PathTemplate("orders_{date:%Y%m%d}.csv"),
    (
        Column("order_id", "integer", required=True),
        Column("ordered_at", "timestamp", event_time=True),
        Column("amount", "number"),
        Column("state", "category"),
        Column("mail", "text"),
    ),
)
STATEMENTS = (
    "SELECT count(*) / count(DISTINCT mail) FROM ${table}",
    "SELECT count(*) FILTER (amount < 0) FROM ${table}",
    "SELECT quantile_cont(amount, 0.95) FROM ${table}",
    "SELECT count(*) FROM (SELECT order_id FROM ${table} GROUP BY order_id HAVING count(*) > 1)",
    "SELECT epoch(max(ordered_at) - min(ordered_at)) FROM ${table} WHERE state = 'paid'",
)
COUNTS = (0, 1, 5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder) / "orders_20250301.csv", options.mb * 1_000_000)
        taken: dict[int, list[tuple[float, float]]] = {count: [] for count in COUNTS}
        for _ in range(options.rounds):
            for count in COUNTS:
                taken[count].append(measure(source, count, options.threads))
    print(f"{source.stamp.size / 1e6:.0f} MB, {options.threads} threads, median of {options.rounds} rounds")
    alone, alone_cpu = (statistics.median(part) for part in zip(*taken[0], strict=True))
    for count, spent in taken.items():
        wall, cpu = (statistics.median(part) for part in zip(*spent, strict=True))
        print(f"{count} queries: {wall:.2f} s ({wall - alone:+.2f})", end=", ")
        print(f"of the processors {cpu:.2f} s ({cpu - alone_cpu:+.2f})")


def measure(source: SourceFile, count: int, threads: int) -> tuple[float, float]:
    """Profile the file and run some queries on it; return wall and processor seconds."""
    queries = [Query(f"query_{place}", Stage.RAW, sql) for place, sql in enumerate(STATEMENTS[:count])]
    begun, before = time.perf_counter(), sum(os.times()[:4])
    profile = profile_file(source, Calendar().day(DAY), table=TABLE, threads=threads)
    with open_part(source.files[0]) as file:
        found = answer(file, TABLE, queries, Bounds(), known=Known(profile=profile))
    spent = time.perf_counter() - begun, sum(os.times()[:4]) - before
    assert all(isinstance(value, float) for value in found.values()), found
    return spent


def write(path: Path, size: int) -> SourceFile:
    """Write orders until the file has this size."""
    rng = random.Random(1)
    with path.open("w") as file:
        file.write("order_id,ordered_at,amount,state,mail\n")
        for number in itertools.count():
            minute, second = divmod(number % 86_400, 60)
            at = f"2025-03-01T{minute // 60:02d}:{minute % 60:02d}:{second:02d}Z"
            state, who = rng.choice(("new", "paid", "sent")), rng.randrange(100_000)
            file.write(f"{number},{at},{rng.random() * 100:.2f},{state},person{who}@example.com\n")
            if number % 1000 == 0 and file.tell() >= size:
                break
    status = path.stat()
    return SourceFile(
        DAY, Stage.RAW, path, Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    )


if __name__ == "__main__":
    main()
