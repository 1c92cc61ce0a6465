"""The cost of each format and compression of a day, compared with engines that compute the same figures.

    python bench/formats.py --mb 500
    python bench/formats.py --mb 100 --formats parquet ndjson csv.zst

Every run is a separate process, rounds are interleaved, results must agree. Each format is run with those
engines that read it natively: DuckDB and polars decompress gzip and zstd, pandas gzip, bzip2, xz. Ratios are
of processor and wall time to ours on the same file; ours are to ours on the plain CSV.
"""

import argparse
import bz2
import gzip
import lzma
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa
from profiling import compare
from pyarrow import csv
from pyarrow import parquet as pq
from synthetic import write_day

OURS, DUCKDB, POLARS, PANDAS = "ours", "duckdb_sql", "polars_lazy", "pandas_arrow"
ENGINES = {
    "csv": (OURS, DUCKDB, POLARS, PANDAS),
    "csv.gz": (OURS, DUCKDB, POLARS, PANDAS),
    "csv.zst": (OURS, DUCKDB, POLARS),
    "csv.bz2": (OURS, PANDAS),
    "csv.lz4": (OURS,),
    "csv.xz": (OURS, PANDAS),
    "parquet": (OURS, DUCKDB, POLARS, PANDAS),
    "ndjson": (OURS, DUCKDB, POLARS),
}
ROW_GROUP = 1 << 17  # rows
Table = dict[str, dict[str, float]]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--formats", nargs="+", default=list(ENGINES), choices=ENGINES)
    options = parser.parse_args()
    usual: Table = {}
    print(HEADING)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        plain = Path(folder, "day.csv")
        write_day(plain, options.mb * 1_000_000)
        for form in dict.fromkeys(("csv", *options.formats)):
            path = plain if form == "csv" else write(plain, form)
            found = compare(path, list(ENGINES[form]), options.rounds, options.threads)
            usual = usual or found
            print(render(form, path.stat().st_size, found, usual[OURS]), flush=True)
            if path != plain:
                path.unlink()
    return 0


def write(plain: Path, form: str) -> Path:
    """Write the day in another format."""
    path = plain.with_suffix(f".{form}")
    WRITERS[form](plain, path)
    return path


def _packed(opened: Callable[..., IO[bytes]], **options: int) -> Callable[[Path, Path], None]:
    def pack(plain: Path, path: Path) -> None:
        with plain.open("rb") as source, opened(path, "wb", **options) as target:
            shutil.copyfileobj(source, target, 1 << 20)

    return pack


def _by_arrow(codec: str) -> Callable[[Path, Path], None]:
    def pack(plain: Path, path: Path) -> None:
        arrow: Any = pa
        with plain.open("rb") as source, arrow.CompressedOutputStream(str(path), codec) as target:
            while piece := source.read(1 << 20):
                target.write(piece)

    return pack


def _batches(plain: Path) -> Any:
    """Read the day as text, block by block; empty values are null, as in typed files."""
    with plain.open("rb") as file:
        names = file.readline().decode().strip().split(",")
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    return csv.open_csv(plain, csv.ReadOptions(block_size=16 << 20), convert_options=options)


def _parquet(plain: Path, path: Path) -> None:
    reader = _batches(plain)
    with pq.ParquetWriter(path, reader.schema) as writer:
        waiting: list[Any] = []
        for batch in reader:
            waiting.append(batch)
            if sum(one.num_rows for one in waiting) >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting), row_group_size=ROW_GROUP)
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _ndjson(plain: Path, path: Path) -> None:
    with path.open("wb") as file:
        for batch in _batches(plain):
            file.writelines(orjson.dumps(row) + b"\n" for row in batch.to_pylist())


WRITERS: dict[str, Callable[[Path, Path], None]] = {
    "csv.gz": _packed(gzip.open, compresslevel=6),
    "csv.zst": _by_arrow("zstd"),
    "csv.bz2": _packed(bz2.open),
    "csv.lz4": _by_arrow("lz4"),
    "csv.xz": _packed(lzma.open, preset=1),
    "parquet": _parquet,
    "ndjson": _ndjson,
}
HEADING = "| format | MB | engine | processor s | x ours | s | x ours | peak MB |\n" + "|---" * 8 + "|"


def render(form: str, size: int, table: Table, usual: dict[str, float]) -> str:
    """Format the rows of one format; ours are compared with ours on the plain file."""
    lines = []
    for engine, run in table.items():
        against = usual if engine == OURS else table[OURS]
        name = "ours, against CSV" if engine == OURS else engine
        lines.append(
            f"| {form} | {size / 1e6:.0f} | {name} "
            f"| {run['processor']:.2f} | {run['processor'] / against['processor']:.2f} "
            f"| {run['work']:.2f} | {run['work'] / against['work']:.2f} | {run['peak']:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
