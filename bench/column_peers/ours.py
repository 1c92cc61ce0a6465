"""The column types, on blocks from a CSV reader."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from exporter.feed import Column
from exporter.model import ColumnFigures, Day
from exporter.profiling.kinds import TYPES, Reading, State
from exporter.profiling.missing import NO_VALUE

from . import COLUMNS, Told

BLOCK = 8 << 20
PARSED = 512 << 10
DAY = Day(datetime(2013, 1, 1, tzinfo=UTC).date(), 0, 86_400 * 10**9)
KEPT = {
    "missing_rows": "missing_rows",
    "distinct_values": "distinct",
    "minimum": "minimum",
    "maximum": "maximum",
    "sum_of_values": "sum",
    "mean": "mean",
}
READINGS = {name: Reading(Column(name, kind), DAY, NO_VALUE) for name, kind in COLUMNS.items()}


def tell(path: Path, threads: int) -> Told:
    """Tally every block and merge the results."""
    pa.set_cpu_count(threads)
    total = {name: TYPES[kind].absent(0) for name, kind in COLUMNS.items()}
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(partial(_tally, path), _spans(path)):
            total = {name: total[name].merge(state) for name, state in found.items()}
    return {name: shown(state.seal()) for name, state in total.items()}


def _spans(path: Path) -> Iterator[tuple[int, int]]:
    with path.open("rb") as file:
        start = len(file.readline())
        size = path.stat().st_size
        while start < size:
            file.seek(min(start + BLOCK, size))
            file.readline()
            yield start, file.tell()
            start = file.tell()


def _tally(path: Path, span: tuple[int, int]) -> dict[str, State]:
    with path.open("rb") as file:
        file.seek(span[0])
        block = file.read(span[1] - span[0])
    table = csv.read_csv(
        pa.BufferReader(block),
        csv.ReadOptions(use_threads=False, block_size=PARSED, column_names=list(COLUMNS)),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()), check_utf8=False),
    )
    return {name: TYPES[kind].tally(table.column(name), READINGS[name]) for name, kind in COLUMNS.items()}


def shown(figures: ColumnFigures) -> dict[str, object]:
    """Return the figures computed by all engines."""
    told: dict[str, object] = {
        figure: figures.numbers[name] for name, figure in KEPT.items() if name in figures.numbers
    }
    if figures.type == "timestamp":
        told["minimum"] = figures.numbers["earliest_timestamp_seconds"]
        told["maximum"] = figures.numbers["latest_timestamp_seconds"]
    if figures.type == "category":
        told["values"] = dict(figures.values)
    return told
